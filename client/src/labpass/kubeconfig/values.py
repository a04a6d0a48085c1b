"""What a value in a kubeconfig must look like to stay: addresses, certificates, our own plugin.

Pure. Each returns what may stay of a value, or None; a part that has to go is left out.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from labpass.kubeconfig.document import EXTENSION, Login, plain, user

EXEC_VERSIONS: Final = {f"client.authentication.k8s.io/{v}": v for v in ("v1", "v1beta1")}
CERTIFICATE: Final = re.compile(
    r"-----BEGIN CERTIFICATE-----\s[A-Za-z0-9+/=\s]+?-----END CERTIFICATE-----"
)
HOST: Final = re.compile(r"[A-Za-z0-9.:-]{1,253}")
KEY: Final = re.compile(r"[0-9a-f]{64}")


def address(server: Any) -> str | None:
    """Return an https address without a user name, a password, a query or a fragment in it."""
    if not isinstance(server, str) or not server.isprintable():
        return None
    try:
        parts = urlsplit(server)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme != "https" or not host or not HOST.fullmatch(host):
        return None
    name = f"[{host}]" if ":" in host else host
    if parts.netloc.lower() in {name, f"{name}:{port}"} and not parts.query and not parts.fragment:
        return server
    return f"https://{name}{f':{port}' if port else ''}{parts.path}"


def certificates(data: Any) -> str | None:
    """Return the certificates of a CA bundle and nothing that hides among them, such as a key."""
    if not isinstance(data, str):
        return None
    try:
        text = base64.b64decode("".join(data.split()), validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return None
    found = CERTIFICATE.findall(text)
    if CERTIFICATE.sub("", text).strip() == "":
        return data if found else None
    return base64.b64encode(("\n".join(found) + "\n").encode()).decode() if found else None


def embedded(pem: str) -> str:
    """Return the certificates of a CA file as a kubeconfig holds them, and nothing beside them."""
    found = "\n".join(CERTIFICATE.findall(pem)) + "\n"
    return base64.b64encode(found.encode()).decode()


def login(found: Any, commands: frozenset[str]) -> Login | None:
    """Read our plugin's five arguments; None for any other program or call."""
    if not isinstance(found, Mapping) or found.get("command") not in list(commands):
        return None
    version = EXEC_VERSIONS.get(str(found.get("apiVersion")))
    match found.get("args"):
        case [str() as said, str() as key, str() as issuer, str() as audience, str() as profile]:
            if said != version or not KEY.fullmatch(key) or address(issuer) != issuer:
                return None
            return Login(
                command=found["command"],
                key=key,
                issuer=issuer,
                audience=audience,
                profile=profile,
                version=version,
            )
        case _:
            return None


def is_exactly(found: Mapping[str, Any], ours: Login) -> bool:
    """True if the entry is exactly what we would write; anything more may hide something."""
    return bool(plain(found) == user(ours)["user"]["exec"])


def is_our_mark(extensions: Any) -> bool:
    """True for our own mark and nothing beside it."""
    match plain(extensions):
        case [{"name": str() as name, "extension": {"issuer": str() as issuer, **more}, **beside}]:
            return name == EXTENSION and not more and not beside and address(issuer) == issuer
        case _:
            return False
