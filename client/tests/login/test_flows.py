"""The flows without a server: requests come out, answers go in, nothing opens a socket."""

import base64
import hashlib
import json
import ssl
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from labpass.login import authority, bootstrap, browser, code_flow, drive, password, remote, renewal
from labpass.login.answers import NotOurs
from labpass.login.code_flow import SignInRefused
from labpass.login.proof import Proof
from labpass.login.renewal import NoAccess, Over, Tokens
from labpass.login.steps import Link, NewPassword, Question, Request, Response, Visit
from labpass.problems import Problem, UsageProblem
from labpass.secret import Secret

ISSUER = "https://login.example"
PROOF = Proof(verifier=Secret("v" * 43), state="st4te", nonce="n0nce")
HTML = Response(status=200, headers={"content-type": "text/html"}, body=b"<html>")


def json_of(body: object, status: int = 200, **headers: str) -> Response:
    return Response(status=status, headers=headers, body=json.dumps(body).encode())


def id_token(**changes: object) -> str:
    claims = {
        "iss": ISSUER,
        "aud": "labpass",
        "sub": "p-1",
        "nonce": PROOF.nonce,
        "preferred_username": "alice",
        **changes,
    }
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{part}.c2ln"


def tokens(**changes: object) -> Response:
    return json_of(
        {
            "access_token": "a",
            "refresh_token": "r",
            "expires_in": 600,
            "id_token": id_token(**changes),
        }
    )


DISCOVERY = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "revocation_endpoint": f"{ISSUER}/revoke",
}


class Play:
    """Answers requests from a list, questions from another; keeps what was asked."""

    def __init__(self, *responses: Response, answers: tuple[str, ...] = ()) -> None:
        self.responses = [json_of(DISCOVERY), *responses]
        self.answers = list(answers)
        self.requests: list[Request] = []
        self.questions: list[Question] = []

    def send(self, request: Request) -> Response:
        self.requests.append(request)
        return self.responses.pop(0)

    def answer(self, question: Question) -> str:
        self.questions.append(question)
        return self.answers.pop(0)

    def run(self, flow: Any) -> Any:
        return drive.drive(flow, send=self.send, answer=self.answer)


def redirect(**changes: str) -> Response:
    query = {"code": "c0de", "state": PROOF.state, "iss": ISSUER, **changes}
    joined = "&".join(f"{k}={v}" for k, v in query.items())
    return Response(status=303, headers={"location": f"{ISSUER}/code?{joined}"}, body=b"")


def by_password() -> Any:
    return password.flow(ISSUER, PROOF, username="alice", password=Secret("pw"))


def test_the_password_goes_in_the_body_with_a_header_no_page_can_send() -> None:
    play = Play(redirect(), tokens())
    found = play.run(by_password())
    _, asked, redeemed = play.requests
    assert asked.headers == {"Labpass-Sign-In": "password"}
    assert "pw" not in asked.url
    assert "pw" not in repr(asked)
    assert asked.form is not None
    assert asked.form["redirect_uri"] == f"{ISSUER}/code"
    assert redeemed.form is not None
    assert redeemed.form["code_verifier"] is PROOF.verifier
    assert (found.handle, found.refresh_token.reveal()) == ("alice", "r")


def test_a_new_password_is_asked_for_until_it_is_taken() -> None:
    play = Play(
        json_of({"error": "password_change_required"}, 403),
        json_of({"error": "invalid_new_password", "error_description": "Too short."}, 400),
        redirect(),
        tokens(),
        answers=("a", "longer"),
    )
    play.run(by_password())
    assert play.questions == [NewPassword(), NewPassword(refused="Too short.")]


def test_new_passwords_are_not_asked_for_ever() -> None:
    refused = [json_of({"error": "invalid_new_password"}, 400)] * 9
    play = Play(*refused, answers=("a",) * 9)
    with pytest.raises(SignInRefused, match="old one still holds"):
        play.run(by_password())
    assert len(play.questions) == 4


