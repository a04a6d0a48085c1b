"""Joins `session` and `login`: the authority that renews a sign-in, over a wire."""

from collections.abc import Callable

from labpass.login import drive, renewal
from labpass.login.renewal import NoAccess, Over, Tokens
from labpass.login.steps import Flow
from labpass.login.wire import NoAnswer, Wire
from labpass.problems import Unreachable
from labpass.secret import Secret
from labpass.session.renewal import Dead, Issued, Refreshed, Refused, Unanswered
from labpass.session.store import Session


class Authority:
    """A server as the credential state machine wants it (`session.renewal.Authority`)."""

    def __init__(self, wire: Wire, *, api_audience: str) -> None:
        self._wire = wire
        self._api_audience = api_audience

    def refresh(self, session: Session) -> Refreshed | Dead | Unanswered:
        """Rotate the refresh token; once more with the same one when the answer got lost.

        The server's grace hands whoever lost the answer the same successor again.
        """
        outcome = self._ask(
            lambda: renewal.refresh(session.token_endpoint, session.refresh_token), 2
        )
        match outcome:
            case Tokens(refresh_token=rotated):
                if rotated is None:
                    return Unanswered(reason=f"{session.issuer} answered no refresh token.")
                return Refreshed(
                    refresh_token=rotated,
                    access_token=outcome.token,
                    access_lifetime=outcome.lifetime,
                )
            case NoAccess(reason=reason):
                return Unanswered(reason=reason)
            case Over(reason=reason):
                return Dead(reason=reason)
            case Unanswered():
                return outcome

    def exchange(
        self, session: Session, access_token: Secret, audience: str
    ) -> Issued | Dead | Refused | Unanswered:
        """Buy a token for one audience."""
        api = audience == self._api_audience
        outcome = self._ask(
            lambda: renewal.exchange(
                session.token_endpoint, access_token, audience=audience, api=api
            ),
            2,
        )
        match outcome:
            case Tokens():
                return Issued(token=outcome.token, lifetime=outcome.lifetime)
            case NoAccess(reason=reason):
                return Refused(reason=reason)
            case Over(reason=reason):
                return Dead(reason=reason)
            case Unanswered():
                return outcome

    def _ask(
        self, flow: Callable[[], Flow[renewal.Outcome]], tries: int
    ) -> renewal.Outcome | Unanswered:
        """Drive a flow; no usable answer is a value, so that an outage never looks like an end."""
        try:
            return drive.drive(flow(), send=self._wire.send, answer=drive.unanswered)
        except NoAnswer as e:
            if tries > 1:
                return self._ask(flow, tries - 1)
            return Unanswered(reason=e.message)
        except Unreachable as e:
            return Unanswered(reason=e.message)
