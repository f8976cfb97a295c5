"""Rule: grants-escalation."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity, named
from kubelint.cluster.kinds import RBAC
from kubelint.cluster.rbac import PolicyRule
from kubelint.cluster.templates import has_template
from kubelint.manifests import KubeObject, Project
from kubelint.manifests.access import NEEDS, Access, Grant, Identity, WrittenRule, access_to, written_rules
from kubelint.manifests.accounts import settled_namespace

from .escalation import ROLES, VERBS, WRITES, WRITTEN_WITH, asked_on, gives, in_reach, verb_field
from .holding import Holdings

#: Subjects of Kubernetes' own that stand for whole crowds.
_ANYBODY = ("system:anonymous", "system:authenticated", "system:serviceaccount", "system:unauthenticated")
#: Of very many holders only some are looked at, deployers first.
_HOLDERS = 50


@dataclass(frozen=True)
class _Gain:
    """A holder who can give itself more than it has: by the verb on `roles`, and by writing `written`."""

    role: KubeObject
    entry: WrittenRule
    grant: Grant
    verb: str
    on: tuple[str, ...]
    written: tuple[str, ...]

    @property
    def is_boundless(self) -> bool:
        """Whether any right can be had, not only those that some Role grants already."""
        return self.verb == "escalate" or "clusterroles" in self.on

    @property
    def what(self) -> str:
        """What it can give itself, and where."""
        right = "any right" if self.is_boundless else "the rights of every Role"
        if self.grant.namespace:
            return f"{right} in the namespace `{self.grant.namespace}`"
        whole = any(name.startswith("cluster") for name in self.written) and "clusterroles" in self.on
        return f"{right} in {'the whole cluster' if whole else 'every namespace'}"


class GrantsEscalation(ProjectRule):
    """Somebody may give itself any right, by an unlimited `bind` or `escalate`.

    ## What it does
    Finds roles that give `*`, `escalate`, or `bind` on roles or clusterroles without `resourceNames`, to a
    subject that may also write bindings (for `bind`) or change roles (for `escalate`). Administrators, who hold
    every verb on everything anyway, are left alone, and so are Kubernetes' own `system:` subjects. It is
    information for a controller of the tree, as an operator that makes roles needs this, and for an account in a
    namespace that is filled in later (`${NAMESPACE}`), which may be that of an operator.

    ## Why it matters
    The API server refuses to let anybody grant what they do not hold; these verbs lift that. Whoever gets hold
    of the account's token, such as any job on a runner, binds `cluster-admin` to itself. A wildcard contains
    both verbs, though its author mostly thought of `create` and `delete`.

    ## Example
    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata:
      name: tenant-creator
    rules:
      - apiGroups: ["rbac.authorization.k8s.io"]
        resources: ["rolebindings"]
        verbs: ["get", "create", "patch"]
      - apiGroups: ["rbac.authorization.k8s.io"]
        resources: ["clusterroles"]
        verbs: ["bind"]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata:
      name: tenant-creator
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: ClusterRole
      name: tenant-creator
    subjects:
      - kind: ServiceAccount
        name: tenant-creator
        namespace: ci
    ```

    ## Use instead
    `bind` limited to the roles that are handed out. Security scanners flag that too (checkov `CKV_K8S_157` and
    `CKV_K8S_158`, trivy `KSV-0050`, kubescape `C-0191`), for they do not read `resourceNames`; it is worth an
    exception there.

    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata:
      name: tenant-creator
    rules:
      - apiGroups: ["rbac.authorization.k8s.io"]
        resources: ["rolebindings"]
        verbs: ["get", "create", "patch"]
      - apiGroups: ["rbac.authorization.k8s.io"]
        resources: ["clusterroles"]
        resourceNames: ["view", "edit"]
        verbs: ["bind"]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata:
      name: tenant-creator
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: ClusterRole
      name: tenant-creator
    subjects:
      - kind: ServiceAccount
        name: tenant-creator
        namespace: ci
    ```

    ## Options
    `controllers`: namespaces whose service accounts may hold these verbs, as patterns. By default those in which
    operators are usually installed.

    ## When to ignore
    For an account that is meant to administer the cluster, or the namespace.

    ## References
    - [Privilege escalation
      prevention](https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping)
    - [RBAC good practices: escalate and bind
      verbs](https://kubernetes.io/docs/concepts/security/rbac-good-practices/#escalate-verb)
    """

    meta = RuleMeta(
        id="grants-escalation",
        summary="an unlimited `bind` or `escalate` lets its holder give itself any right",
        category=Category.RBAC,
        severity=Severity.WARNING,
        incident=3,
        since="0.1.0",
    )
    needs = NEEDS
    about = RBAC

    @dataclass(frozen=True)
    class Options:
        """`controllers`: namespaces whose service accounts may hold these verbs."""

        controllers: tuple[str, ...] = (
            "argo-cd",
            "argocd",
            "cap?-*",
            "cattle-*",
            "crossplane-system",
            "flux-system",
            "kube-system",
            "olm",
            "openshift-*",
            "operators",
            "rbac-manager",
        )

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding per role, about the holder for whom it matters most."""
        access = access_to(project)
        holdings = Holdings(project, access)
        for role in access.roles:
            entries = [entry for entry in written_rules(role) if entry.known and _is_unlimited(entry.rule)]
            if not entries or project.may_be_patched(role, "rules"):
                continue
            holders = [(grant, access.rules_of(grant).rules) for grant in holdings.holders(role)[:_HOLDERS]]
            own = [entry.rule for entry in written_rules(role)]
            holders += [(grant, own) for grant in _hidden_holders(project, holdings, role)]
            judged = [(grant, held) for grant, held in holders if not self._is_exempt(grant.identity)]
            gains = [gain for grant, held in judged for gain in _gains(access, role, entries, grant, held)]
            if gains:
                yield self._report(access, min(gains, key=lambda gain: _rank(access, gain)))

    def _is_exempt(self, identity: Identity) -> bool:
        """Whether the subject is Kubernetes' own, or a controller by where it lives."""
        if identity.kind != "ServiceAccount":
            return identity.name.startswith("system:") and not identity.name.startswith(_ANYBODY)
        return any(fnmatchcase(identity.namespace, pattern) for pattern in self.options.controllers)

    def _report(self, access: Access, gain: _Gain) -> Finding:
        identity = gain.grant.identity
        at = verb_field(gain.entry, gain.verb)
        held = f"`{gain.verb}`" if at.text == gain.verb else f"`*`, which includes `{gain.verb}`,"
        finding = self.finding(
            f"`{identity}` can give itself {gain.what}: it holds {held} on {named(gain.on)} without `resourceNames`, "
            f"and may write {named(gain.written)}",
            at=at,
            note="lifts the check that nobody grants more than they hold",
            severity=Severity.INFO if _is_hidden(identity) or access.is_controller(identity) else None,
        ).label(gain.grant.subject, f"bound here to `{gain.grant.role.name}`")
        use = access.deployer_use(identity)
        if use is not None:
            finding = finding.label(use.at, f"`{use.by.display}` deploys with this account")
        return finding.help(_help(gain, at.text == "*"))


def _is_unlimited(rule: PolicyRule) -> bool:
    """Whether the rule gives one of the verbs on roles of every name, and is not that of an administrator."""
    return not _is_administrator(rule) and not rule.resource_names and any(gives(verb, rule) for verb in VERBS)


def _hidden_holders(project: Project, holdings: Holdings, role: KubeObject) -> Iterator[Grant]:
    """Accounts in a namespace such as `${NAMESPACE}`: that they hold the role is certain, where they live is not.

    What a chart fills in is left to its rendering.
    """
    own = "" if role.kind == "ClusterRole" else settled_namespace(project, role)
    for binding in holdings.bindings(role):
        place = "" if binding.kind == "ClusterRoleBinding" else settled_namespace(project, binding)
        if binding.field("roleRef", "name").text is None or place is None or own not in ("", place):
            continue
        for entry in binding.field("subjects").elements():
            name, namespace = entry.get("name"), entry.get("namespace").value
            if entry.get("kind").text == "ServiceAccount" and name.text and isinstance(namespace, str):
                identity = Identity("ServiceAccount", name.text, namespace)
                if _is_hidden(identity) and "{{" not in namespace:
                    yield Grant(identity, role, binding, name, place)


def _is_hidden(identity: Identity) -> bool:
    return has_template(identity.namespace)


def _gains(
    access: Access, role: KubeObject, entries: Sequence[WrittenRule], grant: Grant, held: list[PolicyRule]
) -> Iterator[_Gain]:
    if any(_is_administrator(rule) for rule in held) or (grant.namespace and _gains_anyway(access, grant)):
        return
    for entry in entries:
        for verb in VERBS:
            on = tuple(name for name in asked_on(verb, grant.namespace) if gives(verb, entry.rule, (name,)))
            written = _written(verb, on, grant, held)
            if on and written:
                yield _Gain(role, entry, grant, verb, on, written)


def _gains_anyway(access: Access, grant: Grant) -> bool:
    """Whether rules that hold in the whole cluster give the same already: that is a finding of its own."""
    everywhere = replace(grant, namespace="")
    held = access.rules_of(everywhere).rules
    unlimited = [rule for rule in held if _is_unlimited(rule)]
    return any(gives(verb, rule) and _written(verb, ROLES, everywhere, held) for rule in unlimited for verb in VERBS)


def _is_administrator(rule: PolicyRule) -> bool:
    return not rule.resource_names and all("*" in values for values in (rule.verbs, rule.api_groups, rule.resources))


def _written(verb: str, on: Iterable[str], grant: Grant, held: list[PolicyRule]) -> tuple[str, ...]:
    """What the holder writes that makes the verb worth something.

    A role that it creates by `escalate` still has to be bound, so only changing roles counts: it may hold one.
    """
    ways = WRITES if verb == "bind" else ("update", "patch")
    kinds = in_reach(WRITTEN_WITH[verb], grant.namespace) if verb == "bind" else tuple(on)
    free = [rule for rule in held if not rule.resource_names]
    return tuple(kind for kind in kinds if any(gives(way, rule, (kind,)) for way in ways for rule in free))


def _rank(access: Access, gain: _Gain) -> tuple[bool, ...]:
    """Smaller where it matters more."""
    identity = gain.grant.identity
    return (
        _is_hidden(identity),
        access.is_controller(identity),
        not access.is_deployer(identity),
        bool(gain.grant.namespace),
        not gain.is_boundless,
    )


def _help(gain: _Gain, wildcard: bool) -> str:
    if wildcard:
        return "list the verbs that it needs instead of `*`; if `bind` is one of them, limit it with `resourceNames`"
    if gain.verb == "bind":
        return "limit `bind` with `resourceNames` to the roles that it has to bind"
    return "grant it the rights that it has to pass on instead of `escalate`, or limit the verb with `resourceNames`"
