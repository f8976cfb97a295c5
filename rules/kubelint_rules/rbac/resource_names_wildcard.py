"""Rule: resource-names-wildcard."""

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ObjectRule, RuleMeta, Severity
from kubelint.cluster.rbac import RBAC_GROUP, PolicyRule
from kubelint.manifests import Field, KubeObject
from kubelint.manifests.access import WrittenRule, written_rules

from .standard_verbs import CHECKED_VERBS, FAR_REACHING

#: Asked for under names that really hold a `*`: all signers of a domain.
_STARRED = frozenset({"signers"})


class ResourceNamesWildcard(ObjectRule):
    """A rule's `resourceNames` hold a `*`, which stands for nothing there.

    ## What it does
    Finds `*` in the `resourceNames` of a role's rules, alone or as a part of a name. Left alone are the verbs
    `impersonate…`, which the API server does ask for under the name `*`, the `signers` of certificates, whose
    names may end in `/*`, the metrics of all objects of a kind, which are asked for as those of `*`, and patterns
    beside verbs of somebody's own.

    ## Why it matters
    In `verbs`, `apiGroups` and `resources` a `*` means everything. Names are compared letter by letter: the
    rule is about an object that is called `*`, and there is none. It grants nothing, and nobody is told.

    ## Example
    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata:
      name: config-reader
      namespace: shop
    rules:
      - apiGroups: [""]
        resources: ["configmaps"]
        resourceNames: ["*"]
        verbs: ["get"]
    ```

    ## Use instead
    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata:
      name: config-reader
      namespace: shop
    rules:
      - apiGroups: [""]
        resources: ["configmaps"]
        verbs: ["get"]
    ```

    ## When to ignore
    If an API server of your own asks for the name `*`.

    ## Fix safety
    Safe in that nothing else can have been meant by a `*` alone. The rule then grants what it says, for every
    object: name the few that are needed instead, if you know them. Unsafe for Secrets, `bind`, `escalate`,
    `impersonate` and rules about everything, where the names are what limits most.

    ## References
    - kubernetes `pkg/apis/rbac/v1/evaluation_helpers.go: ResourceNameMatches`
    - [Referring to
      resources](https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources)
    """

    meta = RuleMeta(
        id="resource-names-wildcard",
        summary="`resourceNames` hold a `*`, which matches no name",
        category=Category.RBAC,
        severity=Severity.WARNING,
        incident=3,
        since="0.1.0",
        fixable=True,
    )
    kinds = frozenset({"Role", "ClusterRole"})

    def check(self, obj: KubeObject) -> Iterator[Finding]:
        """One finding per name."""
        if obj.group != RBAC_GROUP:
            return
        for entry in written_rules(obj):
            if not entry.known or not entry.rule.resources or _is_asked_for(entry.rule):
                continue
            for field in entry.field.get("resourceNames").elements():
                if _is_wild(field, entry.rule):
                    yield self._report(entry, field)

    def _report(self, entry: WrittenRule, field: Field) -> Finding:
        names = entry.field.get("resourceNames")
        finding = self.finding(
            f"the resource name `{field.text}` matches no object: names have no wildcard",
            at=field,
            note="grants nothing",
        )
        if field.text != "*":
            return finding.help("list the names, or remove `resourceNames` to allow all")
        finding = finding.help(_help(entry.rule))
        if len(entry.rule.resource_names) != 1:
            return finding
        fix = Fix.unsafe if _reaches_far(entry.rule) else Fix.safe
        return finding.fix(fix("remove `resourceNames`", names.delete()))


def _help(rule: PolicyRule) -> str:
    if "bind" in rule.verbs or "escalate" in rule.verbs:
        return "name the roles: without `resourceNames` the verb lets its holder give itself any right"
    return "name the objects, or remove `resourceNames` to allow all"


def _is_asked_for(rule: PolicyRule) -> bool:
    """Whether a request may really have a `*` in its name."""
    if any(verb.startswith("impersonate") for verb in rule.verbs):
        return True
    if any(group.endswith("metrics.k8s.io") for group in rule.api_groups):
        return True
    return "*" in rule.verbs and "authentication.k8s.io" in rule.api_groups


def _reaches_far(rule: PolicyRule) -> bool:
    """Whether the rule, once it works for every name, gives away secrets or the right to grant rights."""
    return not FAR_REACHING.isdisjoint((*rule.verbs, *rule.resources))


def _is_wild(field: Field, rule: PolicyRule) -> bool:
    name = field.text or ""
    if name == "*":
        return True
    if _STARRED.intersection(rule.resources) or "*" in rule.resources:
        return False
    return "*" in name and CHECKED_VERBS.issuperset(rule.verbs)
