from datetime import timedelta

from starlette.responses import Response
from starlette.testclient import TestClient

from labpass.secret import Secret
from labpass_server.web import cookies


def test_every_cookie_is_bound_to_this_host() -> None:
    assert all(name.startswith("__Host-") for name in cookies.Cookie)


def test_a_session_cookie_cannot_be_read_by_script_or_sent_in_clear_or_by_foreign_forms() -> None:
    response = Response()
    cookies.put(response, cookies.Cookie.SESSION, Secret("s3cret"))
    flags = {part.strip().lower() for part in response.headers["set-cookie"].split(";")[1:]}
    assert flags == {"httponly", "secure", "path=/", "samesite=lax"}


def test_a_lifetime_becomes_max_age() -> None:
    response = Response()
    cookies.put(response, cookies.Cookie.DEVICE, Secret("d"), lifetime=timedelta(days=1))
    assert "Max-Age=86400" in response.headers["set-cookie"]


def test_clearing_keeps_the_flags_without_which_browsers_ignore_it() -> None:
    response = Response()
    cookies.clear(response, cookies.Cookie.SESSION)
    flags = response.headers["set-cookie"]
    assert "Secure" in flags
    assert "Path=/" in flags
    assert "Max-Age=0" in flags


def test_pages_set_only_the_form_cookie(client: TestClient, name: str) -> None:
    answer = client.get(f"/page/{name}")
    assert set(answer.cookies) <= {cookies.Cookie.FORM}
