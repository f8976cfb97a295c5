"""Rule: widens-default-role."""

from collections.abc import Iterator
from functools import cache

from kubelint.checks import Category, Finding, ObjectRule, RuleMeta, Severity, named
from kubelint.cluster.kinds import is_known_group
from kubelint.cluster.rbac import RBAC_GROUP, Authorizer, PolicyRule, Request, rule_allows
from kubelint.manifests import Field, KubeObject
from kubelint.manifests.access import WrittenRule, written_rules

from .standard_verbs import REQUEST_VERBS

_LABEL = "rbac.authorization.k8s.io/aggregate-to-"
#: Each default role, and those that take in its rules in turn.
_WIDENED = {"view": ("view", "edit", "admin"), "edit": ("edit", "admin"), "admin": ("admin",)}
_IMPERSONATED = (
    ("", "users"),
    ("", "groups"),
    ("", "serviceaccounts"),
    ("authentication.k8s.io", "uids"),
    ("authentication.k8s.io", "userextras"),
)


class WidensDefaultRole(ObjectRule):
    """A ClusterRole adds a far-reaching right to `view`, `edit` or `admin`.

    ## What it does
    Looks at ClusterRoles with a label `rbac.authorization.k8s.io/aggregate-to-view`, `-edit` or `-admin`, and
    reports what they add to these roles, if that is rights on all Secrets, `escalate`, `bind` on any role,
    `impersonate`, every resource of a built-in group or of all groups, or every verb for those who were only to
    look. What a default role grants anyway, and rights on custom resources, are no finding, nor is what is
    limited by `resourceNames`, but for `escalate`.

    ## Why it matters
    The label gives the rights to everybody who is bound to the default role, in every namespace and by every
    binding that was ever made. Who gave out `view` relied on it that no Secret can be read with it.

    ## Example
    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata:
      name: backup-viewer
      labels:
        rbac.authorization.k8s.io/aggregate-to-view: "true"
    rules:
      - apiGroups: [""]
        resources: ["secrets", "persistentvolumeclaims"]
        verbs: ["get", "list", "watch"]
    ```

    ## Use instead
    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata:
      name: backup-viewer
      labels:
        rbac.authorization.k8s.io/aggregate-to-view: "true"
    rules:
      - apiGroups: [""]
        resources: ["persistentvolumeclaims"]
        verbs: ["get", "list", "watch"]
    ```

    ## When to ignore
    If everybody who holds the default role is meant to have the right.

    ## References
    - kubernetes `plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go`
    - [User-facing roles](https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles)
    """

    meta = RuleMeta(
        id="widens-default-role",
        summary="a ClusterRole adds a far-reaching right to a default role",
        category=Category.RBAC,
        severity=Severity.WARNING,
        incident=3,
        since="0.1.0",
    )
    kinds = frozenset({"ClusterRole"})

    def check(self, obj: KubeObject) -> Iterator[Finding]:
        """One finding per rule of the role."""
        label = _target(obj)
        if obj.group != RBAC_GROUP or label is None or (obj.name or "").startswith("system:"):
            return
        target = label.name.removeprefix(_LABEL)
        for entry in written_rules(obj):
            powers = list(_powers(entry.rule, target)) if entry.known else []
            if powers:
                yield self._report(obj, entry, label, powers)

    def _report(self, obj: KubeObject, entry: WrittenRule, label: Field, powers: list[str]) -> Finding:
        roles = _WIDENED[label.name.removeprefix(_LABEL)]
        return (
            self.finding(
                f"`{obj.display}` gives {_joined(powers)} to everybody who is bound to {named(roles)}",
                at=entry.field.get("resources").key,
                note="added to a default role",
            )
            .label(label, "by this label")
            .help("put the rule in a ClusterRole without the label, and bind it to those who need it")
        )


def _joined(powers: list[str]) -> str:
    return " and ".join([", ".join(powers[:-1]), powers[-1]] if len(powers) > 1 else powers)


def _target(obj: KubeObject) -> Field | None:
    """The label that adds the role to the widest-held default role."""
    labels = obj.field("metadata", "labels")
    fields = (labels.get(f"{_LABEL}{name}") for name in _WIDENED)
    return next((field for field in fields if field.text == "true"), None)


def _powers(rule: PolicyRule, target: str) -> Iterator[str]:
    """What the rule adds to the default role that reaches far."""
    if not rule.resource_names and all("*" in words for words in (rule.verbs, rule.api_groups, rule.resources)):
        yield "every right"
        return
    if any(_adds(rule, Request(verb, "", "secrets"), target) for verb in REQUEST_VERBS):
        yield "rights on all Secrets"
    if "escalate" in rule.verbs or "*" in rule.verbs:
        unnamed = PolicyRule(rule.verbs, rule.api_groups, rule.resources)
        if any(_adds(unnamed, Request("escalate", RBAC_GROUP, kind), target) for kind in ("roles", "clusterroles")):
            yield "`escalate`"
    if any(_adds(rule, Request("bind", RBAC_GROUP, kind), target) for kind in ("roles", "clusterroles")):
        yield "`bind` on every role"
    if any(_adds(rule, Request("impersonate", group, kind), target) for group, kind in _IMPERSONATED):
        yield "`impersonate`"
    yield from _stars(rule, target)


def _stars(rule: PolicyRule, target: str) -> Iterator[str]:
    """Everything at once, be it resources or verbs. The author of a custom resource knows what its group holds."""
    if rule.resource_names or not rule.resources or not rule.verbs:
        return
    if "*" in rule.resources and "*" in rule.api_groups:
        yield "every resource of every group"
    elif "*" in rule.resources and any(map(is_known_group, rule.api_groups)):
        yield "every resource of a built-in group"
    if "*" in rule.verbs and target == "view":
        yield f"every verb on {named(rule.resources)}"


def _adds(rule: PolicyRule, request: Request, target: str) -> bool:
    """Whether the rule allows a request that the default role does not."""
    return rule_allows(rule, request) and not any(rule_allows(own, request) for own in _default_rules(target))


@cache
def _default_rules(role: str) -> tuple[PolicyRule, ...]:
    return tuple(Authorizer([]).role_rules("ClusterRole", role).rules)
