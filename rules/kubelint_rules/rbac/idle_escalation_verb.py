"""Rule: idle-escalation-verb."""

from collections.abc import Iterator
from dataclasses import replace

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.kinds import RBAC
from kubelint.manifests import KubeObject, Project
from kubelint.manifests.access import NEEDS, Access, Grant, WrittenRule, access_to, written_rules

from .escalation import VERBS, WRITTEN_WITH, asked_on, gives, may_have_cloud_rights, verb_field, writes
from .holding import Holdings

#: A namespace to ask in besides the known ones: it brings out bindings whose own namespace is not known.
_ANYWHERE = "default"


class IdleEscalationVerb(ProjectRule):
    """`bind` or `escalate` is held by nobody who writes what it is for.

    ## What it does
    Finds rules that give `bind` on roles, if none of those who hold them may create or change a binding
    anywhere; and `escalate`, if none may create or change a role. Rights from every binding of the tree and
    from the built-in roles count.

    ## Why it matters
    `bind` is only asked for when a binding is written, `escalate` when a role is written. Without that right
    the verb does nothing yet, and whoever adds the right later gets more than they see. If a pipeline was meant
    to grant something, it is refused before the verb matters.

    ## Example
    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata:
      name: binder
    rules:
      - apiGroups: ["rbac.authorization.k8s.io"]
        resources: ["clusterroles"]
        resourceNames: ["view"]
        verbs: ["bind"]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata:
      name: binder
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: ClusterRole
      name: binder
    subjects:
      - kind: ServiceAccount
        name: binder
        namespace: ci
    ```

    ## Use instead
    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata:
      name: binder
    rules:
      - apiGroups: ["rbac.authorization.k8s.io"]
        resources: ["clusterroles"]
        resourceNames: ["view"]
        verbs: ["bind"]
      - apiGroups: ["rbac.authorization.k8s.io"]
        resources: ["rolebindings"]
        verbs: ["get", "create", "patch"]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata:
      name: binder
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: ClusterRole
      name: binder
    subjects:
      - kind: ServiceAccount
        name: binder
        namespace: ci
    ```

    Or remove the verb: security scanners flag it whether or not it is used (checkov `CKV_K8S_157` and
    `CKV_K8S_158`, trivy `KSV-0050`, kubescape `C-0191`).

    ## When to ignore
    If bindings outside of the tree let the holder write bindings or roles.

    ## References
    - kubernetes `pkg/registry/rbac/rolebinding/policybased/storage.go`, `pkg/registry/rbac/escalation_check.go`
    """

    meta = RuleMeta(
        id="idle-escalation-verb",
        summary="`bind` or `escalate` is held by nobody who writes bindings or roles",
        category=Category.RBAC,
        severity=Severity.INFO,
        incident=3,
        since="0.1.0",
    )
    needs = NEEDS
    about = RBAC

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding per rule of a role and verb."""
        access = access_to(project)
        holdings = Holdings(project, access)
        for role in access.roles:
            for verb in VERBS:
                entries = [entry for entry in written_rules(role) if _spells(verb, entry)]
                holders = _idle(access, holdings, role, verb) if entries else []
                if holders:
                    yield self._report(entries[0], verb, holders)

    def _report(self, entry: WrittenRule, verb: str, holders: list[Grant]) -> Finding:
        them = holders[0].identity if len({grant.identity for grant in holders}) == 1 else None
        who = f"`{them}` holds" if them else "those who hold this role have"
        written = "binding" if verb == "bind" else "role"
        finding = self.finding(
            f"`{verb}` does nothing: {who} no right to create or change any {written}",
            at=verb_field(entry, verb),
            note=f"asked for only when a {written} is written",
        )
        for grant in holders[:3]:
            finding = finding.label(grant.subject, f"bound here to `{grant.role.name}`")
        return finding.help(f"remove `{verb}`, or grant `create` and `patch` on what it is for")


def _spells(verb: str, entry: WrittenRule) -> bool:
    return entry.known and verb in entry.rule.verbs and gives(verb, entry.rule)


def _idle(access: Access, holdings: Holdings, role: KubeObject, verb: str) -> list[Grant]:
    """The holders of a role, if none of them can ever make use of the verb; else nobody."""
    if holdings.is_aggregated(role) or not holdings.are_known(holdings.bindings(role)):
        return []
    holders = holdings.holders(role)
    # Where the verb cannot have an effect for want of a cluster-wide binding, that is another finding.
    counting = [grant for grant in holders if _counts(verb, role, grant)]
    if len(counting) < len(holders):
        return []
    return [] if any(_may_write(access, holdings, grant, verb) for grant in holders) else holders


def _counts(verb: str, role: KubeObject, grant: Grant) -> bool:
    on = asked_on(verb, grant.namespace)
    return any(_spells(verb, entry) and gives(verb, entry.rule, on) for entry in written_rules(role))


def _may_write(access: Access, holdings: Holdings, grant: Grant, verb: str) -> bool:
    """Whether a holder writes, or may write, what the verb is for in some namespace."""
    identity = grant.identity
    if not access.is_accounted_for(identity) or may_have_cloud_rights(identity):
        return True
    for place in {grant.namespace, _ANYWHERE} | holdings.places(identity):
        held = access.rules_of(replace(grant, namespace=place))
        if held.unknown or writes(WRITTEN_WITH[verb], held.rules):
            return True
    return False
