"""Rule: binding-writer-lacks-bind."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity, named
from kubelint.cluster.kinds import RBAC
from kubelint.cluster.rbac import PolicyRule, Verdict
from kubelint.manifests import KubeObject, Project, same_cluster
from kubelint.manifests.access import Access, Grant, Identity, WrittenRule, access_to, written_rules
from kubelint.manifests.deployers import NEEDS, Written, written_roles

from .escalation import (
    BINDINGS,
    ROLES,
    VERBS,
    WRITTEN_WITH,
    has_effective,
    in_reach,
    is_dead,
    may_have_cloud_rights,
    writes,
)
from .escalation_verb_wrong_group import is_misplaced
from .holding import Holdings
from .refusals import Refusals, bind_rules, bound_roles

#: Of very many holders of one role only some are looked at, deployers first: they differ in little.
_HOLDERS = 20


@dataclass(frozen=True)
class _Gap:
    """A holder of a role who writes bindings or roles but can only pass on what it holds."""

    role: KubeObject
    grant: Grant
    entry: WrittenRule
    verb: str
    written: tuple[str, ...]
    deploys: bool
    refused: tuple[KubeObject, ...]

    @property
    def weight(self) -> tuple[bool, bool]:
        """Greater where it matters more."""
        return self.deploys, bool(self.refused)


class BindingWriterLacksBind(ProjectRule):
    """Somebody may write bindings or roles, but holds no `bind` or `escalate`.

    ## What it does
    Follows every binding of the tree to its subject, through aggregated roles and groups of service accounts
    too, and adds up what the subject holds. It reports who may create or change bindings without `bind` on
    any role, or roles without `escalate`, if that matters: an object of the tree would be refused, or nothing
    in the tree shows what will be applied. It is a warning for runners and other deployers, else information.
    People and groups, whose other groups no file names, cluster administrators, accounts under which a
    controller of the tree runs, and accounts that hold every right that the roles and bindings of the tree
    give are left alone. So are deployers of which it is known what they apply: `deployer-cannot-bind-role` and
    `deployer-cannot-create-role` say what of that is refused.

    ## Why it matters
    Who writes a binding may grant only rights that they hold themselves, unless they hold `bind` on the role.
    A pipeline that worked for Deployments and Services stops at its first RoleBinding with "attempting to
    grant RBAC permissions not currently held"; the message does not say that a verb is missing.

    `bind` limited by `resourceNames` to the roles that are handed out is the narrow way: its holder can give
    those roles to somebody, itself included, and no others. Security scanners flag the verb all the same
    (checkov `CKV_K8S_157`, trivy `KSV-0050`, kubescape `C-0191`); there, a named `bind` is worth an exception.
    `escalate`, which lets its holder write any right into a role, is seldom needed: rights that are granted to
    the account itself can be passed on without it.

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

    ## When to ignore
    If the account is meant to grant only what it holds itself, as the built-in role `admin` does.

    ## Fix safety
    Unsafe: `bind` lets its holder give the named roles to anybody, itself included.

    ## References
    - [Privilege escalation
      prevention](https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping)
    - kubernetes `pkg/registry/rbac/escalation_check.go`, `pkg/registry/rbac/validation/rule.go:
      ConfirmNoEscalation`
    """

    meta = RuleMeta(
        id="binding-writer-lacks-bind",
        summary="who may write bindings or roles can grant only what it holds",
        category=Category.RBAC,
        severity=Severity.WARNING,
        incident=3,
        since="0.1.0",
        fixable=True,
    )
    needs = NEEDS
    about = RBAC

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding per role and missing verb, about the holder for whom it matters most."""
        access = access_to(project)
        search = _Search(access, Holdings(project, access), Refusals(access), _by_account(written_roles(project)))
        for role in access.roles:
            for verb in VERBS:
                gap = search.worst(role, verb)
                if gap is not None:
                    yield self._report(access, gap)

    def _report(self, access: Access, gap: _Gap) -> Finding:
        grant = gap.grant
        use = access.deployer_use(grant.identity)
        finding = self.finding(
            f"`{grant.identity}` may write {named(gap.written)} but holds no `{gap.verb}`: "
            "it can grant only rights that it holds itself",
            at=gap.entry.field.get("resources"),
            note="other bindings are refused" if gap.verb == "bind" else "other roles are refused",
            severity=None if gap.deploys else Severity.INFO,
        ).label(grant.subject, f"bound here to `{grant.role.name}`")
        if grant.role is not gap.role:
            finding = finding.label(grant.role.field("aggregationRule").key, f"takes in the rules of `{gap.role.name}`")
        if use is not None:
            finding = finding.label(use.at, f"`{use.by.display}` deploys with this account")
        for obj in gap.refused[:3]:
            finding = finding.label(obj, "refused, if this account applies it")
        return finding.help(_help(gap)).fix(_fix(gap))


