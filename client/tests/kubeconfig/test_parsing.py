import pytest

from labpass.kubeconfig import parsing

BOMB = b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"\x7fELF\x02\x01\xff\xfe", "not text"),
        (b"a: b\0c", "not text"),
        (b"a: \x01", "not text"),
        (b"x" * (parsing.LARGEST + 1), "larger than"),
        (BOMB, "alias"),
        (b"a: 1\na: 2\n", "twice in line 2"),
        (b"users:\n- user: {token: a, token: b}\n", "twice"),
        (b"a: !!python/object/apply:os.system [id]\n", "tag"),
        (b"a: !!binary S3CRET\n", "tag"),
        (b"[" * 5000, "more than"),
        (b"a: [" + b"1," * 30000 + b"]", "more than"),
        (b"a: 1\n---\nb: 2\n", "more than one"),
        (b"- a\n- b\n", "no kubeconfig"),
        (b"just words", "no kubeconfig"),
        (b"a: [1, 2\n", "no YAML"),
        (b"a: 'S3CRET\n", "no YAML"),
    ],
)
def test_is_refused_in_words_without_quoting_it(raw: bytes, words: str) -> None:
    with pytest.raises(parsing.Unreadable) as refused:
        parsing.parse(raw)
    assert words in str(refused.value)
    assert "S3CRET" not in str(refused.value)


def test_comments_order_and_quotes_stay() -> None:
    text = b"# mine\nkind: Config\napiVersion: 'v1'\nusers: # all\n- name: a\n  user: {}\n"
    assert parsing.render(parsing.parse(text)) == text


def test_json_is_read_too() -> None:
    assert parsing.parse(b'{"kind": "Config", "users": []}') == {"kind": "Config", "users": []}
