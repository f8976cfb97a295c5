"""Rule: escalation-verb-wrong-group."""

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ObjectRule, RuleMeta, Severity, named
from kubelint.cluster.kinds import is_known_group
from kubelint.cluster.rbac import RBAC_GROUP, PolicyRule
from kubelint.manifests import KubeObject
from kubelint.manifests.access import WrittenRule, written_rules

from .escalation import BINDINGS, ROLES, is_overwritten, verb_fields, written_verbs

_MOVE = f"put the rule in `apiGroups: [{RBAC_GROUP}]`"


class EscalationVerbWrongGroup(ObjectRule):
    """A rule gives `bind` or `escalate` on roles, but in an API group that has no roles.

    ## What it does
    Finds rules that give `bind` or `escalate` on `roles` or `clusterroles` without naming the API group
    `rbac.authorization.k8s.io`. Groups that Kubernetes does not serve itself are left alone: they may have
    roles of their own.

    ## Why it matters
    RBAC compares the group exactly and without a version. In the core group (`""`), or as
    `rbac.authorization.k8s.io/v1`, the rule matches no request, nothing says so, and whoever needs the verb
    is refused with "attempting to grant RBAC permissions not currently held".

    In the right group the verbs work, and security scanners flag them (checkov `CKV_K8S_157` and
    `CKV_K8S_158`, trivy `KSV-0050`, kubescape `C-0191`). `bind` limited by `resourceNames` to the roles that
    are handed out is the narrow way and worth an exception; `escalate` is seldom needed.

    ## Example
    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata:
      name: role-binder
    rules:
      - apiGroups: [""]
        resources: ["clusterroles"]
        resourceNames: ["view"]
        verbs: ["bind"]
    ```

    ## Use instead
    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata:
      name: role-binder
    rules:
      - apiGroups: ["rbac.authorization.k8s.io"]
        resources: ["clusterroles"]
        resourceNames: ["view"]
        verbs: ["bind"]
    ```

    ## When to ignore
    Never: remove the rule if nothing is missing without it.

    ## Fix safety
    Unsafe: the verbs start to work, and lift the check that nobody grants more than they hold.

    ## References
    - [Privilege escalation
      prevention](https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping)
    - kubernetes `pkg/registry/rbac/escalation_check.go`
    """

    meta = RuleMeta(
        id="escalation-verb-wrong-group",
        summary="`bind` or `escalate` on roles is given in the wrong API group",
        category=Category.RBAC,
        severity=Severity.ERROR,
        incident=3,
        since="0.1.0",
        fixable=True,
    )
    kinds = frozenset({"Role", "ClusterRole"})

    def check(self, obj: KubeObject) -> Iterator[Finding]:
        """One finding per rule of the role."""
        if obj.group != RBAC_GROUP or is_overwritten(obj):
            return
        for entry in written_rules(obj):
            if entry.known and is_misplaced(entry.rule):
                yield self._report(entry)

    def _report(self, entry: WrittenRule) -> Finding:
        groups = entry.field.get("apiGroups")
        verbs = written_verbs(entry.rule)
        roles = [resource for resource in ROLES if resource in entry.rule.resources]
        at = groups.get(0) if len(entry.rule.api_groups) == 1 else groups
        return (
            self.finding(
                f"{named(verbs)} on {named(roles)} {'grants' if len(verbs) == 1 else 'grant'} nothing: "
                f"roles are in the API group `{RBAC_GROUP}`",
                at=at,
                note="no roles in this API group",
            )
            .label(verb_fields(entry)[0], "given in vain")
            .help(_help(verbs))
            .fix(_fix(entry))
        )


def _help(verbs: list[str]) -> str:
    if verbs == ["escalate"]:
        return f"grant the rights that have to be passed on instead; only where nobody can list them, {_MOVE}"
    return f"{_MOVE}, and limit `bind` with `resourceNames`" + (
        "; leave `escalate` out unless nothing else works" if "escalate" in verbs else ""
    )


def is_misplaced(rule: PolicyRule) -> bool:
    """Whether the rule is about roles in groups that certainly have none."""
    return (
        bool(written_verbs(rule))
        and any(resource in rule.resources for resource in ROLES)
        and bool(rule.api_groups)
        and all(_has_no_roles(group) for group in rule.api_groups)
    )


def _has_no_roles(group: str) -> bool:
    return group not in (RBAC_GROUP, "*") and ("/" in group or "." not in group or is_known_group(group))


def _fix(entry: WrittenRule) -> Fix | None:
    """Only where the whole rule is about RBAC: else another resource would lose its group."""
    if len(entry.rule.api_groups) != 1 or not set(entry.rule.resources) <= {*ROLES, *BINDINGS}:
        return None
    return Fix.unsafe(
        f"set the API group to `{RBAC_GROUP}`", entry.field.get("apiGroups", 0).replace(f'"{RBAC_GROUP}"')
    )
