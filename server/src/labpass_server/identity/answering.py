"""The end of a sign-in: a code, for the client, or short for a person to carry."""

from datetime import datetime

from labpass.secret import Secret
from labpass_server.identity import digest, moment, ports, step
from labpass_server.kit import random
from labpass_server.model import event, person, session


def answer(
    at: moment.Moment, sign_in: session.SignIn, found: person.Person
) -> step.Answer | step.ShowCode:
    """Make the code. Whoever calls has ended the sign-in, so that this happens once."""
    assert sign_in.authenticated_at is not None
    machine = sign_in.machine
    lifetime = session.CODE_LIFETIME if machine is None else session.REMOTE_LIFETIME
    code = session.Code(
        authorization=sign_in.authorization,
        person_id=found.id,
        browser_id=sign_in.browser_id,
        authenticated_at=sign_in.authenticated_at,
        expires_at=at.now + lifetime,
    )
    if machine is not None:
        return _remotely(at, code, found, machine)
    return direct(at.tx, code)


def direct(tx: ports.Transaction, code: session.Code) -> step.Answer:
    """Keep a code that travels to the client by itself."""
    secret = Secret(random.token())
    tx.codes.add(digest.of(secret), code)
    return step.Answer(authorization=code.authorization, code=secret)


def cancel(tx: ports.Transaction, transaction: Secret, now: datetime) -> None:
    """Take back a code that was shown; if somebody was faster, end what they began with it."""
    code_hash = tx.remote_codes.cancel(digest.of(transaction), now)
    code = None if code_hash is None else tx.codes.find(code_hash)
    if code_hash is None or code is None:
        return
    if not tx.codes.withdraw(code_hash, now) and code.session_id is not None:
        tx.sessions.end(code.session_id, now, session.Ending.CANCELLED)
    found = tx.people.find(code.person_id)
    actor = None if found is None else found.handle
    tx.events.add(event.Event(at=now, kind=event.Kind.REMOTE_CANCELLED, actor=actor))


def _remotely(
    at: moment.Moment, code: session.Code, found: person.Person, machine: session.Machine
) -> step.ShowCode:
    challenge = code.authorization.challenge
    assert challenge is not None  # the command line's client cannot do without
    spoken = random.spoken()
    code_hash = digest.of_spoken(challenge, spoken)
    short = session.RemoteCode(
        code_hash=code_hash, cancel_hash=digest.of(at.transaction), expires_at=code.expires_at
    )
    at.tx.remote_codes.add(challenge, short)
    at.tx.codes.add(code_hash, code)
    happened = event.Event(
        at=at.now,
        kind=event.Kind.REMOTE_ANSWERED,
        actor=found.handle,
        address=machine.asked_from,
        detail={"machine": machine.name},
    )
    at.tx.events.add(happened)
    return step.ShowCode(
        code=Secret(f"{spoken[:4]}-{spoken[4:]}"),
        expires_at=code.expires_at,
        person=found,
        machine=machine,
    )
