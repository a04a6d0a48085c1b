"""Who else on this API server could produce a name that is ours.

Another issuer without a prefix carries any name it likes, and with it every rule of ours. A prefix
that something else can produce is refused, and the rule that closes the gap is offered.
"""

from collections.abc import Iterator

from labpass.trust import structured
from labpass.trust.config import TrustConfig
from labpass.trust.findings import Finding, refuse, warn


def check(items: list[object], config: TrustConfig) -> tuple[Finding, ...]:
    """Return what the other entries of a configuration could do to our names and groups."""
    return tuple(
        finding
        for place, item in enumerate(items)
        if structured.issuer_of(item) != config.issuer
        for finding in _neighbour(f"jwt[{place}]", item, config)
    )


def _neighbour(where: str, item: object, config: TrustConfig) -> Iterator[Finding]:
    rule = structured.keeps_away(config.username_prefix)
    rules = structured.at(item, "userValidationRules")
    has_rule = isinstance(rules, list) and any(
        structured.at(one, "expression") == rule["expression"] for one in rules
    )
    username = structured.at(item, "claimMappings", "username")
    if not has_rule and _can_produce(username, config.username_prefix):
        yield refuse(
            f"{where}.claimMappings.username",
            f"{structured.issuer_of(item)} could name somebody {config.username_prefix}...",
            f"give that entry the userValidationRule {rule['expression']},"
            " or, if it is our own former address, --instead-of it",
        )
    groups = structured.at(item, "claimMappings", "groups")
    if groups is not None and _can_produce(groups, config.groups_prefix):
        yield warn(
            f"{where}.claimMappings.groups",
            f"{structured.issuer_of(item)} could put people into groups {config.groups_prefix}...",
            "give its groups a prefix",
        )


def _can_produce(mapping: object, ours: str) -> bool:
    """Whether a name that begins with our prefix can come out: CEL may produce anything."""
    prefix = structured.at(mapping, "prefix")
    if not isinstance(prefix, str):
        return True
    return ours.startswith(prefix) or prefix.startswith(ours)
