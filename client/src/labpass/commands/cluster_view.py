"""What an API server makes of this person: the review that ``kubectl auth whoami`` asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from labpass.kube.client import Client
from labpass.problems import CheckFailed, Unreachable
from labpass.secret import Secret

REVIEW: Final = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A name and its groups, as the API server answered."""

    username: str
    groups: tuple[str, ...]


def ask(place: Mapping[str, Any], token: Secret) -> Seen:
    """Ask the cluster of one item of ``/me/projects`` who sends this token."""
    if not place.get("server"):
        raise Unreachable(
            f"The cluster {place.get('cluster')} is not connected yet.",
            hint="its administrator: labpass cluster connect",
        )
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    with Client.from_token(str(place["server"]), place.get("ca"), token) as client:
        found = client.request("POST", REVIEW, body=review)
    info = found.get("status", {}).get("userInfo", {})
    username = info.get("username")
    if not isinstance(username, str) or not username:
        raise CheckFailed(f"The cluster {place.get('cluster')} does not say who you are there.")
    return Seen(username=username, groups=tuple(map(str, info.get("groups") or ())))
