"""A plan in words that a person reads: what it means for people first, the objects below."""

from collections.abc import Sequence
from typing import Final

from labpass.api.rules import Meaning, Plan
from labpass.commands import output

MOST: Final = 20
"""Lines of a kind; who wants them all takes the plan as JSON."""


def lines(plan: Plan) -> list[str]:
    """Return the lines to show before somebody is asked to say yes."""
    people = [_meaning(one) for one in plan.people]
    objects = [
        f"  {it.action} {it.kind} {it.cluster}/{it.namespace}/{it.name}" for it in plan.objects
    ]
    shown = [*_cut(people or ["Nobody gains or loses anything by it."]), *_cut(objects)]
    return [output.plain(line) for line in shown]


def _meaning(one: Meaning) -> str:
    """Such as: ``alice gains researcher in vision on lab: view, submit, interact, data``."""
    where = _where(one)
    before, after = one.role_before, one.role_after
    if before is None:
        return f"{one.person} gains {after} {where}{_listed(one.gains, one.gains_in_labpass)}"
    if after is None:
        return f"{one.person} loses {before} {where}{_listed(one.loses, one.loses_in_labpass)}"
    how = f"stays {after}" if before == after else f"becomes {after} instead of {before}"
    changes = [
        f"{word} {', '.join(sets or rights)}"
        for word, sets, rights in (
            ("gains", one.gains, one.gains_in_labpass),
            ("loses", one.loses, one.loses_in_labpass),
        )
        if sets or rights
    ]
    return f"{one.person} {how} {where}{': ' if changes else ''}{'; '.join(changes)}"


def _where(one: Meaning) -> str:
    if one.project is None:
        return "in the organisation"
    return f"in {one.project} on {one.cluster}" if one.cluster else f"in {one.project}"


def _listed(sets: Sequence[str], rights: Sequence[str]) -> str:
    named = ", ".join(sets or rights)
    return f": {named}" if named else ""


def _cut(found: list[str]) -> list[str]:
    if len(found) <= MOST:
        return found
    return [*found[:MOST], f"  and {len(found) - MOST} more; all of them: --dry-run -o json"]
