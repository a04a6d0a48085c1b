import pytest
from server.tests.conftest import Clock, Run

from labpass_server.app import authority
from labpass_server.identity import clients
from labpass_server.model import client, errors

URIS = ["https://wiki.example.org/callback"]


def new(
    *,
    kind: client.Kind = client.Kind.CONFIDENTIAL,
    uris: list[str] | None = None,
    pkce: bool = True,
    name: str = "Wiki",
) -> clients.NewClient:
    return clients.NewClient(
        name=name, kind=kind, redirect_uris=URIS if uris is None else uris, requires_pkce=pkce
    )


def test_a_confidential_client_has_a_secret_that_is_told_once(
    identity: authority.Authority, run: Run, clock: Clock
) -> None:
    made, secret = run(identity.clients.add(new(), actor="root", now=clock()))
    assert secret is not None
    assert len(secret.reveal()) == 43
    found = run(identity.clients.get(made.client.id))
    assert found == made
    assert secret.reveal() not in repr(found)
    assert clients.is_authentic(found.client, secret)
    assert not clients.is_authentic(found.client, None)


def test_a_public_client_has_none(identity: authority.Authority, run: Run, clock: Clock) -> None:
    made, secret = run(
        identity.clients.add(new(kind=client.Kind.PUBLIC), actor="root", now=clock())
    )
    assert secret is None
    assert clients.is_authentic(made.client, None)


@pytest.mark.parametrize(
    "wrong",
    [
        new(uris=[]),
        new(uris=["http://wiki.example.org/callback"]),
        new(uris=[*URIS, "https://wiki.example.org/#x"]),
        new(kind=client.Kind.PUBLIC, pkce=False),
        new(name=""),
        new(name="x" * 101),
        new(name="two\nlines"),
    ],
)
def test_what_would_be_unsafe_is_refused(
    identity: authority.Authority, run: Run, clock: Clock, wrong: clients.NewClient
) -> None:
    with pytest.raises(errors.Invalid):
        run(identity.clients.add(wrong, actor="root", now=clock()))
    assert run(identity.clients.all()) == []


def test_a_removed_client_is_not_there_any_more(
    identity: authority.Authority, run: Run, clock: Clock
) -> None:
    made, _ = run(identity.clients.add(new(), actor="root", now=clock()))
    run(identity.clients.remove(made.client.id, actor="root", now=clock()))
    with pytest.raises(errors.NotFound):
        run(identity.clients.get(made.client.id))
    with pytest.raises(errors.NotFound):
        run(identity.clients.remove(made.client.id, actor="root", now=clock()))
