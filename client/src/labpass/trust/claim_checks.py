"""The checks of one entry's claims: mappings, prefixes, rules, and CEL known to be sound."""

from collections.abc import Iterator, Mapping
from typing import Final

from labpass.trust import shape, structured
from labpass.trust.findings import Finding, refuse

ENTRY_FIELDS: Final = ("issuer", "claimValidationRules", "claimMappings", "userValidationRules")
_MAPPINGS: Final = ("username", "groups", "uid", "extra")
_EXPRESSIONS: Final = ("expression", "valueExpression")


def known_expressions(item: Mapping[str, object]) -> frozenset[str]:
    """Return the CEL that may stand in this entry: ours, when the entry is ours.

    CEL is judged as part of a whole entry, because an expression may oblige another field to be
    there. The rules that protect names are ours in any entry.
    """
    is_ours = bool(structured.read({"jwt": [item]}))
    return frozenset(text for text in _expressions(item) if is_ours or _is_ours_anywhere(text))


def _is_ours_anywhere(text: str) -> bool:
    if text in {rule["expression"] for rule in structured.RESERVED_NAMES}:
        return True
    prefix = text.removeprefix("!user.username.startsWith('").removesuffix("')")
    signs = prefix.replace(":", "").replace("-", "").replace(".", "").replace("_", "")
    return (
        signs.isascii() and signs.isalnum() and text == structured.keeps_away(prefix)["expression"]
    )


def _expressions(value: object) -> Iterator[str]:
    match value:
        case Mapping():
            for name, held in value.items():
                if name in _EXPRESSIONS and isinstance(held, str):
                    yield held
                else:
                    yield from _expressions(held)
        case list():
            for held in value:
                yield from _expressions(held)
        case _:
            return


def claims(where: str, item: Mapping[str, object], known: frozenset[str]) -> Iterator[Finding]:
    """Check mappings and rules of one entry; ``known`` is the CEL that passes."""
    yield from _mappings(f"{where}.claimMappings", item.get("claimMappings"), known)
    yield from _claim_rules(f"{where}.claimValidationRules", item, known)
    yield from _user_rules(f"{where}.userValidationRules", item, known)


def _mappings(where: str, held: object, known: frozenset[str]) -> Iterator[Finding]:
    yield from shape.mapping(where, held, _MAPPINGS)
    if not isinstance(held, Mapping):
        return
    if "username" not in held:
        yield refuse(f"{where}.username", "is missing")
    for name in ("username", "groups"):
        if name in held:
            yield from _prefixed(f"{where}.{name}", held[name], known)
    if "uid" in held:
        yield from _one_of(f"{where}.uid", held["uid"], ("claim", "expression"), known)
    if held.get("extra", []) != []:
        yield refuse(f"{where}.extra", "can only be judged where it runs already")


def _prefixed(where: str, held: object, known: frozenset[str]) -> Iterator[Finding]:
    """Either a claim with a prefix, though it may be empty, or an expression without one."""
    yield from _one_of(where, held, ("claim", "expression", "prefix"), known)
    if not isinstance(held, Mapping):
        return
    if "claim" in held and not isinstance(held.get("prefix"), str):
        yield refuse(f"{where}.prefix", "is missing")
    if "expression" in held and "prefix" in held:
        yield refuse(f"{where}.prefix", "belongs to a claim, not to an expression")


def _one_of(
    where: str, held: object, fields: tuple[str, ...], known: frozenset[str]
) -> Iterator[Finding]:
    yield from shape.mapping(where, held, fields)
    if not isinstance(held, Mapping):
        return
    if ("claim" in held) == ("expression" in held):
        yield refuse(where, "needs either a claim or an expression")
    if "claim" in held:
        yield from shape.text(f"{where}.claim", held["claim"])
    if "expression" in held:
        yield from _expression(f"{where}.expression", held["expression"], known)


def _claim_rules(
    where: str, item: Mapping[str, object], known: frozenset[str]
) -> Iterator[Finding]:
    for here, rule in _items(where, item.get("claimValidationRules", [])):
        if rule is None:
            yield refuse(here, "must be a list of rules")
        elif "claim" in rule:
            yield from shape.unknown(here, rule, ("claim", "requiredValue"))
            yield from shape.text(f"{here}.claim", rule["claim"])
            yield from shape.text(f"{here}.requiredValue", rule.get("requiredValue"))
        else:
            yield from _rule(here, rule, known)
    yield from _twice(where, item.get("claimValidationRules", []), ("claim", "expression"))


def _user_rules(where: str, item: Mapping[str, object], known: frozenset[str]) -> Iterator[Finding]:
    for here, rule in _items(where, item.get("userValidationRules", [])):
        if rule is None:
            yield refuse(here, "must be a list of rules")
        else:
            yield from _rule(here, rule, known)
    yield from _twice(where, item.get("userValidationRules", []), ("expression",))


def _rule(where: str, rule: Mapping[str, object], known: frozenset[str]) -> Iterator[Finding]:
    yield from shape.unknown(where, rule, ("expression", "message"))
    yield from _expression(f"{where}.expression", rule.get("expression"), known)
    if "message" in rule and not isinstance(rule["message"], str):
        yield refuse(f"{where}.message", "must be a text")


def _items(where: str, held: object) -> Iterator[tuple[str, Mapping[str, object] | None]]:
    if not isinstance(held, list):
        yield where, None
        return
    for place, one in enumerate(held):
        yield f"{where}[{place}]", one if isinstance(one, Mapping) else None


def _twice(where: str, held: object, fields: tuple[str, ...]) -> Iterator[Finding]:
    rules = held if isinstance(held, list) else []
    for field in fields:
        said = [str(structured.at(rule, field)) for rule in rules if structured.at(rule, field)]
        if len(set(said)) != len(said):
            yield refuse(where, f"the same {field} stands there twice")


def _expression(where: str, held: object, known: frozenset[str]) -> Iterator[Finding]:
    if not isinstance(held, str) or not held:
        yield refuse(where, "must be an expression")
    elif held not in known:
        yield refuse(
            where,
            "is CEL that this API server does not run yet, and cannot be judged here",
            "load it by itself first",
        )