@pytest.mark.parametrize(
    ("response", "kind", "words"),
    [
        (json_of({"error": "invalid_credentials"}, 401), password.WrongPassword, "wrong"),
        (json_of({"error": "x"}, 429, **{"retry-after": "30"}), SignInRefused, "in 30 s"),
        (json_of({"error": "x"}, 429, **{"retry-after": "\x1b[2J"}), SignInRefused, "later"),
        (json_of({"error": "access_denied", "error_description": "no"}, 403), SignInRefused, "no"),
        (json_of({}, 500), NotOurs, "status 500"),
        (HTML, NotOurs, "status 200"),
    ],
)
def test_what_a_refused_password_is_told_as(
    response: Response, kind: type[Problem], words: str
) -> None:
    with pytest.raises(kind, match=words):
        Play(response).run(by_password())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": "another"}, "does not belong to this sign-in"),
        ({"iss": "https://evil.example"}, "does not come from the server"),
        ({"error": "access_denied"}, "did not sign you in"),
    ],
)
def test_an_answer_that_is_not_ours_is_refused(changes: dict[str, str], words: str) -> None:
    play = Play(redirect(**changes))
    with pytest.raises(Problem, match=words):
        play.run(by_password())
    assert len(play.requests) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"aud": "labpass-lab-a"},
        {"nonce": "another"},
        {"nonce": None},
    ],
)
def test_an_id_token_of_another_sign_in_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(NotOurs, match="ID token"):
        Play(redirect(), tokens(**changes)).run(by_password())


@pytest.mark.parametrize(
    "document",
    [
        {**DISCOVERY, "issuer": "https://evil.example"},
        {**DISCOVERY, "token_endpoint": "https://evil.example/token"},
        {**DISCOVERY, "token_endpoint": "http://login.example/token"},
        {**DISCOVERY, "token_endpoint": 1},
        {},
        [],
    ],
)
def test_a_discovery_document_that_leads_elsewhere_is_refused(document: object) -> None:
    play = Play()
    play.responses = [json_of(document)]
    with pytest.raises(NotOurs):
        play.run(by_password())
    assert len(play.requests) == 1


def test_browser() -> None:
    redirect_uri = "http://127.0.0.1:12345/callback"
    back = f"{redirect_uri}?code=c0de&state={PROOF.state}&iss={ISSUER}"
    play = Play(tokens(), answers=(back,))
    play.run(browser.flow(ISSUER, PROOF, redirect_uri=redirect_uri, username="alice"))
    (visit,) = play.questions
    assert isinstance(visit, Visit)
    asked = {k: v[0] for k, v in parse_qs(urlsplit(visit.url).query).items()}
    assert asked["code_challenge"] == PROOF.challenge
    assert asked["login_hint"] == "alice"
    assert asked["redirect_uri"] == redirect_uri
    assert PROOF.verifier.reveal() not in visit.url


def test_remote() -> None:
    link = json_of({"link": f"{ISSUER}/r/abc", "expires_in": 300})
    wrong = json_of({"error": "invalid_grant"}, 400)
    play = Play(link, wrong, tokens(), answers=("nonsense", " wq7k-3mpx "))
    play.run(remote.flow(ISSUER, PROOF, machine="login1"))
    first, second = play.questions
    assert first == Link(url=f"{ISSUER}/r/abc", seconds=300)
    assert isinstance(second, Link)
    assert second.url == first.url
    assert second.refused.startswith("That code was not taken")
    form = play.requests[-1].form
    assert form is not None
    assert isinstance(form["code"], Secret)
    assert form["code"].reveal() == "WQ7K3MPX"


@pytest.mark.parametrize(
    ("response", "outcome"),
    [
        (json_of({"error": "invalid_grant"}, 400), Over(reason="invalid_grant")),
        (json_of({"error": "x"}, 401), Over(reason="x")),
        (
            json_of({"error": "invalid_target", "error_description": "ask carol"}, 400),
            NoAccess(reason="ask carol"),
        ),
    ],
)
def test_refusals_of_a_renewal_are_values(response: Response, outcome: object) -> None:
    play = Play()
    play.responses = [response]
    assert play.run(renewal.refresh(f"{ISSUER}/token", Secret("r"))) == outcome


