"""The one place that says what comes next in a sign-in, from stored state alone."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from labpass.secret import Secret
from labpass_server.identity import answering, clients, digest, issuing, ports, step, visit
from labpass_server.identity.moment import Moment
from labpass_server.kit import random
from labpass_server.model import client, errors, person, session
from labpass_server.model.authorization import Authorization, Prompt

GONE: Final = "sign-in; it took too long, or was answered already: start again from your program"


class Dispatcher:
    """Finds sign-ins and decides their next step."""

    def __init__(self, authority: issuing.Authority) -> None:
        self._authority = authority

    def begin(
        self,
        tx: ports.Transaction,
        begun: session.SignIn,
        cookie: Secret | None,
        now: datetime,
    ) -> visit.Progress:
        """Begin one in a browser; one that is signed in already need not ask for a password."""
        at = Moment(tx=tx, transaction=Secret(random.token()), now=now)
        browser = None if cookie is None else tx.browsers.find(digest.of(cookie))
        sign_in = begun
        if cookie and browser and step.fits(browser, begun.authorization, now):
            tx.browsers.see(browser.id, now)
            sign_in = replace(
                begun,
                browser_hash=digest.of(cookie),
                browser_id=browser.id,
                person_id=browser.person.id,
                authenticated_at=browser.authenticated_at,
            )
        tx.sign_ins.add(digest.of(at.transaction), sign_in)
        return at.progress(self.next(at, sign_in))

    def next(self, at: Moment, sign_in: session.SignIn) -> step.Step:
        """Return the next step; the last one ends the sign-in, once."""
        by = self.client_of(at.tx, sign_in.authorization)
        found = None if sign_in.person_id is None else at.tx.people.find(sign_in.person_id)
        need = step.needed(sign_in, by, found)
        asked = sign_in.authorization
        refused = step.silent_refusal(need) if Prompt.NONE in asked.prompts else None
        if refused is not None:
            at.take()
            words = "the person has to act"
            return step.Deny(authorization=asked, error=refused, description=words)
        if need is step.Need.NOTHING and found is not None:
            return self._finish(at, sign_in, by, found)
        return step.ask(need, sign_in, by, found)

    def get(self, at: Moment) -> tuple[session.SignIn, client.Client]:
        """Return a sign-in and who asked for it. Raises `NotFound` for one that is over."""
        found = at.tx.sign_ins.find(digest.of(at.transaction))
        if found is None or at.now >= found.expires_at:
            raise errors.NotFound(GONE)
        return found, self.client_of(at.tx, found.authorization)

    def owner(self, at: Moment, cookie: Secret | None) -> person.Person:
        """Return who has signed in here, in this very browser."""
        sign_in, _ = self.get(at)
        if (
            cookie is None
            or sign_in.browser_hash is None
            or not digest.are_equal(sign_in.browser_hash, digest.of(cookie))
        ):
            raise errors.NotAllowed("this sign-in belongs to another browser")
        found = None if sign_in.person_id is None else at.tx.people.find(sign_in.person_id)
        if found is None or found.is_disabled:
            raise errors.NotFound(GONE)
        return found

    def client_of(self, tx: ports.Transaction, asked: Authorization) -> client.Client:
        """Return who asked. Raises `NotFound` for a client that was removed meanwhile."""
        found = clients.find(tx, self._authority.targets, self._authority.issuer, asked.client_id)
        if found is None:
            raise errors.NotFound(GONE)
        return found

    def _finish(
        self, at: Moment, sign_in: session.SignIn, by: client.Client, found: person.Person
    ) -> step.Step:
        if not at.take():
            raise errors.NotFound(GONE)
        refused = self._authority.refusal(at.tx, found, by.target, at.now)
        if refused is not None:
            return step.denied(sign_in, refused.description)
        return answering.answer(at, sign_in, found)
