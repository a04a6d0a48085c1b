"""A browser whose person has just given a right password gets a session, under a new id."""

from dataclasses import dataclass
from datetime import datetime

from labpass.secret import Secret
from labpass_server.identity import digest, ports, visit
from labpass_server.kit import random
from labpass_server.model import event, person, session


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What the browser is to keep; ``device`` only when it has no mark for this person yet."""

    cookie: Secret
    browser_id: session.BrowserId
    device: Secret | None


def enter(
    tx: ports.Transaction, found: person.Person, visitor: visit.Visitor, now: datetime
) -> Entered:
    """Begin a browser session under a new id: one planted before the sign-in is worth nothing."""
    if visitor.cookie is not None:
        tx.browsers.remove(digest.of(visitor.cookie))
    cookie = Secret(random.token())
    browser = session.Browser(
        id=session.BrowserId(random.identifier()),
        person=found,
        authenticated_at=now,
        seen_at=now,
        expires_at=now + session.BROWSER_LIFETIME,
    )
    tx.browsers.add(digest.of(cookie), browser)
    happened = event.Event(
        at=now, kind=event.Kind.SIGNED_IN, actor=found.handle, address=visitor.address
    )
    tx.events.add(happened)
    return Entered(
        cookie=cookie, browser_id=browser.id, device=_mark(tx, found, visitor.device, now)
    )


def _mark(
    tx: ports.Transaction, found: person.Person, device: Secret | None, now: datetime
) -> Secret | None:
    """Return a new mark for this browser, unless it has one for this person."""
    if device is not None and tx.devices.knows(digest.of(device), found.handle, now):
        return None
    mark = Secret(random.token())
    tx.devices.remember(digest.of(mark), found.id, now + session.DEVICE_LIFETIME)
    return mark
