from datetime import timedelta

import pytest
from joserfc import jwk, jwt
from server.tests.conftest import Clock, Run

from labpass.secret import Secret
from labpass_server.app import authority
from labpass_server.model import cluster

TARGET = cluster.Target(
    cluster_id=cluster.ClusterId("c1"),
    name="alpha",
    audience="labpass-alpha-k3j2h5g4",
    username_prefix="labpass:",
    groups_prefix="labpass:",
    algorithm=cluster.Algorithm.ES256,
)


def test_a_pair_differs_by_its_audience_alone(
    identity: authority.Authority, run: Run, clock: Clock
) -> None:
    pair = run(identity.canaries.issue(TARGET, lifetime=timedelta(hours=1), now=clock()))
    keys = jwk.KeySet.import_key_set({"keys": run(identity.keys.published(clock()))})

    def said(token: Secret) -> dict[str, object]:
        return dict(jwt.decode(token.reveal(), keys, algorithms=["ES256"]).claims)

    right, wrong = said(pair.token), said(pair.wrong_audience_token)
    assert right["aud"] == TARGET.audience
    assert wrong["aud"] != TARGET.audience
    for each in (right, wrong):
        assert each["preferred_username"] == "canary"
        assert each["groups"] == ["canary"]
    assert pair.expires_at == clock() + timedelta(hours=1)
    assert right["exp"] == int(pair.expires_at.timestamp())


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        (timedelta(days=365), timedelta(days=1)),
        (timedelta(0), timedelta(minutes=1)),
        (timedelta(minutes=20), timedelta(minutes=20)),
    ],
)
def test_it_lives_a_day_at_most(
    identity: authority.Authority, run: Run, clock: Clock, asked: timedelta, given: timedelta
) -> None:
    pair = run(identity.canaries.issue(TARGET, lifetime=asked, now=clock()))
    assert pair.expires_at - clock() == given
