"""Rule: aggregated-rules-overwritten."""

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.rbac import RBAC_GROUP, covers
from kubelint.manifests import KubeObject, Project
from kubelint.manifests.access import NEEDS, access_to, written_rules


class AggregatedRulesOverwritten(ProjectRule):
    """A ClusterRole aggregates others and has rules of its own, which are replaced.

    ## What it does
    Finds ClusterRoles with both an `aggregationRule` and `rules`. Rules that the aggregated ClusterRoles of the
    tree grant anyway, as in a manifest that was exported from a cluster, are no finding.

    ## Why it matters
    A controller fills in `rules` with those of the ClusterRoles that the selectors match, and takes out
    everything else. The rules written here are gone moments after each apply, and GitOps tools put them back and
    see them go for ever.

    ## Example
    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata:
      name: monitoring
    aggregationRule:
      clusterRoleSelectors:
        - matchLabels:
            example.com/aggregate-to-monitoring: "true"
    rules:
      - apiGroups: [""]
        resources: ["pods"]
        verbs: ["get", "list", "watch"]
    ```

    ## Use instead
    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata:
      name: monitoring
    aggregationRule:
      clusterRoleSelectors:
        - matchLabels:
            example.com/aggregate-to-monitoring: "true"
    rules: []
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata:
      name: monitoring-pods
      labels:
        example.com/aggregate-to-monitoring: "true"
    rules:
      - apiGroups: [""]
        resources: ["pods"]
        verbs: ["get", "list", "watch"]
    ```

    ## When to ignore
    If the rules are only there to be read.

    ## References
    - kubernetes `pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go`
    - [Aggregated
      ClusterRoles](https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles)
    """

    meta = RuleMeta(
        id="aggregated-rules-overwritten",
        summary="an aggregated ClusterRole has rules of its own, which are replaced",
        category=Category.RBAC,
        severity=Severity.WARNING,
        incident=3,
        since="0.1.0",
    )
    needs = NEEDS
    about = frozenset({"ClusterRole"})

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding per ClusterRole."""
        for role in project.objects("ClusterRole", group=RBAC_GROUP):
            selectors = role.field("aggregationRule", "clusterRoleSelectors")
            if selectors.value and not role.partial and _loses_rules(project, role):
                yield self._report(role)

    def _report(self, role: KubeObject) -> Finding:
        return (
            self.finding(
                f"the rules of `{role.display}` are overwritten: it aggregates other ClusterRoles",
                at=role.field("rules").key,
                note="the cluster replaces them",
            )
            .label(role.field("aggregationRule").key, "by the rules of these")
            .help("move the rules into a ClusterRole with a label that the selectors match")
        )


def _loses_rules(project: Project, role: KubeObject) -> bool:
    """Whether something of what is written is surely not granted by the aggregated roles of the tree."""
    written = [entry.rule for entry in written_rules(role) if entry.known]
    if not written or any(project.may_be_patched(role, key) for key in ("rules", "aggregationRule")):
        return False
    granted = access_to(project).authorizer(role.scope).role_rules("ClusterRole", role.name or "")
    return not covers(granted.rules, written).covered
