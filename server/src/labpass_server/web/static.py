"""Files for the browser: hashed names, cached for ever, compressed once, served from memory."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

DIRECTORY: Final = Path(__file__).parent / "static"
_TYPES: Final = MappingProxyType(
    {
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".svg": "image/svg+xml",
    }
)
_FOR_EVER: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One file: what it is called in an address, and what it holds."""

    address: str
    media_type: str
    body: bytes

    @cached_property
    def compressed(self) -> bytes:
        """The body in gzip, made when it is first asked for."""
        return gzip.compress(self.body, mtime=0)


class Assets:
    """Every file under one directory by its plain name; only these can be served."""

    def __init__(self, files: Mapping[str, bytes], *, prefix: str = "/static") -> None:
        found = {name: _asset(name, body, prefix) for name, body in files.items()}
        self._by_name = found
        self._by_address = {asset.address: asset for asset in found.values()}

    def address(self, name: str) -> str:
        """Return the hashed address of a file; `KeyError` for a name that no file has."""
        return self._by_name[name].address

    async def serve(self, request: Request) -> Response:
        """Answer a request for a hashed address."""
        asset = self._by_address.get(request.url.path)
        if asset is None:
            return Response("no such file\n", status_code=404, media_type="text/plain")
        headers = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
        body = asset.body
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = asset.compressed
        return Response(body, media_type=asset.media_type, headers=headers)


def load(directory: Path = DIRECTORY, *, prefix: str = "/static") -> Assets:
    """Read every file a browser may have; licences and manifests stay where they are."""
    files = {
        str(path.relative_to(directory)): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.suffix in _TYPES
    }
    return Assets(files, prefix=prefix)


def _asset(name: str, body: bytes, prefix: str) -> Asset:
    stem, dot, suffix = name.rpartition(".")
    digest = hashlib.sha256(body).hexdigest()[:12]
    return Asset(
        address=f"{prefix}/{stem}.{digest}{dot}{suffix}",
        media_type=_TYPES[dot + suffix],
        body=body,
    )
