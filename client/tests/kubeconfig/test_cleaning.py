"""Kubeconfigs with credentials hidden in every place there is; none may survive cleaning."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labpass.kubeconfig import cleaning, document
from labpass.kubeconfig.cleaning import Kind
from labpass.kubeconfig.document import Login, Place

SECRET = "S3CRET"
PEM = "-----BEGIN CERTIFICATE-----\nQUJDRA==\n-----END CERTIFICATE-----\n"
KEY_PEM = f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----\n"
CA = base64.b64encode(PEM.encode()).decode()
LOGIN = Login(
    command=document.PLUGIN,
    key="0" * 64,
    issuer="https://login.example",
    audience="labpass-lab-a-12345678",
    profile="default",
)
PLACE = Place(
    context="vision@lab-a",
    server="https://lab-a.example:6443",
    ca_pem=PEM,
    namespace="labpass-vision",
    login=LOGIN,
)

names = st.sampled_from(["kubernetes-admin", "super-admin", "alice", "lab", "a@b", "x y"])
secrets = st.sampled_from(
    [SECRET, base64.b64encode(SECRET.encode()).decode(), f"x{SECRET}", [SECRET], {"a": SECRET}]
)
user_secrets = st.dictionaries(
    st.sampled_from([*cleaning.USER_KINDS, "extensions", "Token", "x-unknown", "impersonate"]),
    secrets,
    max_size=5,
)
hostile_exec = st.fixed_dictionaries(
    {"command": st.sampled_from([document.PLUGIN, "aws", f"/elsewhere/{document.PLUGIN}"])},
    optional={
        "apiVersion": st.sampled_from(["client.authentication.k8s.io/v1", SECRET]),
        "args": st.sampled_from(
            [
                ["--token", SECRET],
                ["v1", "0" * 64, "https://login.example", "aud", "default", SECRET],
                ["v1", "0" * 64, f"https://u:{SECRET}@login.example", "aud", "default"],
            ]
        ),
        "env": st.just([{"name": "T", "value": SECRET}]),
        "installHint": st.just(SECRET),
    },
)
users = st.one_of(
    user_secrets, st.builds(lambda u, e: {**u, "exec": e}, user_secrets, hostile_exec)
)
clusters = st.fixed_dictionaries(
    {
        "server": st.sampled_from(
            [
                "https://lab.example:6443",
                f"https://admin:{SECRET}@lab.example:6443/k8s/clusters/c-1",
                f"https://lab.example/?token={SECRET}",
                f"https://lab.example/#{SECRET}",
                f"http://{SECRET}@lab.example",
                "https://[::1]:6443",
                f"https://{SECRET}@[::1",
                [SECRET],
            ]
        )
    },
    optional={
        "certificate-authority-data": st.sampled_from(
            [CA, base64.b64encode((PEM + KEY_PEM).encode()).decode(), SECRET, {"x": SECRET}]
        ),
        "certificate-authority": st.sampled_from(["ca.crt", f"/anybody/{SECRET}"]),
        "proxy-url": st.just(f"http://u:{SECRET}@proxy"),
        "insecure-skip-tls-verify": st.booleans(),
        "tls-server-name": st.sampled_from(["lab.example", f"a b {SECRET}", [SECRET]]),
        "disable-compression": st.sampled_from([True, SECRET]),
        "extensions": st.just([{"name": "x", "extension": {"token": SECRET}}]),
        "x-unknown": secrets,
    },
)
contexts = st.fixed_dictionaries(
    {"cluster": names, "user": names},
    optional={
        "namespace": st.sampled_from(["vision", f"{SECRET}", [SECRET]]),
        "extensions": st.just([{"name": document.EXTENSION, "extension": {"token": SECRET}}]),
        "x-unknown": secrets,
    },
)


def entries(singular: str, inside: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    entry = st.fixed_dictionaries(
        {"name": names, singular: inside}, optional={"x-unknown": secrets}
    )
    return st.lists(entry, max_size=4)


kubeconfigs = st.fixed_dictionaries(
    {
        "clusters": entries("cluster", clusters),
        "users": entries("user", users),
        "contexts": entries("context", contexts),
    },
    optional={
        "apiVersion": st.just("v1"),
        "kind": st.just("Config"),
        "current-context": st.one_of(names, st.just(SECRET), st.just([SECRET])),
        "preferences": st.just({"colors": SECRET}),
        "extensions": st.just([{"name": "x", "extension": SECRET}]),
        "x-unknown": secrets,
    },
)


def shows(value: object) -> bool:
    """True if the secret is there, as it is or in base64 (also within a longer text)."""
    text = json.dumps(value)
    forms = {base64.b64encode(b"x" * n + SECRET.encode())[4:-4].decode() for n in range(3)}
    hidden = [_decoded(part) for part in _strings(value)]
    return SECRET in text or any(f and f in text for f in forms) or any(SECRET in h for h in hidden)


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode(errors="replace")
    except ValueError:
        return ""


def _strings(value: object) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [found for inner in value.values() for found in _strings(inner)]
        case list():
            return [found for inner in value for found in _strings(inner)]
        case _:
            return []


@given(kubeconfigs)
def test_no_credential_survives_wherever_it_was_hidden(kubeconfig: dict[str, Any]) -> None:
    cleaned = cleaning.clean(kubeconfig, authorities={"ca.crt": PEM + KEY_PEM})
    assert not shows(cleaned.document)
    assert not shows([finding.place for finding in cleaned.findings])


@given(kubeconfigs)
def test_cleaning_twice_changes_nothing(kubeconfig: dict[str, Any]) -> None:
    once = cleaning.clean(kubeconfig, authorities={"ca.crt": PEM}, login=LOGIN)
    twice = cleaning.clean(once.document, login=LOGIN)
    assert twice.document == once.document
    assert twice.findings == ()


@given(kubeconfigs)
def test_the_rest_stays(kubeconfig: dict[str, Any]) -> None:
    cleaned = cleaning.clean(kubeconfig).document
    kept = {one["name"]: one["cluster"] for one in cleaned["clusters"]}
    for entry in reversed(kubeconfig["clusters"]):
        first = next(c for c in kubeconfig["clusters"] if c["name"] == entry["name"])
        if first["cluster"]["server"] == "https://lab.example:6443":
            assert kept[entry["name"]]["server"] == "https://lab.example:6443"
    assert [c["name"] for c in cleaned["contexts"]] == list(
        dict.fromkeys(c["name"] for c in kubeconfig["contexts"])
    )


@given(kubeconfigs)
def test_everything_taken_out_is_named(kubeconfig: dict[str, Any]) -> None:
    cleaned = cleaning.clean(kubeconfig)
    places = {finding.place for finding in cleaned.findings}
    seen: set[str] = set()
    for entry in kubeconfig["users"]:
        name = entry["name"]
        if name in seen:
            assert f"users[{name}]" in places
            continue
        seen.add(name)
        for key in entry["user"]:
            assert f"users[{name}].user.{key}" in places


def test_what_we_build_is_clean() -> None:
    built = document.build([PLACE], current=PLACE.context)
    cleaned = cleaning.clean(built)
    assert cleaned.document == built
    assert cleaned.findings == ()


def test_an_administrators_file_becomes_a_researchers() -> None:
    admin = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "kubernetes", "cluster": {"server": "https://a:6443"}}],
        "users": [{"name": "kubernetes-admin", "user": {"client-key-data": SECRET}}],
        "contexts": [
            {"name": "c", "context": {"cluster": "kubernetes", "user": "kubernetes-admin"}}
        ],
        "current-context": "c",
        "preferences": {},
    }
    cleaned = cleaning.clean(admin, login=LOGIN)
    assert cleaned.document["users"] == [document.user(LOGIN)]
    assert cleaned.document["contexts"][0]["context"]["user"] == LOGIN.audience
    assert [f.place for f in cleaned.findings] == ["users[kubernetes-admin].user.client-key-data"]
    assert cleaned.findings[0].kind is Kind.CREDENTIAL


def test_a_half_cleaned_entry_loses_the_certificate_and_keeps_our_plugin() -> None:
    entry = document.user(LOGIN)
    entry["user"]["client-certificate-data"] = SECRET
    cleaned = cleaning.clean({"users": [entry]})
    assert cleaned.document["users"] == [document.user(LOGIN)]
    assert len(cleaned.findings) == 1


def test_our_plugins_name_at_a_strange_path_is_a_foreign_program() -> None:
    entry = document.user(LOGIN)
    entry["user"]["exec"]["command"] = f"/elsewhere/{document.PLUGIN}"
    cleaned = cleaning.clean({"users": [entry]})
    assert cleaned.document["users"] == []
    assert cleaned.findings[0].kind is Kind.CODE


@pytest.mark.parametrize(
    "odd", [[], "text", {"kind": "Pod"}, {"users": "x"}, {"users": ["x"]}, {"clusters": {"a": 1}}]
)
def test_another_shape_is_refused(odd: object) -> None:
    with pytest.raises(cleaning.NotAKubeconfig):
        cleaning.clean(odd)
