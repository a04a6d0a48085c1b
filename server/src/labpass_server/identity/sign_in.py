"""A sign-in, from what a client asked for to a code: every step returns to one dispatcher."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from labpass.secret import Secret
from labpass_server.identity import (
    answering,
    digest,
    dispatch,
    entrance,
    flood,
    passwords,
    ports,
    step,
    visit,
)
from labpass_server.identity.moment import Moment
from labpass_server.identity.visit import Progress
from labpass_server.kit import random
from labpass_server.model import client, errors, event, network, person, session
from labpass_server.model.authorization import Authorization
from labpass_server.model.policy import Policy

WRONG: Final = "Name or password is wrong."


class SignIns:
    """The use cases of the sign-in pages."""

    def __init__(
        self,
        store: ports.Store,
        steps: dispatch.Dispatcher,
        checked: passwords.Passwords,
        policy: Policy,
    ) -> None:
        self._store = store
        self._steps = steps
        self._passwords = checked
        self._policy = policy

    async def begin(
        self, asked: Authorization, visitor: visit.Visitor, *, now: datetime
    ) -> Progress:
        """Begin one in a browser that may be signed in already. Raises `TooMany`."""
        begun = _begun(asked, None, visitor.address, now)
        await flood.refuse(self._store, begun.network)
        return await self._store.write(lambda tx: self._steps.begin(tx, begun, visitor.cookie, now))

    async def ask_remotely(
        self, asked: Authorization, machine: session.Machine, *, now: datetime
    ) -> Secret:
        """Store what another machine asks for; return the short name under which it waits.

        No event: whoever may write events without a name can fill the list. Raises `TooMany`.
        """
        self._policy.require_remote()
        short = Secret(random.spoken())
        begun = _begun(asked, machine, machine.asked_from, now)
        waiting = replace(begun, expires_at=now + session.REMOTE_LIFETIME)
        await flood.refuse(self._store, waiting.network)
        await self._store.write(lambda tx: tx.sign_ins.add(_short(short), waiting))
        return short

    async def open_remote(
        self, short: Secret, visitor: visit.Visitor, *, now: datetime
    ) -> Progress:
        """Begin, in this browser, what another machine asked for. Raises `TooMany`."""
        self._policy.require_remote()
        await flood.refuse(self._store, network.of(visitor.address))

        def work(tx: ports.Transaction) -> Progress:
            waiting = tx.sign_ins.find(_short(short))
            if waiting is None or now >= waiting.expires_at or waiting.machine is None:
                raise errors.NotFound(dispatch.GONE)
            begun = _begun(waiting.authorization, waiting.machine, visitor.address, now)
            return self._steps.begin(tx, begun, visitor.cookie, now)

        return await self._store.write(work)

    async def authenticate(
        self, transaction: Secret, given: visit.Given, visitor: visit.Visitor, *, now: datetime
    ) -> Progress:
        """Take name and password; a right one makes a new browser session. Raises `TooMany`."""
        await self._store.read(lambda tx: self._steps.get(_at(tx, transaction, now)))
        proven = await self._passwords.check(
            given.name, given.password, address=visitor.address, device=visitor.device, now=now
        )

        def work(tx: ports.Transaction) -> Progress:
            at = _at(tx, transaction, now)
            sign_in, by = self._steps.get(at)
            found = None if proven is None else passwords.still(tx, proven)
            if found is None:
                return at.progress(_wrong(sign_in, by, given.name))
            return self._enter(at, sign_in, found, visitor)

        return await self._store.write(work)

    async def change_password(
        self, transaction: Secret, password: Secret, *, cookie: Secret | None, now: datetime
    ) -> Progress:
        """Take a new password in place of a temporary one."""
        owner = await self._store.read(
            lambda tx: self._steps.owner(_at(tx, transaction, now), cookie)
        )
        try:
            phc = await self._passwords.replace(owner, password)
        except errors.Invalid as refused:
            reason = refused.reason
            return await self._store.read(
                lambda tx: self._ask_again(_at(tx, transaction, now), owner, reason)
            )
        return await self._store.write(
            lambda tx: self._keep_password(_at(tx, transaction, now), cookie, phc)
        )

    async def confirm(
        self, transaction: Secret, *, is_yes: bool, cookie: Secret | None, now: datetime
    ) -> Progress:
        """Take the person's answer to whether a program may be answered."""

        def work(tx: ports.Transaction) -> Progress:
            at = _at(tx, transaction, now)
            self._steps.owner(at, cookie)
            sign_in, _ = self._steps.get(at)
            if not is_yes:
                at.take()
                return at.progress(step.denied(sign_in, "the person said no"))
            confirmed = replace(sign_in, is_confirmed=True)
            at.save(confirmed)
            return at.progress(self._steps.next(at, confirmed))

        return await self._store.write(work)

    async def cancel(self, transaction: Secret, *, now: datetime) -> None:
        """Take back a code that was shown, and whatever was begun with it."""
        await self._store.write(lambda tx: answering.cancel(tx, transaction, now))

    def _enter(
        self, at: Moment, sign_in: session.SignIn, found: person.Person, visitor: visit.Visitor
    ) -> Progress:
        entered = entrance.enter(at.tx, found, visitor, at.now)
        fresh = replace(
            sign_in,
            browser_hash=digest.of(entered.cookie),
            browser_id=entered.browser_id,
            person_id=found.id,
            authenticated_at=at.now,
            is_fresh=True,
        )
        at.save(fresh)
        return replace(
            at.progress(self._steps.next(at, fresh)), cookie=entered.cookie, device=entered.device
        )

    def _ask_again(self, at: Moment, owner: person.Person, reason: str) -> Progress:
        sign_in, _ = self._steps.get(at)
        return at.progress(
            step.AskNewPassword(
                authorization=sign_in.authorization, handle=owner.handle, error=reason
            )
        )

    def _keep_password(self, at: Moment, cookie: Secret | None, phc: str) -> Progress:
        owner = self._steps.owner(at, cookie)
        if not owner.password_is_temporary:
            raise errors.NotAllowed("the password is not temporary any more")
        set_own_password(at.tx, owner, phc, at.now)
        sign_in, _ = self._steps.get(at)
        return at.progress(self._steps.next(at, sign_in))


def set_own_password(tx: ports.Transaction, owner: person.Person, phc: str, now: datetime) -> None:
    """Replace a temporary password by one that only its owner knows."""
    tx.people.set_password(owner.id, phc, is_temporary=False)
    happened = event.Event(
        at=now, kind=event.Kind.PASSWORD_CHANGED, actor=owner.handle, subject=owner.handle
    )
    tx.events.add(happened)


def _at(tx: ports.Transaction, transaction: Secret, now: datetime) -> Moment:
    return Moment(tx=tx, transaction=transaction, now=now)


def _begun(
    asked: Authorization, machine: session.Machine | None, address: str, now: datetime
) -> session.SignIn:
    return session.SignIn(
        authorization=asked,
        machine=machine,
        network=network.of(address),
        created_at=now,
        expires_at=now + session.SIGN_IN_LIFETIME,
    )


def _wrong(sign_in: session.SignIn, by: client.Client, name: str) -> step.AskPassword:
    return step.AskPassword(
        authorization=sign_in.authorization,
        client=by,
        machine=sign_in.machine,
        handle=name[:63],
        error=WRONG,
    )


def _short(short: Secret) -> bytes:
    return digest.of(Secret(f"/r/{short.reveal().upper()}"))
