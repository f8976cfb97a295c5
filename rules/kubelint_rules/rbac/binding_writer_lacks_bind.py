"""Rule: binding-writer-lacks-bind."""

from collections.abc import Iterator
from dataclasses import dataclass

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity, named
from kubelint.cluster.rbac import RBAC_GROUP, Verdict
from kubelint.manifests import KubeObject, Project
from kubelint.manifests.access import NEEDS, Access, Grant, WrittenRule, access_to, written_rules
from kubelint.manifests.kinds import RBAC

from .escalation import BINDINGS, ROLES, WRITES, has_effective, is_dead, writes
from .escalation_verb_wrong_group import is_misplaced

_HOLDERS = 20


@dataclass(frozen=True)
class _Gap:
    """A holder of a role who writes bindings or roles but can only pass on what it holds."""

    grant: Grant
    entry: WrittenRule
    verb: str
    written: tuple[str, ...]
    deploys: bool
    refused: tuple[KubeObject, ...]


class BindingWriterLacksBind(ProjectRule):
    """Somebody may write bindings or roles, but holds no `bind` or `escalate`.

    ## What it does
    Follows every binding of the tree to its subject and adds up what the subject holds. It reports who may
    create or change bindings without `bind` on any role, or roles without `escalate`, if that matters: an
    object of the tree would be refused, or nothing in the tree shows what will be applied. It is a warning
    for runners and other deployers, else information. People and groups, whose other groups no file names,
    cluster administrators, accounts under which a controller of the tree runs, and accounts that hold every
    right that the roles and bindings of the tree give are left alone.

    ## Why it matters
    Who writes a binding may grant only rights that they hold themselves, unless they hold `bind` on the role.
    A pipeline that worked for Deployments and Services stops at its first RoleBinding with "attempting to
    grant RBAC permissions not currently held"; the message does not say that a verb is missing.

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
        for role in access.roles:
            for verb, written in (("bind", BINDINGS), ("escalate", ROLES)):
                gaps = [gap for grant in _weightiest(access, role) for gap in _gaps(access, grant, verb, written)]
                if gaps:
                    yield self._report(access, max(gaps, key=lambda gap: (gap.deploys, bool(gap.refused))))

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
        if use is not None:
            finding = finding.label(use.at, f"`{use.by.display}` deploys with this account")
        for obj in gap.refused[:3]:
            finding = finding.label(obj, "refused, if this account applies it")
        return finding.help(_help(gap)).fix(_fix(gap))


def _weightiest(access: Access, role: KubeObject) -> list[Grant]:
    """The holders of a role to look at: deployers first, and of very many only some, for they differ in little."""
    holders = sorted(access.holders(role), key=lambda grant: not access.is_deployer(grant.identity))
    return holders[:_HOLDERS]


def _gaps(access: Access, grant: Grant, verb: str, written: tuple[str, ...]) -> Iterator[_Gap]:
    own = written_rules(grant.role)
    entry = next((entry for entry in own if entry.known and writes(written, [entry.rule])), None)
    if entry is None or access.is_controller(grant.identity) or not access.is_accounted_for(grant.identity):
        return
    held = access.rules_of(grant)
    if (
        held.unknown
        or has_effective(verb, held.rules)
        or any(is_dead(rule) or is_misplaced(rule) for rule in held.rules)
    ):
        return
    if verb == "escalate" and writes(BINDINGS, held.rules) and not has_effective("bind", held.rules):
        return  # the finding about `bind` says it already
    judged = _judge(access, grant, verb, written)
    refused = tuple(obj for obj, verdict in judged if verdict is Verdict.DENIED)
    if judged and not refused:
        return
    resources = tuple(name for name in written if writes((name,), [entry.rule]))
    yield _Gap(grant, entry, verb, resources, access.is_deployer(grant.identity), refused)


def _judge(access: Access, grant: Grant, verb: str, written: tuple[str, ...]) -> list[tuple[KubeObject, Verdict]]:
    """The roles or bindings of the tree that the identity may write at all, and whether each would be accepted."""
    authorizer = access.authorizer(grant.binding.scope)
    identity = grant.identity
    own = {id(obj) for held in access.grants_of(identity) for obj in (held.binding, held.role)}
    judged: list[tuple[KubeObject, Verdict]] = []
    for obj in access.neighbours(grant.binding.scope):
        if id(obj) in own or f"{obj.kind.lower()}s" not in written:
            continue
        manifest = access.manifest(obj)
        if not any(access.may_write(grant.binding.scope, identity, manifest, way) for way in WRITES):
            continue
        confirm = authorizer.may_write_binding if verb == "bind" else authorizer.may_write_role
        judged.append((obj, confirm(identity.user, identity.groups, manifest).verdict))
    return judged


def _help(gap: _Gap) -> str:
    if gap.verb == "bind":
        return "grant `bind` on the roles that it has to bind, listed in `resourceNames`"
    return "grant it the rights that it has to pass on, or let an administrator apply the roles"


def _fix(gap: _Gap) -> Fix | None:
    """Grant `bind` on the roles that the refused bindings name, and on no others."""
    if gap.verb != "bind":
        return None
    wanted: dict[str, set[str]] = {}
    for obj in gap.refused:
        kind, name = obj.field("roleRef", "kind").text, obj.field("roleRef", "name").text
        if kind and name:
            wanted.setdefault(f"{kind.lower()}s", set()).add(name)
    if not wanted:
        return None
    edits = [gap.grant.role.field("rules").append(_rule(resource, names)) for resource, names in sorted(wanted.items())]
    bound = named(sorted({name for names in wanted.values() for name in names}))
    return Fix.unsafe(f"grant `bind` on {bound}", *edits)


def _rule(resource: str, names: set[str]) -> str:
    listed = ", ".join(f'"{name}"' for name in sorted(names))
    return f'{{apiGroups: ["{RBAC_GROUP}"], resources: ["{resource}"], resourceNames: [{listed}], verbs: ["bind"]}}'