@dataclass(frozen=True)
class _Search:
    access: Access
    holdings: Holdings
    refusals: Refusals
    written: dict[Identity, list[Written]]

    def worst(self, role: KubeObject, verb: str) -> _Gap | None:
        """The gap that matters most among the holders of a role."""
        entries = [entry for entry in written_rules(role) if entry.known and writes(WRITTEN_WITH[verb], [entry.rule])]
        found: _Gap | None = None
        for grant in self.holdings.holders(role)[:_HOLDERS] if entries else ():
            for gap in self._gaps(role, grant, entries, verb):
                if found is None or gap.weight > found.weight:
                    found = gap
        return found

    def _gaps(self, role: KubeObject, grant: Grant, entries: Sequence[WrittenRule], verb: str) -> Iterator[_Gap]:
        kinds = in_reach(WRITTEN_WITH[verb], grant.namespace)
        entry = next((entry for entry in entries if writes(kinds, [entry.rule])), None)
        if entry is None or not self._is_judged(grant) or self._is_told(grant, verb):
            return
        held = self.access.rules_of(grant)
        written = tuple(kind for kind in kinds if writes((kind,), held.rules))
        if held.unknown or _has(verb, held.rules, written) or any(map(_is_vain, held.rules)):
            return
        judged = self.refusals.judge(grant, WRITTEN_WITH[verb])
        refused = tuple(obj for obj, verdict in judged if verdict is Verdict.DENIED)
        said_already = verb == "escalate" and writes(BINDINGS, held.rules) and not has_effective("bind", held.rules)
        if not refused and (judged or said_already):
            return
        shown = tuple(kind for kind in kinds if writes((kind,), [entry.rule]))
        yield _Gap(role, grant, entry, verb, shown, self.access.is_deployer(grant.identity), refused)

    def _is_told(self, grant: Grant, verb: str) -> bool:
        """Whether what the account applies is known: then it is said what of that is refused, or nothing is."""
        found = [each for each in self.written.get(grant.identity, ()) if each.is_binding is (verb == "bind")]
        found = [each for each in found if same_cluster(each.known.run.scope, grant.binding.scope)]
        if any(each.refused for each in found):
            return True
        return bool(found) and all(each.decision.verdict is Verdict.ALLOWED for each in found)

    def _is_judged(self, grant: Grant) -> bool:
        identity = grant.identity
        return (
            self.access.is_accounted_for(identity)
            and not self.access.is_controller(identity)
            and not may_have_cloud_rights(identity)
        )


def _by_account(written: Iterable[Written]) -> dict[Identity, list[Written]]:
    found: dict[Identity, list[Written]] = {}
    for each in written:
        found.setdefault(each.known.identity, []).append(each)
    return found


def _has(verb: str, rules: list[PolicyRule], written: tuple[str, ...]) -> bool:
    """Whether the verb is held where what is written asks for it: `bind` on roles of any kind."""
    return has_effective(verb, rules, ROLES if verb == "bind" else written)


def _is_vain(rule: PolicyRule) -> bool:
    """Whether the verbs were meant to be held and are not; other rules say why."""
    return is_dead(rule) or is_misplaced(rule)


def _help(gap: _Gap) -> str:
    if gap.verb == "bind":
        return "grant `bind` on the roles that it has to bind, listed in `resourceNames`"
    return "grant it the rights that it has to pass on, or let an administrator apply the roles"


def _fix(gap: _Gap) -> Fix | None:
    """Grant `bind` on the roles that the refused bindings name, and on no others."""
    wanted = bound_roles(gap.refused) if gap.verb == "bind" else {}
    if not wanted:
        return None
    edits = [gap.role.field("rules").append(rule) for rule in bind_rules(wanted)]
    bound = named(sorted({name for names in wanted.values() for name in names}))
    return Fix.unsafe(f"grant `bind` on {bound}", *edits)
