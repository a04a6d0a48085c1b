"""What a flow yields: a request to send, or a question only a person or a browser can answer.

A flow is a generator. It cannot open a socket, read a key or print; whoever drives it sends back a
`Response` for a `Request` and a text for everything else:

    Request      the bytes of one HTTP exchange, never a redirect followed
    Visit        a browser on this machine goes to ``url``; the answer is the URL it came back to
    Link         a browser elsewhere goes to ``url``; the answer is the code it shows
    NewPassword  the password was right and temporary; the answer is the new one
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from labpass.secret import Secret

T = TypeVar("T")
Form: TypeAlias = Mapping[str, str | Secret]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request. ``form`` makes it a POST; a `Secret` in it is shown to nobody."""

    url: str
    form: Form | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One HTTP response; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A browser on this machine goes to ``url`` and comes back to our loopback address."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A browser elsewhere goes to ``url``; ``seconds`` is how long the link lives.

    ``refused``: why the last code was not taken.
    """

    url: str
    seconds: int
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPassword:
    """The password was right and is temporary; ``refused``: why the last new one was not taken."""

    refused: str = ""


Question: TypeAlias = Visit | Link | NewPassword
Step: TypeAlias = Request | Question
Flow: TypeAlias = Generator[Step, Response | str, T]


def fetch(request: Request) -> Flow[Response]:
    """Yield one request; what comes back must be a response."""
    answer = yield request
    assert isinstance(answer, Response), "the driver answers a request with a response"
    return answer


def ask(question: Question) -> Flow[str]:
    """Yield one question; what comes back must be a text."""
    answer = yield question
    assert isinstance(answer, str), "the driver answers a question with a text"
    return answer
