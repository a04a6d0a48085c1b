"""What would kill an API server at its start is refused here first (kube-apiserver's own rules).

Stricter than the API server wherever that is simpler: nothing we let through may be refused by it,
while some of what we refuse it would take. CEL is not understood: an expression passes when we
wrote it ourselves. An entry that this API server runs already, word for word, passes whole.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from labpass.trust import claim_checks, issuer_checks, shape, structured
from labpass.trust.errors import Invalid
from labpass.trust.findings import Finding, Severity, refuse
from labpass.trust.version import Version

MOST_ENTRIES: Final = 64
_FIELDS: Final = ("apiVersion", "kind", "jwt", "anonymous")
__all__ = ["Context", "Finding", "Severity", "check"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the check may know beside the text.

    ``running`` is the configuration that this API server runs now, which it therefore accepts.
    ``service_account_issuers`` are addresses that no entry may have.
    """

    version: Version
    running: Mapping[str, object] | None = None
    service_account_issuers: tuple[str, ...] = ()


def check(document: Mapping[str, object], context: Context) -> tuple[Finding, ...]:
    """Return everything that speaks against giving this document to an API server, in its order."""
    return tuple(_all(document, context))


def _all(document: Mapping[str, object], context: Context) -> Iterator[Finding]:
    mechanism = context.version.mechanism
    if not mechanism.is_a_file:
        yield refuse("apiVersion", f"{context.version} reads no file without a feature gate")
        return
    yield from shape.unknown("", document, _FIELDS)
    if document.get("apiVersion") != str(mechanism):
        yield refuse("apiVersion", f"must be {mechanism} for {context.version}")
    if document.get("kind") != structured.KIND:
        yield refuse("kind", f"must be {structured.KIND}")
    yield from _anonymous(document, context)
    try:
        items = structured.entries(document)
    except Invalid as e:
        yield refuse(e.field, e.reason)
        return
    if len(items) > MOST_ENTRIES:
        yield refuse("jwt", f"more than {MOST_ENTRIES} entries")
    for place, item in enumerate(items):
        yield from _entry(f"jwt[{place}]", item, context)
    yield from _shared(items)


def _anonymous(document: Mapping[str, object], context: Context) -> Iterator[Finding]:
    """``anonymous`` may not change while the API server runs, and is unknown before 1.32."""
    held = document.get("anonymous")
    if held is None:
        if "anonymous" in document:
            yield refuse("anonymous", "must not be empty")
        elif context.running is not None and context.running.get("anonymous") is not None:
            yield refuse("anonymous", "may not change while the API server runs")
        return
    if not context.version.reads_anonymous:
        yield refuse("anonymous", f"{context.version} does not read it")
    if context.running is not None and context.running.get("anonymous") != held:
        yield refuse("anonymous", "may not change while the API server runs")
    yield from shape.anonymous("anonymous", held)


def _entry(where: str, item: object, context: Context) -> Iterator[Finding]:
    if item in _running_entries(context):
        return
    if not isinstance(item, Mapping):
        yield refuse(where, "must be an entry with issuer and claimMappings")
        return
    yield from shape.unknown(where, item, claim_checks.ENTRY_FIELDS)
    yield from issuer_checks.issuer(f"{where}.issuer", item.get("issuer"), context.version)
    url = structured.issuer_of(item)
    if url in context.service_account_issuers:
        yield refuse(f"{where}.issuer.url", "is the API server's own service-account issuer")
    yield from claim_checks.claims(where, item, claim_checks.known_expressions(item))


def _running_entries(context: Context) -> list[object]:
    try:
        return structured.entries(context.running or {})
    except Invalid:
        return []


def _shared(items: list[object]) -> Iterator[Finding]:
    """No two entries may share an issuer or a discovery address."""
    yield from _twice("url", (structured.issuer_of(item) for item in items))
    yield from _twice(
        "discoveryURL", (structured.at(item, "issuer", "discoveryURL") for item in items)
    )


def _twice(field: str, values: Iterable[object]) -> Iterator[Finding]:
    seen: set[str] = set()
    for place, value in enumerate(values):
        if not isinstance(value, str):
            continue
        if value in seen:
            yield refuse(f"jwt[{place}].issuer.{field}", f"{value} stands there twice")
        seen.add(value)
