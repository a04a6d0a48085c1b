"""The ``--oidc-*`` flags: one issuer, one audience, a restart for every change.

What an API server below 1.30 is told, and every other place that takes arguments and no file.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from labpass.trust.config import TrustConfig
from labpass.trust.errors import Invalid, NotExpressible

PREFIX: Final = "--oidc-"
_ONCE: Final = {
    "issuer-url": "issuer",
    "client-id": "audiences",
    "username-claim": "username_claim",
    "username-prefix": "username_prefix",
    "groups-claim": "groups_claim",
    "groups-prefix": "groups_prefix",
    "ca-file": "certificate_authority",
    "signing-algs": "algorithms",
}


def arguments(config: TrustConfig, *, authority_file: str | None = None) -> tuple[str, ...]:
    """Return the flags, in a fixed order.

    ``authority_file`` is where the API server will find ``certificate_authority``, as a path
    inside its own container. Raises `NotExpressible` for a second audience, or an authority
    without a file.
    """
    if len(config.audiences) != 1:
        msg = f"flags name one audience, this configuration has {len(config.audiences)}"
        raise NotExpressible(msg)
    if (config.certificate_authority is None) != (authority_file is None):
        msg = (
            "a private certificate authority needs a file that the API server reads, and only then"
        )
        raise NotExpressible(msg)
    said = {
        "issuer-url": config.issuer,
        "client-id": config.audiences[0],
        "username-claim": config.username_claim,
        "username-prefix": config.username_prefix,
        "groups-claim": config.groups_claim,
        "groups-prefix": config.groups_prefix,
    }
    if authority_file is not None:
        said["ca-file"] = authority_file
    if config.algorithms:
        said["signing-algs"] = ",".join(config.algorithms)
    required = [f"{PREFIX}required-claim={name}={value}" for name, value in config.required_claims]
    return (*(f"{PREFIX}{name}={value}" for name, value in said.items()), *required)


def read(command: Sequence[str], files: Mapping[str, str]) -> TrustConfig | None:
    """Return what a command line says, or `None` when it has no ``--oidc-*`` flag.

    ``files`` gives the text of each file that a flag names. Raises `Invalid` for flags that we
    would not have written: no prefix, an unknown flag, one given twice.
    """
    given = [part.removeprefix(PREFIX) for part in command if part.startswith(PREFIX)]
    if not given:
        return None
    fields: dict[str, object] = {"algorithms": [], "required_claims": {}}
    for part in given:
        name, sign, value = part.partition("=")
        if not sign:
            raise Invalid(f"{PREFIX}{name}", "must be written with =")
        _take(fields, name, value, files)
    for name in ("username-prefix", "groups-prefix", "username-claim", "groups-claim"):
        if _ONCE[name] not in fields:
            raise Invalid(f"{PREFIX}{name}", "is missing, so names would come without our prefix")
    return TrustConfig.from_document(fields)


def _take(fields: dict[str, object], name: str, value: str, files: Mapping[str, str]) -> None:
    if name == "required-claim":
        claim, _, wanted = value.partition("=")
        required = fields["required_claims"]
        assert isinstance(required, dict)
        required[claim] = wanted
        return
    field = _ONCE.get(name)
    if field is None:
        raise Invalid(f"{PREFIX}{name}", "is no flag of an API server")
    if fields.get(field):
        raise Invalid(f"{PREFIX}{name}", "stands there twice")
    match field:
        case "audiences":
            fields[field] = [value]
        case "algorithms":
            fields[field] = value.split(",")
        case "certificate_authority":
            if value not in files:
                raise Invalid(f"{PREFIX}{name}", f"{value} could not be read")
            fields[field] = files[value]
        case _:
            fields[field] = value
