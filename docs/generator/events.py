"""The kinds of audit events, and what each says."""

from typing import Final

from docs.generator.page import page, table

from labpass_server.access import events as access
from labpass_server.model import event as identity

_WORDS: Final[dict[str, str]] = {
    "person.signed-in": "somebody proved who they are; with the address it came from",
    "person.sign-in-failed": "a wrong password or an unknown name; with the address it came from",
    "person.signed-out": "somebody signed out of their browser session",
    "person.password-changed": "somebody changed their own password",
    "person.password-reset": "an administrator gave somebody another password; every session of theirs ended",
    "person.added": "a person was made",
    "person.described": "name or e-mail of a person was changed",
    "person.disabled": "a person was disabled; every session of theirs ended",
    "person.enabled": "a disabled person was let in again",
    "session.begun": "a program got the tokens of a new session; the subject is the program",
    "session.ended": "a session was ended by revocation",
    "session.token-reused": "a used refresh token came back after its grace; the session was ended",
    "session.code-reused": "a used code came back; the session that it began was ended",
    "remote.answered": "somebody signed in for it",
    "remote.cancelled": "somebody took back a code that they had been shown",
    "cluster.entered": "somebody got the first token of a session for a cluster, which is the subject",
    "canary.issued": "the canary tokens of a bundle were signed; the subject is the cluster",
    "client.added": "a program was registered",
    "client.removed": "a program was removed",
    "key.published": "a signing key was made and stands in the JWKS",
    "key.promoted": "a signing key began to sign",
    "key.removed": "the private half of a retired signing key was erased",
    "installation.begun": "an empty database became an installation",
    "cluster.added": "the record of a cluster was made",
    "cluster.removed": "the record of a cluster was removed",
    "cluster.connected": "our account on a cluster was handed over",
    "cluster.disconnected": "our account on a cluster was forgotten",
    "cluster.bundled": "a bundle was written",
    "project.added": "a project was made",
    "project.changed": "a project was changed",
    "project.removed": "a project was deleted",
    "access.refused": "somebody asked for what they may not; repeated tries are counted, not each a line",
    "rule.granted": "access was given",
    "rule.changed": "a rule was changed in place",
    "rule.withdrawn": "access was taken away",
}


def render() -> str:
    """Return the page; refuses a kind without words here."""
    kinds = [*identity.Kind, *access.Kind]
    if unknown := [str(kind) for kind in kinds if kind not in _WORDS]:
        raise SystemExit(f"no words for the events {unknown}: docs/generator/events.py")
    return page(
        "Events",
        """\
Each event is one row of the table `events`, appended in the transaction of the change itself and never altered.
It holds a time in UTC, a kind, who did it (`actor`), what or whom it is about (`subject`), the address it came from, and a few words of detail; never a secret.
There is no command or page that shows them yet.
The API server's own audit log has what kubectl did.""",
        table(("kind", "what happened"), [[f"`{kind}`", _WORDS[kind]] for kind in kinds]),
    )
