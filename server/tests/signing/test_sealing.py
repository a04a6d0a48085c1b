import pytest
from hypothesis import given
from hypothesis import strategies as st

from labpass_server.model import errors
from labpass_server.signing import sealing

KEY = bytes(range(32))
SEALER = sealing.Sealer(KEY)


@given(st.binary(), st.text())
def test_what_was_sealed_opens_for_the_same_purpose(plain: bytes, purpose: str) -> None:
    assert SEALER.open(SEALER.seal(plain, purpose=purpose), purpose=purpose) == plain


def test_the_same_looks_different_each_time() -> None:
    assert SEALER.seal(b"x", purpose="p") != SEALER.seal(b"x", purpose="p")


def test_nothing_of_the_plain_text_shows() -> None:
    assert b"secret" not in SEALER.seal(b"secret" * 10, purpose="p")


def test_a_row_moved_to_another_place_does_not_open() -> None:
    with pytest.raises(errors.Unavailable):
        SEALER.open(SEALER.seal(b"x", purpose="key one"), purpose="key two")


def test_another_sealing_key_opens_nothing() -> None:
    with pytest.raises(errors.Unavailable):
        sealing.Sealer(bytes(32)).open(SEALER.seal(b"x", purpose="p"), purpose="p")


@given(st.binary(max_size=64))
def test_anything_else_is_refused(sealed: bytes) -> None:
    with pytest.raises(errors.Unavailable):
        SEALER.open(sealed, purpose="p")


@given(st.integers(0, 29), st.integers(1, 255))
def test_a_changed_byte_is_noticed(position: int, change: int) -> None:
    sealed = bytearray(SEALER.seal(b"xx", purpose="p"))
    sealed[position % len(sealed)] ^= change
    with pytest.raises(errors.Unavailable):
        SEALER.open(bytes(sealed), purpose="p")
