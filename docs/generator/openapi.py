"""The REST API, described by the door itself; built over an empty database in memory."""

import json
from typing import Any

from labpass_server.app import authority, opening, territory, wiring
from labpass_server.storage.database import Database

_ISSUER = "https://labpass.example.org"


def render() -> str:
    """Return the document, as ``GET /api/v1/openapi.json`` answers it."""
    return json.dumps(door().app.openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def door() -> Any:
    """Build the door with its table of routes."""
    database = Database("sqlite://")
    opened = opening.Opened(database=database, key=bytes(32), is_new=True)
    try:
        with wiring.adapters(opened) as parts:
            return _joined(database, parts).door
    finally:
        database.close()


def _joined(database: Database, parts: authority.Parts) -> territory.Territory:
    built = authority.build(parts, issuer=_ISSUER)
    return territory.join(
        territory.Given(
            store=database,
            sealer=parts.sealer,
            bearers=built.bearers,
            canaries=built.canaries,
            people=built.people,
            clients=built.clients,
            issuer=_ISSUER,
            certificate_authority=None,
        )
    )