@pytest.mark.parametrize(
    "response",
    [
        HTML,
        json_of({}, 503),
        json_of({}, 401),
        json_of({"error": "temporarily_unavailable"}, 429),
        json_of([]),
    ],
)
def test_trouble_is_never_the_end_of_a_session(response: Response) -> None:
    play = Play()
    play.responses = [response]
    with pytest.raises(NotOurs):
        play.run(renewal.refresh(f"{ISSUER}/token", Secret("r")))


def test_an_exchange_asks_for_one_audience_and_the_right_kind() -> None:
    for api, kind in ((True, "access_token"), (False, "id_token")):
        play = Play()
        play.responses = [json_of({"access_token": "t", "expires_in": 900})]
        flow = renewal.exchange(f"{ISSUER}/token", Secret("a"), audience="lab", api=api)
        assert isinstance(play.run(flow), Tokens)
        form = play.requests[0].form
        assert form is not None
        assert str(form["requested_token_type"]).endswith(kind)
        assert form["audience"] == "lab"


@pytest.mark.parametrize(
    ("given", "issuer"),
    [
        ("login.example", ISSUER),
        ("https://login.example/", ISSUER),
        (" https://login.example:8443/labpass ", "https://login.example:8443/labpass"),
    ],
)
def test_an_address_as_people_type_it(given: str, issuer: str) -> None:
    assert authority.address(given) == issuer


@pytest.mark.parametrize(
    "given", ["http://a", "ftp://a", "https://", "https://u:p@a", "https://a?b", "https://a#b"]
)
def test_what_is_no_address(given: str) -> None:
    with pytest.raises(UsageProblem):
        authority.address(given)


def test_a_fingerprint_as_people_paste_it() -> None:
    digits = "AB" * 32
    colons = ":".join(["AB"] * 32)
    for text in (digits, colons, digits.lower()):
        assert bootstrap.parse(f"{ISSUER}#sha256:{text}").fingerprint == digits.lower()
    for text in ("", "ab", "g" * 64, digits + "00"):
        with pytest.raises(UsageProblem):
            bootstrap.parse(f"{ISSUER}#sha256:{text}")


def test_a_secret_never_shows_in_a_request() -> None:
    play = Play(redirect(), tokens())
    found = play.run(by_password())
    for shown in (repr(play.requests), repr(found), str(found)):
        for secret in ("pw", "c0de", PROOF.verifier.reveal()):
            assert f"'{secret}'" not in shown
    assert code_flow.parameters(PROOF, "x")["code_challenge"] != PROOF.verifier.reveal()


def certificate(body: str) -> bytes:
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n".encode()


def fetched(body: bytes, fingerprint: str) -> str:
    address = bootstrap.Address(url=ISSUER, fingerprint=fingerprint)
    response = Response(status=200, headers={}, body=body)
    return drive.drive(bootstrap.flow(address), send=lambda _: response, answer=drive.unanswered)


def test_a_ca_with_more_behind_its_padding_is_trusted_without_it() -> None:
    """Two readers of base64 may differ on what follows: what is hashed must be what is trusted."""
    digits = hashlib.sha256(b"the certificate!").hexdigest()
    good = base64.b64encode(b"the certificate!").decode()
    trusted = fetched(certificate(good + "\nAAAA"), digits)
    assert ssl.PEM_cert_to_DER_cert(trusted) == b"the certificate!"
    assert "AAAA" not in trusted


@pytest.mark.parametrize("body", [b"", b"<html>", certificate("A"), certificate("=")])
def test_a_ca_that_cannot_be_read_is_said_in_words(body: bytes) -> None:
    with pytest.raises(Problem):
        fetched(body, "0" * 64)
