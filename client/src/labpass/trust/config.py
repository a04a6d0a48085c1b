"""`TrustConfig`: what an API server must be told, before any distribution spells it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Self
from urllib.parse import urlsplit

from labpass.trust import certificates
from labpass.trust.errors import Invalid

ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "ES256",
    "ES384",
    "ES512",
    "PS256",
    "PS384",
    "PS512",
)
"""What a kube-apiserver can be told to accept. A structured configuration accepts all of them."""
RESERVED: Final = ("system:", "kubeadm:")
"""Beginnings of names that Kubernetes keeps for itself."""
_PREFIX: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@#+=-]{0,126}[:/#@+=._-]", re.ASCII)
_CLAIM: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}", re.ASCII)
_VISIBLE: Final = re.compile(r"[\x21-\x7e]{1,253}", re.ASCII)
_DEFAULTS: Final = {
    "username_claim": "preferred_username",
    "username_prefix": "labpass:",
    "groups_claim": "groups",
    "groups_prefix": "labpass:",
}
_FIELDS: Final = frozenset(
    {
        "issuer",
        "certificate_authority",
        "audiences",
        *_DEFAULTS,
        "required_claims",
        "algorithms",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustConfig:
    """Whom an API server believes, and under which names. Sound once it exists.

    ``certificate_authority`` is PEM text, or `None` for the machine's own roots. A prefix is never
    empty and ends in a sign that no handle starts with, so a name without it cannot pass for one
    of ours. ``required_claims`` are pairs, in order. Empty ``algorithms`` mean: whatever the API
    server accepts. Raises `Invalid`.
    """

    issuer: str
    certificate_authority: str | None = None
    audiences: tuple[str, ...]
    username_claim: str = "preferred_username"
    username_prefix: str = "labpass:"
    groups_claim: str = "groups"
    groups_prefix: str = "labpass:"
    required_claims: tuple[tuple[str, str], ...] = ()
    algorithms: tuple[str, ...] = ("RS256",)

    def __post_init__(self) -> None:
        check_url("issuer", self.issuer)
        if self.certificate_authority is not None:
            certificates.check("certificate_authority", self.certificate_authority)
        _check_audiences(self.audiences)
        for field in ("username_claim", "groups_claim"):
            _check_claim(field, getattr(self, field))
        for field in ("username_prefix", "groups_prefix"):
            _check_prefix(field, getattr(self, field))
        _check_required(self.required_claims)
        unknown = sorted(set(self.algorithms) - set(ALGORITHMS))
        if unknown:
            raise Invalid("algorithms", f"no API server knows {', '.join(unknown)}")
        if len(set(self.algorithms)) != len(self.algorithms):
            raise Invalid("algorithms", "one stands there twice")

    @classmethod
    def from_document(cls, document: Mapping[str, object]) -> Self:
        """Read what `to_document` wrote, such as the ``trust`` of a bundle. Raises `Invalid`.

        A field that we do not know is refused: it would be a wish that nobody carries out.
        """
        unknown = sorted(set(document) - _FIELDS)
        if unknown:
            raise Invalid(unknown[0], "is not a field of a trust configuration")
        for name in ("issuer", "audiences"):
            if name not in document:
                raise Invalid(name, "is missing")
        texts = {
            name: _text(name, document.get(name, default)) for name, default in _DEFAULTS.items()
        }
        authority = document.get("certificate_authority")
        return cls(
            issuer=_text("issuer", document["issuer"]),
            certificate_authority=(
                None if authority is None else _text("certificate_authority", authority)
            ),
            audiences=_texts("audiences", document["audiences"]),
            required_claims=_pairs(document.get("required_claims", {})),
            algorithms=_texts("algorithms", document.get("algorithms", ["RS256"])),
            **texts,
        )

    def to_document(self) -> dict[str, object]:
        """Return it as plain values, every field named."""
        return {
            "issuer": self.issuer,
            "certificate_authority": self.certificate_authority,
            "audiences": list(self.audiences),
            "username_claim": self.username_claim,
            "username_prefix": self.username_prefix,
            "groups_claim": self.groups_claim,
            "groups_prefix": self.groups_prefix,
            "required_claims": dict(self.required_claims),
            "algorithms": list(self.algorithms),
        }

    def accepting_any_algorithm(self) -> "TrustConfig":
        """Return it as a structured configuration can say it: that has no field for algorithms."""
        return replace(self, algorithms=())


def check_url(field: str, url: str) -> None:
    """Refuse what an API server refuses as an issuer, and a little more: host names in capitals.

    Raises `Invalid`. The string itself counts, with or without its last slash.
    """
    if not _VISIBLE.fullmatch(url.replace("%", "")) or "%" in url or "\\" in url:
        raise Invalid(field, f"{url!r} has signs that do not belong into an address")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as e:
        raise Invalid(field, f"{url!r} is no address: {e}") from e
    if parts.scheme != "https" or not url.startswith("https://"):
        raise Invalid(field, f"{url!r} must begin with https://")
    if not parts.hostname or not re.fullmatch(r"[a-z0-9.-]+|\[[0-9a-f:.]+\]", _host(parts.netloc)):
        raise Invalid(field, f"{url!r} names no host")
    if parts.username is not None or "?" in url or "#" in url or port == 0:
        raise Invalid(field, f"{url!r} must be an address without user, query or fragment")


def _host(netloc: str) -> str:
    return re.sub(r":\d{1,5}$", "", netloc)


def _check_audiences(audiences: tuple[str, ...]) -> None:
    if not audiences:
        raise Invalid("audiences", "at least one is needed")
    for audience in audiences:
        if not _VISIBLE.fullmatch(audience):
            raise Invalid("audiences", f"{audience!r} is not 1 to 253 visible signs")
    if len(set(audiences)) != len(audiences):
        raise Invalid("audiences", "one stands there twice")


def _check_claim(field: str, claim: str) -> None:
    if not _CLAIM.fullmatch(claim):
        raise Invalid(field, f"{claim!r} is no name of a claim")


def _check_prefix(field: str, prefix: str) -> None:
    if not prefix:
        raise Invalid(field, "must not be empty: a bare name could be kubernetes-admin")
    if prefix.startswith(RESERVED):
        raise Invalid(field, f"{prefix!r} is reserved by Kubernetes")
    if not _PREFIX.fullmatch(prefix):
        raise Invalid(field, f"{prefix!r} must be letters and digits that end in a sign like ':'")


def _check_required(pairs: tuple[tuple[str, str], ...]) -> None:
    names = [name for name, _ in pairs]
    for name, value in pairs:
        _check_claim("required_claims", name)
        if not _VISIBLE.fullmatch(value) or "," in value:
            raise Invalid("required_claims", f"{value!r} is not 1 to 253 visible signs")
    if len(set(names)) != len(names):
        raise Invalid("required_claims", "a claim stands there twice")


def _text(field: str, value: object) -> str:
    if not isinstance(value, str):
        raise Invalid(field, "must be a text")
    return value


def _texts(field: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise Invalid(field, "must be a list of texts")
    return tuple(_text(field, one) for one in value)


def _pairs(value: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, Mapping):
        raise Invalid("required_claims", "must be claims and their values")
    return tuple(
        (_text("required_claims", name), _text("required_claims", wanted))
        for name, wanted in value.items()
    )
