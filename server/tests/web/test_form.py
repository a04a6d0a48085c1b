import pytest

from labpass_server.model import errors
from labpass_server.web import form


def test_fields_are_read() -> None:
    assert form.parse(b"a=1&b=%C3%A4+b&c=") == {"a": "1", "b": "\u00e4 b", "c": ""}


@pytest.mark.parametrize(
    "body",
    [
        b"a=1&a=2",
        b"a=%FF",
        "a=\u00e4".encode(),
        b"&".join(b"f%d=1" % n for n in range(101)),
    ],
    ids=["repeated", "not UTF-8", "not ASCII", "too many"],
)
def test_what_two_readers_could_read_differently_is_refused(body: bytes) -> None:
    with pytest.raises(errors.Invalid):
        form.parse(body)
