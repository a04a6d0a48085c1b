"""Everything that `labpass cluster connect` installs, object by object."""

from collections.abc import Mapping
from typing import Any, Final

from docs.generator.page import code, page, table

from labpass.cluster import definition, manifest, names, stamp
from labpass.cluster.manifest import Manifest

_PREFIX: Final = "labpass:"
_ID: Final = "installation-id"
_VERSION: Final = stamp.FROM


def render() -> str:
    """Return the page, for the newest Kubernetes that changes something, with what is older."""
    made = definition.objects(_ID, _PREFIX, _PREFIX, _VERSION)
    older = {
        manifest.title(each)
        for each in definition.objects(_ID, _PREFIX, _PREFIX, definition.OLDEST)
    }
    policies = [each for each in made if manifest.kind(each).endswith("Policy")]
    return page(
        "What is installed in a cluster",
        _introduction(),
        "## In this order",
        table(
            ("object", "from Kubernetes"),
            [[f"`{manifest.title(each)}`", _since(each, older)] for each in made],
        ),
        "## What each policy refuses, in its own words",
        "Words between quotation marks are an expression of the API server's: it puts names in.",
        *(_policy(each) for each in policies),
        "## What our account may do",
        f"`{names.ACCOUNT_USER}`, confined by the policies `labpass-fence-…` above.",
        *(_role(each) for each in made if manifest.name(each) == names.ACCOUNT and "rules" in each),
    )


def _introduction() -> str:
    return f"""\
`labpass cluster connect` and `labpass cluster upgrade` write these objects, with the administrator's own credential.
Each carries the annotation `{names.DEFINITION}`, the digest of the whole; `labpass cluster connect --dry-run` shows what would change.
The ClusterRoles of the permission sets are spelled out under [permissions](permissions.md).
`{_ID}` stands for the id of the installation, `{_PREFIX}` for the cluster's prefix."""


def _since(each: Manifest, older: set[str]) -> str:
    version = definition.OLDEST if manifest.title(each) in older else _VERSION
    return ".".join(map(str, version))


def _policy(each: Manifest) -> str:
    spec: Any = each["spec"]
    rules = spec["matchConstraints"]["resourceRules"]
    asked = [f"- {' and '.join(rule['operations'])} of {code(_resources(rule))}" for rule in rules]
    refused = [f"- {_words(one)}" for one in spec.get("validations", ())]
    title = f"### {manifest.name(each)}"
    if not refused:
        refused = ["- nothing: it writes the caller's handle over the label that was sent"]
    return "\n".join([title, "", "Asked about:", "", *asked, "", "Refuses with:", "", *refused])


def _resources(rule: Mapping[str, Any]) -> list[str]:
    group = rule["apiGroups"][0]
    return [f"{one}.{group}" if group else one for one in rule["resources"]]


def _words(validation: Mapping[str, str]) -> str:
    return validation.get("message") or f"`{validation['messageExpression']}`"


def _role(each: Manifest) -> str:
    rules: Any = each["rules"]
    rows = [
        [
            f"`{rule['apiGroups'][0] or 'core'}`",
            code(rule["resources"]),
            code(rule["verbs"]),
            code(rule.get("resourceNames", ())),
        ]
        for rule in rules
    ]
    where = f" in `{manifest.namespace(each)}`" if manifest.namespace(each) else ""
    heading = f"{manifest.kind(each)} `{manifest.name(each)}`{where}:\n\n"
    return heading + table(("API group", "resources", "verbs", "only these"), rows)
