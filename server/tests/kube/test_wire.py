import gzip
import threading
from datetime import timedelta
from typing import Any

import pytest

from labpass.secret import Secret
from labpass_server.kube.wire import Limits, Wire
from labpass_server.model import errors
from labpass_server.model.cluster import Credential


def sent(run: Any, double: Any, limits: Limits | None = None) -> Any:
    """Ask for the version over a wire of its own."""

    async def work() -> Any:
        wire = Wire(double.credential, limits or Limits())
        try:
            return await wire.send("GET", "/version")
        finally:
            await wire.close()

    return run(work())


def listed(run: Any, double: Any, limits: Limits | None = None) -> list[Any]:
    async def work() -> list[Any]:
        wire = Wire(double.credential, limits or Limits())
        try:
            return [each async for each in wire.pages("/things", {"labelSelector": "a=b"})]
        finally:
            await wire.close()

    found: list[Any] = run(work())
    return found


def test_the_token_goes_with_a_request_and_no_compression_is_asked_for(
    run: Any, double: Any
) -> None:
    double.says("/version", {"gitVersion": "v1.36.3"})
    assert sent(run, double) == {"gitVersion": "v1.36.3"}
    headers = double.asked[0].headers
    assert headers["authorization"] == "Bearer t0ken"
    assert headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.Invalid),
        (401, errors.Unavailable),
        (403, errors.NotAllowed),
        (404, errors.NotFound),
        (409, errors.Conflict),
        (410, errors.Conflict),
        (413, errors.Invalid),
        (418, errors.Unavailable),
        (422, errors.Invalid),
        (500, errors.Unavailable),
        (503, errors.Unavailable),
        (504, errors.Unavailable),
    ],
)
def test_each_refusal_has_one_meaning(
    run: Any, double: Any, status: int, kind: type[errors.Refusal]
) -> None:
    double.says("/version", {"message": "so it is"}, status)
    with pytest.raises(kind):
        sent(run, double)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("86400", 60), ("", 1), ("soon", 1), ("-3", 1), ("9" * 5000, 1), ("²", 1)],
)
def test_a_busy_api_server_is_given_the_time_it_asks_for_within_reason(
    run: Any, double: Any, answering: Any, header: str, seconds: int
) -> None:
    said, _ = answering
    sent_header = header.encode().decode("latin-1")
    double.answers["GET", "/version"] = said({"message": "busy"}, 429, Retry_After=sent_header)
    with pytest.raises(errors.TooMany) as caught:
        sent(run, double)
    assert caught.value.retry_after == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "content",
    [b"<html>please sign in</html>", b"", b"[]", b"null", b'"text"', b'{"half": ', b"\xff\xfe"],
)
def test_an_answer_that_is_no_api_servers_is_not_believed(
    run: Any, double: Any, answering: Any, content: bytes
) -> None:
    _, raw = answering
    double.answers["GET", "/version"] = raw(content)
    with pytest.raises(errors.Unavailable):
        sent(run, double)


def test_an_answer_nested_beyond_reason_breaks_nothing(
    run: Any, double: Any, answering: Any
) -> None:
    _, raw = answering
    double.answers["GET", "/version"] = raw(b'{"a":' + b"[" * 200_000)
    with pytest.raises(errors.Unavailable):
        sent(run, double)


def test_a_redirect_takes_our_token_nowhere(run: Any, double: Any, answering: Any) -> None:
    said, _ = answering
    elsewhere = f"{double.url}/elsewhere"
    double.answers["GET", "/version"] = said({"message": "over there"}, 307, Location=elsewhere)
    double.says("/elsewhere", {"gitVersion": "v1.36.3"})
    with pytest.raises(errors.Unavailable):
        sent(run, double)
    assert [each.path for each in double.asked] == ["/version"]


def test_a_flood_is_cut_off(run: Any, double: Any, answering: Any) -> None:
    _, raw = answering
    double.answers["GET", "/version"] = raw(b'"' + b"x" * 100_000 + b'"')
    with pytest.raises(errors.Unavailable, match="too long"):
        sent(run, double, Limits(answer=10_000))


