"""The AuthenticationConfiguration of an API server: ours beside what is there already.

v1 from Kubernetes 1.34, v1beta1 from 1.30; the fields that we write are spelled alike in both. An
entry is ours when writing what was read gives the same entry again; everything else is somebody
else's and is carried along as it stands.
"""

from collections.abc import Mapping
from typing import Final

from labpass.trust.config import TrustConfig
from labpass.trust.errors import Invalid, NotExpressible
from labpass.trust.version import Version

Document = Mapping[str, object]
KIND: Final = "AuthenticationConfiguration"
_HANDLE: Final = "[a-z0-9][-a-z0-9._]{0,61}[a-z0-9]"
"""A person's handle, 2 to 63 signs: an API server takes an empty user name without a word."""
RESERVED_NAMES: Final = (
    {"expression": "!user.username.startsWith('system:')", "message": "reserved user"},
    {"expression": "user.groups.all(g, !g.startsWith('system:'))", "message": "reserved group"},
)


def entry(config: TrustConfig) -> dict[str, object]:
    """Return our item of ``jwt``: issuer, mappings with prefixes, rules against reserved names.

    Nothing in an API server refuses a ``system:`` name by itself, so the rules always stand there.
    """
    issuer: dict[str, object] = {"url": config.issuer}
    if config.certificate_authority is not None:
        issuer["certificateAuthority"] = config.certificate_authority
    issuer["audiences"] = list(config.audiences)
    if len(config.audiences) > 1:
        issuer["audienceMatchPolicy"] = "MatchAny"
    item: dict[str, object] = {"issuer": issuer}
    if config.required_claims:
        item["claimValidationRules"] = [
            {"claim": claim, "requiredValue": value} for claim, value in config.required_claims
        ]
    item["claimMappings"] = {
        "username": {"claim": config.username_claim, "prefix": config.username_prefix},
        "groups": {"claim": config.groups_claim, "prefix": config.groups_prefix},
    }
    item["userValidationRules"] = _rules(config.username_prefix)
    return item


def _rules(prefix: str) -> list[dict[str, str]]:
    handle = f"user.username.matches('^{_as_pattern(prefix)}{_HANDLE}$')"
    return [
        *(dict(rule) for rule in RESERVED_NAMES),
        {"expression": handle, "message": "not a Labpass handle"},
    ]


def _as_pattern(prefix: str) -> str:
    """Escape for RE2 by character classes: a backslash would need escaping again in CEL."""
    return "".join(f"[{sign}]" if sign in ".+" else sign for sign in prefix)


def keeps_away(prefix: str) -> dict[str, str]:
    """Return the rule that keeps another issuer from producing names under our prefix."""
    return {
        "expression": f"!user.username.startsWith('{prefix}')",
        "message": f"{prefix} belongs to Labpass",
    }


def empty(version: Version) -> dict[str, object]:
    """Return a valid configuration that trusts nobody: what one restart installs, once."""
    return {"apiVersion": _api_version(version), "kind": KIND, "jwt": []}


def merge(document: Document | None, config: TrustConfig, version: Version) -> dict[str, object]:
    """Return the configuration with our entry in it; what is not ours stays, in its order.

    An entry for the same issuer is replaced where it stands. ``anonymous`` and other entries are
    not touched. Raises `NotExpressible` below 1.30, `Invalid` when ``document`` is something else.
    """
    found = empty(version) if document is None else plain(document)
    wanted = entry(config)
    items = entries(found)
    places = [place for place, item in enumerate(items) if issuer_of(item) == config.issuer]
    if places:
        items[places[0]] = wanted
        items = [item for place, item in enumerate(items) if place not in places[1:]]
    else:
        items = [*items, wanted]
    return _with_entries(found, items, version)


def remove(document: Document, issuer: str, version: Version) -> dict[str, object]:
    """Return the configuration without the entry of ``issuer``, all else as it stands."""
    found = plain(document)
    kept = [item for item in entries(found) if issuer_of(item) != issuer]
    return _with_entries(found, kept, version)


def _with_entries(found: Document, items: list[object], version: Version) -> dict[str, object]:
    written: dict[str, object] = {"apiVersion": _api_version(version), "kind": KIND}
    written |= {name: held for name, held in found.items() if name not in {*written, "jwt"}}
    return written | {"jwt": items}


def _api_version(version: Version) -> str:
    if not version.mechanism.is_a_file:
        msg = f"{version} is told by flags: its configuration file is alpha and off"
        raise NotExpressible(msg)
    return str(version.mechanism)


def read(document: Document) -> tuple[TrustConfig, ...]:
    """Return the entries that are ours, in their order, as far as a file can say it.

    A file has no field for algorithms, so ``algorithms`` comes back empty.
    """
    found = [_as_config(item) for item in entries(document)]
    return tuple(config for config in found if config is not None)


def foreign(document: Document) -> tuple[str, ...]:
    """Return the issuers of the entries that are not ours, in their order."""
    items = entries(document)
    return tuple(issuer_of(item) or "(no issuer)" for item in items if _as_config(item) is None)


def entries(document: Document) -> list[object]:
    """Return the items of ``jwt``. Raises `Invalid` when it is no list."""
    items = document.get("jwt")
    if items is None:
        return []
    if not isinstance(items, list):
        raise Invalid("jwt", "must be a list")
    return items


def issuer_of(item: object) -> str | None:
    """Return the address of one entry's issuer, when it has one."""
    url = at(item, "issuer", "url")
    return url if isinstance(url, str) else None


def at(value: object, *path: str) -> object:
    """Return what stands at a path of keys, or `None`."""
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def _as_config(item: object) -> TrustConfig | None:
    fields: dict[str, object] = {
        "issuer": at(item, "issuer", "url"),
        "certificate_authority": at(item, "issuer", "certificateAuthority"),
        "audiences": at(item, "issuer", "audiences"),
        "username_claim": at(item, "claimMappings", "username", "claim"),
        "username_prefix": at(item, "claimMappings", "username", "prefix"),
        "groups_claim": at(item, "claimMappings", "groups", "claim"),
        "groups_prefix": at(item, "claimMappings", "groups", "prefix"),
        "required_claims": _required(at(item, "claimValidationRules")),
        "algorithms": [],
    }
    try:
        config = TrustConfig.from_document(fields)
    except Invalid:
        return None
    return config if entry(config) == item else None


def _required(rules: object) -> dict[str, object]:
    if not isinstance(rules, list):
        return {}
    return {str(at(rule, "claim")): at(rule, "requiredValue") for rule in rules}


def plain(document: Document) -> dict[str, object]:
    """Return a deep copy of plain dicts and lists; changing it changes nothing else."""
    return {str(name): _copied(held) for name, held in document.items()}


def _copied(value: object) -> object:
    match value:
        case Mapping():
            return plain(value)
        case list() | tuple():
            return [_copied(one) for one in value]
        case _:
            return value
