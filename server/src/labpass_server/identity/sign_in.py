"""A sign-in, from what a client asked for to a code: every step returns to one dispatcher."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar

from labpass.secret import Secret
from labpass_server.identity import clients, digest, issuing, passwords, ports, step
from labpass_server.kit import random
from labpass_server.model import client, errors, event, person, session
from labpass_server.model.authorization import Authorization, Prompt

T = TypeVar("T")

WRONG: Final = "Name or password is wrong."
GONE: Final = "sign-in; it took too long, or was answered already: start again from your program"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A browser: what it holds of ours, and where it is."""

    address: str
    cookie: Secret | None = None
    device: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A name and a password as somebody typed them."""

    name: str
    password: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a sign-in is. ``transaction`` names it on its pages; ``cookie`` is a new session."""

    step: step.Step
    transaction: Secret
    cookie: Secret | None = None
    device: Secret | None = None


class SignIns:
    """The use cases of the sign-in pages."""

    def __init__(
        self,
        store: ports.Store,
        authority: issuing.Authority,
        checked: passwords.Passwords,
    ) -> None:
        self._store = store
        self._authority = authority
        self._passwords = checked

    async def begin(
        self, asked: Authorization, *, cookie: Secret | None, now: datetime
    ) -> Progress:
        """Begin one in a browser that may be signed in already."""
        return await self._store.write(lambda tx: self._begin(tx, asked, None, cookie, now))

    async def ask_remotely(
        self, asked: Authorization, machine: session.Machine, *, now: datetime
    ) -> Secret:
        """Store what another machine asks for; return the short name under which it waits."""
        short = Secret(random.spoken())
        waiting = session.SignIn(
            authorization=asked,
            machine=machine,
            created_at=now,
            expires_at=now + session.REMOTE_LIFETIME,
        )
        happened = event.Event(at=now, kind=event.Kind.REMOTE_ASKED, address=machine.asked_from)

        def work(tx: ports.Transaction) -> None:
            tx.sign_ins.add(_short(short), waiting)
            tx.events.add(happened)

        await self._store.write(work)
        return short

    async def open_remote(self, short: Secret, *, cookie: Secret | None, now: datetime) -> Progress:
        """Begin, in this browser, what another machine asked for."""

        def work(tx: ports.Transaction) -> Progress:
            waiting = tx.sign_ins.find(_short(short))
            if waiting is None or now >= waiting.expires_at or waiting.machine is None:
                raise errors.NotFound(GONE)
            return self._begin(tx, waiting.authorization, waiting.machine, cookie, now)

        return await self._store.write(work)

    async def authenticate(
        self, transaction: Secret, given: Given, visitor: Visitor, *, now: datetime
    ) -> Progress:
        """Take name and password; a right one makes a new browser session. Raises `TooMany`."""
        await self._store.read(lambda tx: self._get(tx, transaction, now))
        found = await self._passwords.check(
            given.name, given.password, address=visitor.address, device=visitor.device, now=now
        )

        def work(tx: ports.Transaction) -> Progress:
            sign_in, by = self._get(tx, transaction, now)
            if found is None:
                return Progress(transaction=transaction, step=_wrong(sign_in, by, given.name))
            new = _signed_in(tx, found, visitor, now)
            fresh = replace(
                sign_in,
                browser_hash=digest.of(new.cookie),
                browser_id=new.browser_id,
                person_id=found.id,
                authenticated_at=now,
                is_fresh=True,
            )
            tx.sign_ins.save(digest.of(transaction), fresh)
            return Progress(
                transaction=transaction,
                step=self._dispatch(tx, transaction, fresh, now),
                cookie=new.cookie,
                device=new.device,
            )

        return await self._store.write(work)

    async def change_password(
        self, transaction: Secret, password: Secret, *, cookie: Secret | None, now: datetime
    ) -> Progress:
        """Take a new password in place of a temporary one."""
        found = await self._store.read(lambda tx: self._owner(tx, transaction, cookie, now))
        try:
            phc = await self._passwords.replace(found, password)
        except errors.Invalid as refused:
            sign_in, _ = await self._store.read(lambda tx: self._get(tx, transaction, now))
            again = step.AskNewPassword(
                authorization=sign_in.authorization, handle=found.handle, error=refused.reason
            )
            return Progress(transaction=transaction, step=again)

        def work(tx: ports.Transaction) -> Progress:
            owner = self._owner(tx, transaction, cookie, now)
            if not owner.password_is_temporary:
                raise errors.NotAllowed("the password is not temporary any more")
            set_own_password(tx, owner, phc, now)
            sign_in, _ = self._get(tx, transaction, now)
            return Progress(
                transaction=transaction, step=self._dispatch(tx, transaction, sign_in, now)
            )

        return await self._store.write(work)

    async def confirm(
        self, transaction: Secret, *, is_yes: bool, cookie: Secret | None, now: datetime
    ) -> Progress:
        """Take the person's answer to whether a program may be answered."""

        def work(tx: ports.Transaction) -> Progress:
            self._owner(tx, transaction, cookie, now)
            sign_in, _ = self._get(tx, transaction, now)
            if not is_yes:
                tx.sign_ins.take(digest.of(transaction), now)
                return Progress(
                    transaction=transaction, step=_denied(sign_in, "the person said no")
                )
            confirmed = replace(sign_in, is_confirmed=True)
            tx.sign_ins.save(digest.of(transaction), confirmed)
            return Progress(
                transaction=transaction, step=self._dispatch(tx, transaction, confirmed, now)
            )

        return await self._store.write(work)

    def _begin(
        self,
        tx: ports.Transaction,
        asked: Authorization,
        machine: session.Machine | None,
        cookie: Secret | None,
        now: datetime,
    ) -> Progress:
        transaction = Secret(random.token())
        sign_in = session.SignIn(
            authorization=asked,
            machine=machine,
            created_at=now,
            expires_at=now + session.SIGN_IN_LIFETIME,
        )
        browser = None if cookie is None else tx.browsers.find(digest.of(cookie))
        if cookie is not None and browser is not None and step.fits(browser, asked, now):
            tx.browsers.see(browser.id, now)
            sign_in = replace(
                sign_in,
                browser_hash=digest.of(cookie),
                browser_id=browser.id,
                person_id=browser.person.id,
                authenticated_at=browser.authenticated_at,
            )
        tx.sign_ins.add(digest.of(transaction), sign_in)
        return Progress(transaction=transaction, step=self._dispatch(tx, transaction, sign_in, now))

    def _dispatch(
        self,
        tx: ports.Transaction,
        transaction: Secret,
        sign_in: session.SignIn,
        now: datetime,
    ) -> step.Step:
        """Return the next step; the last one ends the sign-in, once."""
        by = self._client(tx, sign_in.authorization)
        found = None if sign_in.person_id is None else tx.people.find(sign_in.person_id)
        need = step.needed(sign_in, by, found)
        asked = sign_in.authorization
        refused = step.silent_refusal(need) if Prompt.NONE in asked.prompts else None
        if refused is not None:
            tx.sign_ins.take(digest.of(transaction), now)
            return step.Deny(
                authorization=asked, error=refused, description="the person has to act"
            )
        if need is step.Need.PASSWORD or found is None:
            return step.AskPassword(
                authorization=asked,
                client=by,
                machine=sign_in.machine,
                handle=asked.login_hint or "",
            )
        if need is step.Need.NEW_PASSWORD:
            return step.AskNewPassword(authorization=asked, handle=found.handle)
        if need is step.Need.CONFIRMATION:
            return step.AskConfirmation(
                authorization=asked,
                client=by,
                person=found,
                machine=sign_in.machine,
                asked_at=sign_in.created_at,
            )
        if not tx.sign_ins.take(digest.of(transaction), now):
            raise errors.NotFound(GONE)
        denied = self._authority.refusal(tx, found, by.target, now)
        if denied is not None:
            return _denied(sign_in, denied.description)
        return answer(tx, sign_in, found, now)

    def _get(
        self, tx: ports.Transaction, transaction: Secret, now: datetime
    ) -> tuple[session.SignIn, client.Client]:
        found = tx.sign_ins.find(digest.of(transaction))
        if found is None or now >= found.expires_at:
            raise errors.NotFound(GONE)
        return found, self._client(tx, found.authorization)

    def _owner(
        self, tx: ports.Transaction, transaction: Secret, cookie: Secret | None, now: datetime
    ) -> person.Person:
        """Return who has signed in here, in this very browser."""
        sign_in, _ = self._get(tx, transaction, now)
        if (
            cookie is None
            or sign_in.browser_hash is None
            or not digest.are_equal(sign_in.browser_hash, digest.of(cookie))
        ):
            raise errors.NotAllowed("this sign-in belongs to another browser")
        found = None if sign_in.person_id is None else tx.people.find(sign_in.person_id)
        if found is None or found.is_disabled:
            raise errors.NotFound(GONE)
        return found

    def _client(self, tx: ports.Transaction, asked: Authorization) -> client.Client:
        found = clients.find(tx, self._authority.targets, self._authority.issuer, asked.client_id)
        if found is None:
            raise errors.NotFound(GONE)
        return found