def test_no_flood_hides_in_compression_that_nobody_asked_for(
    run: Any, double: Any, answering: Any
) -> None:
    _, raw = answering
    packed = gzip.compress(b'{"a": "' + b"x" * 1_000_000 + b'"}')
    double.answers["GET", "/version"] = raw(packed, Content_Encoding="gzip")
    with pytest.raises(errors.Unavailable):
        sent(run, double, Limits(answer=100_000))


def test_an_answer_that_trickles_for_ever_ends(run: Any, double: Any) -> None:
    enough = threading.Event()

    def trickle(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        while not enough.wait(0.01):
            handler.wfile.write(b" ")

    double.answers["GET", "/version"] = trickle
    with pytest.raises(errors.Unavailable, match="in time"):
        sent(run, double, Limits(seconds=0.3))
    enough.set()


def test_a_connection_that_breaks_in_the_middle_is_an_error(run: Any, double: Any) -> None:
    def half(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b'{"gitVersion": ')
        handler.close_connection = True

    double.answers["GET", "/version"] = half
    with pytest.raises(errors.Unavailable):
        sent(run, double)


def test_another_certificate_is_not_trusted(run: Any, double: Any) -> None:
    stranger = Credential(server=double.url, certificate_authority=None, token=Secret("t0ken"))

    async def work() -> None:
        wire = Wire(stranger)
        try:
            await wire.send("GET", "/version")
        finally:
            await wire.close()

    with pytest.raises(errors.Unavailable):
        run(work())
    assert double.asked == []


def test_a_list_is_read_page_by_page(run: Any, double: Any, answering: Any) -> None:
    said, _ = answering
    pages = [
        {"items": [{"n": 1}, {"n": 2}], "metadata": {"continue": "more"}},
        {"items": [{"n": 3}]},
    ]

    def following(handler: Any) -> None:
        said(pages.pop(0))(handler)

    double.answers["GET", "/things"] = following
    assert [each["n"] for each in listed(run, double)] == [1, 2, 3]
    first, second = (each.path for each in double.asked)
    assert "labelSelector=a%3Db" in first
    assert "continue=more" in second


def test_a_list_that_goes_round_in_circles_ends(run: Any, double: Any) -> None:
    double.says("/things", {"items": [{}], "metadata": {"continue": "again"}})
    with pytest.raises(errors.Unavailable, match="circles"):
        listed(run, double)


def test_a_list_that_never_ends_is_left(run: Any, double: Any, answering: Any) -> None:
    said, _ = answering

    def more(handler: Any) -> None:
        rest = f"page-{len(double.asked)}"
        said({"items": [{"x": "y" * 1000}], "metadata": {"continue": rest}})(handler)

    double.answers["GET", "/things"] = more
    with pytest.raises(errors.Unavailable, match="does not end"):
        listed(run, double, Limits(listing=20_000))


@pytest.mark.parametrize("page", [{"items": 7}, {"items": [], "metadata": "text"}])
def test_a_list_of_another_shape_is_not_believed(run: Any, double: Any, page: Any) -> None:
    double.says("/things", page)
    with pytest.raises(errors.Unavailable):
        listed(run, double)


@pytest.mark.parametrize("token", ["a\r\nImpersonate-User: root", "a b", "tökén", "", "x" * 20_000])
def test_no_token_becomes_another_header(token: str) -> None:
    with pytest.raises(errors.Invalid) as caught:
        Wire(
            Credential(
                server="https://127.0.0.1:1", certificate_authority=None, token=Secret(token)
            )
        )
    assert caught.value.field == "token"
    assert not token or token not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nÄ\n-----END CERTIFICATE-----\n",
        "nothing",
    ],
)
def test_a_certificate_authority_that_is_none_is_named(text: str) -> None:
    with pytest.raises(errors.Invalid) as caught:
        Wire(
            Credential(
                server="https://127.0.0.1:1", certificate_authority=text, token=Secret("t0ken")
            )
        )
    assert caught.value.field == "ca"


@pytest.mark.parametrize("server", ["https://[::::]", "https://host:99999", "https://a..b"])
def test_an_address_that_is_none_is_a_refusal_and_no_crash(run: Any, server: str) -> None:
    async def work() -> None:
        wire = Wire(Credential(server=server, certificate_authority=None, token=Secret("t0ken")))
        try:
            await wire.send("GET", "/version")
        finally:
            await wire.close()

    with pytest.raises(errors.Refusal):
        run(work())
