"""An API server that somebody starts themselves: by systemd, by flags, in a test.

Its command line is nobody's but the administrator's, so we write the file that it names with
``--authentication-config`` and say what must be on the command line. From 1.30 on the flag is
installed once, with a configuration that trusts nobody; every later change is loaded while it runs.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from labpass.trust import checks, flags, neighbours, structured, text
from labpass.trust.config import TrustConfig
from labpass.trust.distribution import Change, Effect, Evidence, Found, How, Proof, Reach, Watch
from labpass.trust.findings import Finding, refuse, warn
from labpass.trust.steps import AddArguments, Step, TellPerson, WriteFile, hash_of
from labpass.trust.version import Version

FLAG: Final = "--authentication-config="
_COMMAND_LINE: Final = "the API server's command line"
_RELOAD: Final = timedelta(seconds=120)
"""A reload waits up to a minute for the next full check and a minute for every issuer's keys."""
_RESTART: Final = timedelta(seconds=60)
_SEEN_ON: Final = "kube-apiserver v1.36.3, loaded again while running"


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfManaged:
    """``config_file`` is the path the API server names; ``authority_file`` is for flags only.

    ``instead_of`` are issuers that go when ours comes, such as our own former address.
    """

    config_file: str
    authority_file: str = "/etc/kubernetes/pki/labpass-ca.pem"
    instead_of: tuple[str, ...] = ()
    name: str = "self-managed"
    title: str = "a self-managed API server"
    reach: Reach = Reach.NODE

    def evidence(self, version: Version) -> Evidence:
        """Say what this was seen on."""
        if version.major == 1 and version.minor == 36:  # noqa: PLR2004 -- the version it was seen on
            return Evidence(proof=Proof.REAL, seen_on=_SEEN_ON)
        return Evidence(
            proof=Proof.DOCUMENTS,
            seen_on="kubernetes.io and the source of kube-apiserver, November 2026",
        )

    def change(self, config: TrustConfig, found: Found) -> Change:
        """Plan the file from 1.30 on, flags below."""
        if found.version.mechanism.is_a_file:
            return self._by_file(config, found)
        return self._by_flags(config, found)

    def withdraw(self, issuer: str, found: Found) -> Change:
        """Plan taking the issuer's entry out of today's file; the flag stays, and does no harm."""
        present = found.documents.get(self.config_file)
        before = found.files.get(self.config_file)
        if not found.version.mechanism.is_a_file or present is None or before is None:
            return self._by_hand(found)
        is_there = any(structured.issuer_of(one) == issuer for one in structured.entries(present))
        without = structured.remove(present, issuer, found.version)
        wanted = text.render(without) if is_there else before
        is_running = found.runs_from_file is not False
        return Change(
            steps=(WriteFile(path=self.config_file, text=wanted, before=before),),
            effect=_file_effect(is_running=is_running, is_same=not is_there),
            watch=_watch(wanted, found.version),
            undo=(WriteFile(path=self.config_file, text=before, before=wanted),),
            evidence=self.evidence(found.version),
            findings=(*self._not_running(found), *_lost_comments(before, wanted)),
        )

    def _not_running(self, found: Found) -> tuple[Finding, ...]:
        if found.runs_from_file is not False:
            return ()
        return (refuse(self.config_file, "is not what the API server runs", "name the right file"),)

    def _by_hand(self, found: Found) -> Change:
        if found.version.mechanism.is_a_file:
            words = f"take our issuer out of the file that {FLAG.rstrip('=')} names"
        else:
            words = f"take the --oidc-* arguments off {_COMMAND_LINE} and restart it"
        return Change(
            steps=(TellPerson(words=words),),
            effect=Effect(how=How.RESTART, within=_RESTART, away=_RESTART),
            watch=Watch(),
            undo=(),
            evidence=self.evidence(found.version),
        )

    def read(self, found: Found) -> tuple[TrustConfig, ...]:
        """Return our entries of the file, or what our flags say."""
        if found.version.mechanism.is_a_file:
            document = found.documents.get(self.config_file)
            return () if document is None else structured.read(document)
        config = flags.read(found.command, found.files)
        return () if config is None else (config,)

    def _by_file(self, config: TrustConfig, found: Found) -> Change:
        present = found.documents.get(self.config_file)
        before = found.files.get(self.config_file)
        document = structured.merge(self._without(present, found.version), config, found.version)
        is_there = present is not None and structured.plain(present) == document
        wanted = before if is_there and before is not None else text.render(document)
        write = WriteFile(path=self.config_file, text=wanted, before=before)
        flag = f"{FLAG}{self.config_file}"
        is_running = present is not None and found.runs_from_file is not False
        effect = _file_effect(is_running=is_running, is_same=wanted == before)
        argument = AddArguments(arguments=(flag,), where=_COMMAND_LINE)
        return Change(
            steps=(write,) if is_running else (write, argument),
            effect=effect,
            watch=_watch(wanted, found.version),
            undo=self._undo(config, found, wanted if is_running else None),
            evidence=self.evidence(found.version),
            findings=(
                *_both_mechanisms(found.command),
                *self._findings(document, config, found),
                *_lost_comments(before, wanted),
            ),
        )

    def _without(
        self, present: structured.Document | None, version: Version
    ) -> structured.Document | None:
        for issuer in self.instead_of:
            present = None if present is None else structured.remove(present, issuer, version)
        return present

    def _findings(
        self, document: dict[str, object], config: TrustConfig, found: Found
    ) -> tuple[Finding, ...]:
        running = found.documents.get(self.config_file) if found.runs_from_file else None
        context = checks.Context(
            version=found.version,
            running=running,
            service_account_issuers=found.service_account_issuers,
        )
        items = structured.entries(document)
        return (*checks.check(document, context), *neighbours.check(items, config))

    def _undo(self, config: TrustConfig, found: Found, written: str | None) -> tuple[Step, ...]:
        """Take our entry out of what was written; without others, nobody is trusted then."""
        if written is None:
            flag = f"{FLAG}{self.config_file}"
            return (TellPerson(words=f"take {flag} off {_COMMAND_LINE} and restart it"),)
        present = found.documents[self.config_file]
        without = text.render(structured.remove(present, config.issuer, found.version))
        return (WriteFile(path=self.config_file, text=without, before=written),)

    def _by_flags(self, config: TrustConfig, found: Found) -> Change:
        authority = config.certificate_authority
        file = None if authority is None else self.authority_file
        arguments = flags.arguments(config, authority_file=file)
        steps: list[Step] = []
        if authority is not None:
            before = found.files.get(self.authority_file)
            steps.append(WriteFile(path=self.authority_file, text=authority, before=before))
        present = tuple(part for part in found.command if part.startswith(flags.PREFIX))
        steps.append(AddArguments(arguments=arguments, where=_COMMAND_LINE))
        return Change(
            steps=tuple(steps),
            effect=Effect(how=How.RESTART, within=_RESTART, away=_RESTART),
            watch=Watch(arguments=arguments),
            undo=(TellPerson(words=f"take the --oidc-* arguments off {_COMMAND_LINE} again"),),
            evidence=self.evidence(found.version),
            findings=(_trust_only(found.version), *_foreign_flags(present, arguments)),
        )