def answer(
    tx: ports.Transaction, sign_in: session.SignIn, found: person.Person, now: datetime
) -> step.Step:
    """Make the code: for the client, or short for a person to carry."""
    assert sign_in.authenticated_at is not None
    machine = sign_in.machine
    lifetime = session.CODE_LIFETIME if machine is None else session.REMOTE_LIFETIME
    code = session.Code(
        authorization=sign_in.authorization,
        person_id=found.id,
        browser_id=sign_in.browser_id,
        authenticated_at=sign_in.authenticated_at,
        expires_at=now + lifetime,
    )
    if machine is not None:
        return _answer_remotely(tx, code, found, machine, now)
    secret = Secret(random.token())
    tx.codes.add(digest.of(secret), code)
    return step.Answer(authorization=sign_in.authorization, code=secret)


def set_own_password(tx: ports.Transaction, owner: person.Person, phc: str, now: datetime) -> None:
    """Replace a temporary password by one that only its owner knows."""
    tx.people.set_password(owner.id, phc, is_temporary=False)
    happened = event.Event(
        at=now, kind=event.Kind.PASSWORD_CHANGED, actor=owner.handle, subject=owner.handle
    )
    tx.events.add(happened)


def _answer_remotely(
    tx: ports.Transaction,
    code: session.Code,
    found: person.Person,
    machine: session.Machine,
    now: datetime,
) -> step.ShowCode:
    challenge = code.authorization.challenge
    assert challenge is not None  # the command line's client cannot do without
    spoken = random.spoken()
    code_hash = digest.of_spoken(challenge, spoken)
    tx.remote_codes.add(challenge, code_hash, code.expires_at)
    tx.codes.add(code_hash, code)
    happened = event.Event(
        at=now,
        kind=event.Kind.REMOTE_ANSWERED,
        actor=found.handle,
        address=machine.asked_from,
        detail={"machine": machine.name},
    )
    tx.events.add(happened)
    return step.ShowCode(
        code=Secret(f"{spoken[:4]}-{spoken[4:]}"),
        expires_at=code.expires_at,
        person=found,
        machine=machine,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _NewBrowser:
    cookie: Secret
    browser_id: session.BrowserId
    device: Secret | None


def _signed_in(
    tx: ports.Transaction, found: person.Person, visitor: Visitor, now: datetime
) -> _NewBrowser:
    """Begin a browser session under a new id: one planted before the sign-in is worth nothing."""
    if visitor.cookie is not None:
        tx.browsers.remove(digest.of(visitor.cookie))
    cookie = Secret(random.token())
    browser_id = session.BrowserId(random.identifier())
    browser = session.Browser(
        id=browser_id,
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
    return _NewBrowser(
        cookie=cookie, browser_id=browser_id, device=_known_device(tx, found, visitor.device, now)
    )


def _known_device(
    tx: ports.Transaction, found: person.Person, device: Secret | None, now: datetime
) -> Secret | None:
    """Return a new mark for this browser, unless it has one for this person."""
    if device is not None and tx.devices.knows(digest.of(device), found.handle, now):
        return None
    mark = Secret(random.token())
    tx.devices.add(digest.of(mark), found.id, now + session.DEVICE_LIFETIME)
    return mark


def _wrong(sign_in: session.SignIn, by: client.Client, name: str) -> step.AskPassword:
    return step.AskPassword(
        authorization=sign_in.authorization,
        client=by,
        machine=sign_in.machine,
        handle=name[:63],
        error=WRONG,
    )


def _denied(sign_in: session.SignIn, description: str) -> step.Deny:
    return step.Deny(
        authorization=sign_in.authorization,
        error=step.AuthorizationError.ACCESS_DENIED,
        description=description,
        machine=sign_in.machine,
    )


def _short(short: Secret) -> bytes:
    return digest.of(Secret(f"/r/{short.reveal().upper()}"))
