"""Takes every credential of an administrator out of a kubeconfig, and names each one.

Pure. Cleaning never deletes from what was given: it builds anew what is allowed to stay and reports
what was left behind. A report names the place of a credential, never the credential.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from labpass.kubeconfig import values
from labpass.kubeconfig.document import PLUGIN, Login, plain, user

NAME: Final = re.compile(r"[^\x00-\x1f\x7f]{1,253}")
LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class NotAKubeconfig(ValueError):
    """The document has another shape than a kubeconfig."""


class Kind(StrEnum):
    """Why something must not stay."""

    CREDENTIAL = "credential"
    CODE = "runs a program"
    IMPERSONATION = "acts as somebody else"
    RISK = "weakens the connection"
    UNKNOWN = "not on the list of what may stay"
    DUPLICATE = "a second entry of that name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was left behind: where it stood, and why. Never its value."""

    place: str
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """What may be handed to a researcher, and what was left behind."""

    document: dict[str, Any]
    findings: tuple[Finding, ...]


def clean(
    document: object,
    *,
    commands: Sequence[str] = (PLUGIN,),
    login: Login | None = None,
    authorities: Mapping[str, str] | None = None,
) -> Cleaned:
    """Build what may stay of ``document``.

    ``commands``: plugin commands that may stay (with our arguments). ``login``: what contexts get
    instead of a user that was left behind; without it they have none. ``authorities``: the PEM
    behind each ``certificate-authority`` path, embedded in its place. Cleaning a cleaned document
    changes nothing. Raises `NotAKubeconfig`.
    """
    found = _mapping(document)
    if found.get("kind", "Config") != "Config" or found.get("apiVersion", "v1") != "v1":
        raise NotAKubeconfig("it is a document of another kind")
    report = _Report()
    clusters = _entries(found, "clusters", "cluster", report, _Clusters(authorities or {}).clean)
    users = _entries(found, "users", "user", report, _Users(frozenset(commands)).clean)
    contexts = _entries(found, "contexts", "context", report, _clean_context)
    _rewire(contexts, users, login)
    for key, value in found.items():
        if key not in TOP and value not in NOTHING:
            report.add(str(key), Kind.UNKNOWN)
    current = found.get("current-context")
    if current not in [*NOTHING, *(one["name"] for one in contexts)]:
        report.add("current-context", Kind.UNKNOWN)
        current = ""
    return Cleaned(
        document={
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": clusters,
            "users": users,
            "contexts": contexts,
            "current-context": current or "",
        },
        findings=tuple(report.findings),
    )


NOTHING: Final[tuple[Any, ...]] = (
    None,
    "",
    {},
    [],
)  # kubectl writes such for fields that nobody set
TOP: Final = {"apiVersion", "kind", "clusters", "users", "contexts", "current-context"}
USER_KINDS: Final = {
    "client-certificate": Kind.CREDENTIAL,
    "client-certificate-data": Kind.CREDENTIAL,
    "client-key": Kind.CREDENTIAL,
    "client-key-data": Kind.CREDENTIAL,
    "token": Kind.CREDENTIAL,
    "tokenFile": Kind.CREDENTIAL,
    "username": Kind.CREDENTIAL,
    "password": Kind.CREDENTIAL,
    "auth-provider": Kind.CREDENTIAL,
    "exec": Kind.CODE,
    "as": Kind.IMPERSONATION,
    "as-uid": Kind.IMPERSONATION,
    "as-groups": Kind.IMPERSONATION,
    "as-user-extra": Kind.IMPERSONATION,
}
CLUSTER_KINDS: Final = {
    "proxy-url": Kind.RISK,
    "insecure-skip-tls-verify": Kind.RISK,
    "server": Kind.RISK,
    "certificate-authority": Kind.RISK,
    "certificate-authority-data": Kind.CREDENTIAL,
}


@dataclass(slots=True)
class _Report:
    findings: list[Finding] = field(default_factory=list)

    def add(self, place: str, kind: Kind) -> None:
        self.findings.append(Finding(place=place, kind=kind))

    def refuse(self, place: str, value: Any, kind: Kind) -> None:
        """Add a finding, unless there is nothing there: kubectl writes empty fields too."""
        if value not in NOTHING:
            self.add(place, kind)


Cleaner = Callable[[str, Mapping[str, Any], _Report], dict[str, Any] | None]


def _entries(
    found: Mapping[str, Any], plural: str, singular: str, report: _Report, cleaner: Cleaner
) -> list[dict[str, Any]]:
    """Clean one of the three lists of named entries; what comes second under a name goes."""
    kept: dict[str, dict[str, Any]] = {}
    seen: set[str] = set()
    for name, entry in _named(found, plural, report):
        place = f"{plural}[{name}]"
        if name in seen:
            report.add(place, Kind.DUPLICATE)
            continue
        seen.add(name)
        for key in entry:
            if key not in {"name", singular}:
                report.add(f"{place}.{key}", Kind.UNKNOWN)
        inside = entry.get(singular)
        cleaned = cleaner(
            f"{place}.{singular}", inside if isinstance(inside, Mapping) else {}, report
        )
        if cleaned is not None:
            kept[name] = {"name": name, singular: cleaned}
    return list(kept.values())


