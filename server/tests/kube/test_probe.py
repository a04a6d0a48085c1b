from typing import Any

import pytest

from labpass.cluster import names
from labpass_server.kube.probe import Probe
from labpass_server.model import errors

REVIEW = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


def review(user: str) -> dict[str, Any]:
    return {"status": {"userInfo": {"username": user}}}


def test_our_account_and_the_version_are_seen(run: Any, double: Any) -> None:
    double.says(REVIEW, review(names.ACCOUNT_USER), 201, method="POST")
    double.says("/version", {"gitVersion": "v1.33.2+rke2r1"})
    assert run(Probe().version(double.credential)) == "v1.33.2+rke2r1"


def test_an_administrators_own_token_is_not_taken(run: Any, double: Any) -> None:
    double.says(REVIEW, review("kubernetes-admin"), 201, method="POST")
    double.says("/version", {"gitVersion": "v1.36.3"})
    with pytest.raises(errors.Invalid) as caught:
        run(Probe().version(double.credential))
    assert caught.value.field == "token"
    assert "kubernetes-admin" in caught.value.reason


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 409, 422, 429, 500, 503])
def test_what_a_cluster_refuses_is_not_taken_for_our_own_refusal(
    run: Any, double: Any, status: int
) -> None:
    double.says(REVIEW, {"message": "no such thing here"}, status, method="POST")
    with pytest.raises(errors.Invalid) as caught:
        run(Probe().version(double.credential))
    assert caught.value.field == "server"


@pytest.mark.parametrize(
    "version", [None, 7, "", "v1.36.3\x00", "v" + "1" * 100, "<script>", "1.36"]
)
def test_a_version_that_is_none_is_refused(run: Any, double: Any, version: Any) -> None:
    double.says(REVIEW, review(names.ACCOUNT_USER), 201, method="POST")
    double.says("/version", {"gitVersion": version})
    with pytest.raises(errors.Invalid) as caught:
        run(Probe().version(double.credential))
    assert caught.value.field == "server"


@pytest.mark.parametrize("answer", [{}, {"status": None}, {"status": {"userInfo": []}}])
def test_a_review_of_another_shape_is_refused(run: Any, double: Any, answer: Any) -> None:
    double.says(REVIEW, answer, 201, method="POST")
    with pytest.raises(errors.Invalid):
        run(Probe().version(double.credential))