def _lost_comments(before: str | None, wanted: str) -> tuple[Finding, ...]:
    if before is None or before == wanted or not text.has_comments(before):
        return ()
    return (warn("comments", "are not kept when the file is written anew", "the backup has them"),)


def _watch(wanted: str, version: Version) -> Watch:
    running = hash_of(wanted) if version.tells_running_hash else None
    return Watch(running_hash=running, counts_reloads=running is None)


def _file_effect(*, is_running: bool, is_same: bool) -> Effect:
    if not is_running:
        return Effect(how=How.RESTART, within=_RESTART, away=_RESTART)
    if is_same:
        return Effect(how=How.NOTHING, within=timedelta(0))
    return Effect(how=How.HOT_RELOAD, within=_RELOAD)


def _both_mechanisms(command: tuple[str, ...]) -> tuple[Finding, ...]:
    """An API server given the file and any flag of the older kind does not start."""
    given = [part for part in command if part.startswith(flags.PREFIX)]
    if not given:
        return ()
    return (refuse("command line", f"{given[0]} and {FLAG.rstrip('=')} exclude each other"),)


def _trust_only(version: Version) -> Finding:
    """Say it before somebody relies on what is not there."""
    return warn(
        f"Kubernetes {version.major}.{version.minor}",
        "there are no admission policies, so people can sign in and Labpass installs nothing",
        "1.30 and later have them",
    )


def _foreign_flags(present: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[Finding, ...]:
    """Flags hold one issuer: another one's are not overwritten."""
    if not present or set(present) == set(wanted):
        return ()
    others = ", ".join(part for part in present if part not in wanted)
    if f"{flags.PREFIX}issuer-url=" in others:
        return (refuse("command line", f"another issuer is trusted here: {others}"),)
    return ()
