"""A refusal in words: what the API server said, and as far as the person may know, why.

Pure: the API server's words are quoted, never guessed at; what follows them comes from the
person's own rules.
"""

from collections.abc import Iterable
from enum import StrEnum

from labpass import problems
from labpass.kube import answers
from labpass.workloads.place import Place


class Cause(StrEnum):
    """What in the API server said no, told by the form of its words."""

    RULE = "rule"
    QUOTA = "quota"
    POD_SECURITY = "pod security"
    POLICY = "policy"
    OTHER = "other"


def cause_of(words: str) -> Cause:
    """Return what refused. The forms are those of kube-apiserver 1.30 to 1.36."""
    if " cannot " in words and "is forbidden: User " in words:
        return Cause.RULE
    if "exceeded quota: " in words:
        return Cause.QUOTA
    if "violates PodSecurity" in words:
        return Cause.POD_SECURITY
    if "ValidatingAdmissionPolicy " in words:
        return Cause.POLICY
    return Cause.OTHER


def explain(
    refused: problems.Forbidden, place: Place, mine: Iterable[Place], *, grantors: str = ""
) -> problems.Forbidden:
    """Return the refusal as a person should read it.

    ``grantors`` says who can grant what is missing, in the authority's words; empty where the
    person may not know.
    """
    said = answers.cause(refused)
    if said is None:  # not the API server's words: the authority's, which explain themselves
        return refused
    message = f"Refused by the API server of {place.cluster}:\n  {said.message}"
    hint = "\n  ".join(_reasons(cause_of(said.message), place, list(mine), grantors))
    return problems.Forbidden(message, hint=hint)


def _reasons(cause: Cause, place: Place, mine: list[Place], grantors: str) -> list[str]:
    match cause:
        case Cause.RULE:
            return _missing_rule(place, mine, grantors)
        case Cause.QUOTA:
            return [f"Project {place.project} has used up what it may hold at once."]
        case Cause.POD_SECURITY:
            return ["The project's namespace enforces Pod Security: see the parts named above."]
        case Cause.POLICY:
            return ["A policy of the cluster refused it, whoever asks."]
        case Cause.OTHER:
            return []


def _missing_rule(place: Place, mine: list[Place], grantors: str) -> list[str]:
    roles = sorted({one.role for one in mine if one.project == place.project})
    others = sorted({one.project for one in mine} - {place.project})
    lines = [
        f"Missing:       a rule that makes you researcher in project {place.project}",
        f"You have:      {', '.join(roles) or 'no rule'} in {place.project}",
        f"Can grant it:  {grantors or 'an administrator of the project or of the organisation'}",
    ]
    if others:
        lines.append(f"Yours are:     {', '.join(others)}")
    return lines