def _named(
    found: Mapping[str, Any], plural: str, report: _Report
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    held = found.get(plural) or []
    if not isinstance(held, Sequence) or isinstance(held, str):
        raise NotAKubeconfig(f"{plural} is not a list")
    for number, entry in enumerate(held):
        if not isinstance(entry, Mapping):
            raise NotAKubeconfig(f"{plural}[{number}] is not an entry with a name")
        name = entry.get("name")
        if isinstance(name, str) and NAME.fullmatch(name):
            yield name, entry
        else:
            report.add(f"{plural}[{number}]", Kind.UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Clusters:
    authorities: Mapping[str, str]

    def clean(
        self, place: str, inside: Mapping[str, Any], report: _Report
    ) -> dict[str, Any] | None:
        server = inside.get("server")
        address = values.address(server)
        if address is None:
            report.add(f"{place}.server", Kind.RISK)
            return None
        kept: dict[str, Any] = {"server": address}
        if address != server:
            report.add(f"{place}.server", Kind.CREDENTIAL)
        for key, value in inside.items():
            if key == "server" or (key == "insecure-skip-tls-verify" and value is False):
                continue
            self._keep(key, value, kept, report, f"{place}.{key}")
        return kept

    def _keep(
        self, key: str, value: Any, kept: dict[str, Any], report: _Report, place: str
    ) -> None:
        match key:
            case "certificate-authority-data":
                data = values.certificates(value)
                if data is not None:
                    kept[key] = data
                if data != value:
                    report.add(place, Kind.CREDENTIAL)
            case "certificate-authority" if value in list(self.authorities):
                embedded = values.embedded(self.authorities[value])
                kept.setdefault("certificate-authority-data", embedded)
            case "tls-server-name" if isinstance(value, str) and values.HOST.fullmatch(value):
                kept[key] = value
            case "disable-compression" if isinstance(value, bool):
                kept[key] = value
            case "extensions" if values.is_our_mark(value):
                kept[key] = plain(value)
            case _:
                report.refuse(place, value, CLUSTER_KINDS.get(key, Kind.UNKNOWN))


@dataclass(frozen=True, slots=True)
class _Users:
    commands: frozenset[str]

    def clean(
        self, place: str, inside: Mapping[str, Any], report: _Report
    ) -> dict[str, Any] | None:
        """Keep our plugin, rebuilt from its arguments; an entry without it goes as a whole."""
        login = values.login(inside.get("exec"), self.commands)
        for key, value in inside.items():
            is_all_ours = key == "exec" and login is not None and values.is_exactly(value, login)
            if not is_all_ours and value not in NOTHING:
                report.add(f"{place}.{key}", USER_KINDS.get(key, Kind.UNKNOWN))
        if login is None:
            return None
        rebuilt: dict[str, Any] = user(login)["user"]
        return rebuilt


def _clean_context(place: str, inside: Mapping[str, Any], report: _Report) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, value in inside.items():
        is_name = isinstance(value, str) and NAME.fullmatch(value)
        if (key in {"cluster", "user"} and is_name) or (
            key == "namespace" and isinstance(value, str) and LABEL.fullmatch(value)
        ):
            kept[key] = value
        elif key == "extensions" and values.is_our_mark(value):
            kept[key] = plain(value)
        elif value not in NOTHING:
            report.add(f"{place}.{key}", Kind.UNKNOWN)
    return kept


def authority_paths(document: object) -> list[str]:
    """Return the CA files that clusters name, for `clean` to embed."""
    found = _mapping(document)
    return [
        path
        for _, entry in _named(found, "clusters", _Report())
        if isinstance(entry.get("cluster"), Mapping)
        and isinstance(path := entry["cluster"].get("certificate-authority"), str)
    ]


def _rewire(
    contexts: list[dict[str, Any]], users: list[dict[str, Any]], login: Login | None
) -> None:
    """Point contexts whose user was left behind at ours, or at nobody."""
    left = {one["name"] for one in users}
    for context in contexts:
        inside = context["context"]
        if inside.get("user") in left:
            continue
        inside.pop("user", None)
        if login is not None:
            inside["user"] = login.audience
            if login.audience not in left:
                users.append(user(login))
                left.add(login.audience)


def _mapping(document: object) -> Mapping[str, Any]:
    if not isinstance(document, Mapping):
        raise NotAKubeconfig("it is not a kubeconfig")
    return document
