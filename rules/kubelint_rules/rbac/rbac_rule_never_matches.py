"""Rule: rbac-rule-never-matches."""

from collections.abc import Iterator, Sequence

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.kinds import REMOVED_GROUPS
from kubelint.cluster.rbac import RBAC_GROUP
from kubelint.manifests import Project
from kubelint.manifests.access import WrittenRule, written_rules

from .escalation_verb_wrong_group import is_misplaced
from .mismatches import CustomResources, Mismatch, Surroundings, mismatches
from .standard_verbs import FAR_REACHING


class RbacRuleNeverMatches(ProjectRule):
    """A word in a role's rule that matches no request.

    ## What it does
    Compares verbs, API groups, resources and URLs with what the RBAC authorizer compares them with: verbs in
    lower case, groups without a version, resources as plural lower-case names in the group that serves them. `*`
    is a wildcard only alone, before the slash of a subresource, or at the end of a URL. Verbs of somebody's own
    and words in groups that Kubernetes does not serve itself are left alone, unless a definition in the tree
    says what the resource is called; and so is what another rule of the same role grants properly.

    ## Why it matters
    The API server accepts any word in a rule. One that matches nothing grants nothing, and nobody is told:
    the role looks right, and its holder is refused.

    ## Example
    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata:
      name: restarter
      namespace: shop
    rules:
      - apiGroups: [""]
        resources: ["deployments"]
        verbs: ["get", "patch"]
    ```

    ## Use instead
    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata:
      name: restarter
      namespace: shop
    rules:
      - apiGroups: ["apps"]
        resources: ["deployments"]
        verbs: ["get", "patch"]
    ```

    ## When to ignore
    If an aggregated API server serves the resource in that group.

    ## Fix safety
    Safe where one word is certainly meant. The role then grants what it says: look at the change before you
    apply it. Unsafe where it then reaches far: `*`, Secrets, `bind`, `escalate` and `impersonate`.

    ## References
    - kubernetes `pkg/apis/rbac/v1/evaluation_helpers.go`
    - [Referring to
      resources](https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources)
    """

    meta = RuleMeta(
        id="rbac-rule-never-matches",
        summary="a word in a role's rule matches no request",
        category=Category.RBAC,
        severity=Severity.WARNING,
        incident=3,
        since="0.1.0",
        fixable=True,
    )
    needs = frozenset({"Role", "ClusterRole", "CustomResourceDefinition"})

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding per word."""
        custom = CustomResources(project.objects("CustomResourceDefinition"))
        removed = frozenset[str]() if _serves_old_groups(project.settings.kubernetes) else REMOVED_GROUPS
        for role in project.objects(("Role", "ClusterRole"), group=RBAC_GROUP):
            patched = role.partial or project.may_be_patched(role, "rules")
            rules = written_rules(role)
            granted = None if patched else [entry.rule for entry in rules]
            yield from self._check_role(rules, Surroundings(custom, granted, removed))

    def _check_role(self, rules: Sequence[WrittenRule], around: Surroundings) -> Iterator[Finding]:
        for entry in rules:
            if is_misplaced(entry.rule):
                continue  # escalation-verb-wrong-group says it better
            for mismatch in mismatches(entry.field, entry.rule, around):
                yield self._report(mismatch, entry)

    def _report(self, mismatch: Mismatch, entry: WrittenRule) -> Finding:
        severity = Severity.ERROR if mismatch.certain else None
        finding = self.finding(mismatch.message, at=mismatch.at, note="grants nothing", severity=severity)
        return finding.help(mismatch.help).fix(_fix(mismatch, entry))


def _fix(mismatch: Mismatch, entry: WrittenRule) -> Fix | None:
    if mismatch.meant is None:
        return None
    shown = mismatch.meant or '""'
    title, edit = f"write `{shown}`", mismatch.at.replace(f'"{mismatch.meant}"')
    # With its verbs and resources the rule then means what it says; other words of the same list do so already.
    lists = {"verbs": entry.rule.verbs, "resources": entry.rule.resources}
    words = {mismatch.meant, *(word for key, given in lists.items() if key not in mismatch.at.path for word in given)}
    return Fix.safe(title, edit) if FAR_REACHING.isdisjoint(words) else Fix.unsafe(title, edit)


def _serves_old_groups(version: str | None) -> bool:
    """Whether the cluster is declared to be older than v1.22, which serves nothing in `extensions` any more."""
    major, _, minor = (version or "").removeprefix("v").partition(".")
    digits = minor.partition(".")[0]
    return major == "1" and digits.isdecimal() and int(digits) < 22
