"""Rule: escalation-verb-on-bindings."""

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity, named
from kubelint.cluster.kinds import RBAC
from kubelint.cluster.rbac import PolicyRule, Verdict
from kubelint.manifests import Edit, KubeObject, Project
from kubelint.manifests.access import NEEDS, Access, Grant, WrittenRule, access_to, written_rules

from .escalation import (
    BINDINGS,
    ROLES,
    VERBS,
    has_effective,
    is_dead,
    is_overwritten,
    verb_fields,
    writes,
    written_verbs,
)
from .holding import Holdings
from .refusals import Refusals, bind_rules, bound_roles

#: Of very many holders only some are looked at.
_HOLDERS = 20


class EscalationVerbOnBindings(ProjectRule):
    """A rule gives `bind` or `escalate` on bindings, where the API server never asks for it.

    ## What it does
    Finds rules of Roles and ClusterRoles that give `bind` or `escalate` on `rolebindings` or
    `clusterrolebindings` only. It is an error if the same role writes bindings or roles and neither verb has
    an effect elsewhere: then its author counts on them.

    ## Why it matters
    Nobody may grant rights that they do not hold, unless they hold `escalate` on the role that they write, or
    `bind` on the role that they bind. Both are asked for on `roles` and `clusterroles`. On the bindings they
    look right, are accepted, and do nothing: the pipeline that applies a RoleBinding is still refused with
    "attempting to grant RBAC permissions not currently held", a message that mentions neither verb.

    What a pipeline needs is mostly `bind` on a few roles, listed in `resourceNames`: it can then hand out
    those and no others. Security scanners flag both verbs wherever they stand (checkov `CKV_K8S_157` and
    `CKV_K8S_158`, trivy `KSV-0050`, kubescape `C-0191`). On the bindings they alarm for nothing; a named
    `bind` on the roles is worth an exception, `escalate` hardly ever.

    ## Example
    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata:
      name: deployer
    rules:
      - apiGroups: ["rbac.authorization.k8s.io"]
        resources: ["rolebindings"]
        verbs: ["get", "create", "patch", "bind", "escalate"]
    ```

    ## Use instead
    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata:
      name: deployer
    rules:
      - apiGroups: ["rbac.authorization.k8s.io"]
        resources: ["rolebindings"]
        verbs: ["get", "create", "patch"]
      - apiGroups: ["rbac.authorization.k8s.io"]
        resources: ["clusterroles"]
        resourceNames: ["view", "edit"]
        verbs: ["bind"]
    ```

    ## When to ignore
    Never for long: remove the verbs if nothing is missing without them.

    ## Fix safety
    Unsafe: where bindings of the tree would be refused, `bind` starts to work for the roles that they name.
    Whoever holds it can give those roles to anybody, itself included. Elsewhere the verbs are just removed.

    ## References
    - [Privilege escalation
      prevention](https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping)
    - kubernetes `pkg/registry/rbac/escalation_check.go`: `RoleEscalationAuthorized`, `BindingAuthorized`
    """

    meta = RuleMeta(
        id="escalation-verb-on-bindings",
        summary="`bind` or `escalate` is given on bindings, where it does nothing",
        category=Category.RBAC,
        severity=Severity.WARNING,
        incident=3,
        since="0.1.0",
        fixable=True,
    )
    needs = NEEDS
    about = RBAC

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding per rule of a role."""
        access = access_to(project)
        holdings, refusals = Holdings(project, access), Refusals(access)
        for role in access.roles:
            rules = written_rules(role)
            dead = [entry for entry in rules if entry.known and is_dead(entry.rule)]
            if not dead or is_overwritten(role):
                continue
            holders = holdings.holders(role)[:_HOLDERS]
            relied_on = _relied_on(access, role, holders) and not project.may_be_patched(role, "rules")
            wanted = _wanted(refusals, role, holders) if relied_on else {}
            for entry in dead:
                finding = self._report(role, entry, relied_on)
                # One new rule is enough: where several are dead, the first fix brings it and the others clean up.
                needed = wanted if entry is dead[0] else {}
                fix = _fix(role, entry, needed, relied_on and not wanted)
                yield _labelled(finding, access, holders).fix(fix)

    def _report(self, role: KubeObject, entry: WrittenRule, relied_on: bool) -> Finding:
        verbs = written_verbs(entry.rule)
        where = [resource for resource in entry.rule.resources if resource in BINDINGS]
        message = (
            f"{named(verbs)} on {named(where)} {'grants' if len(verbs) == 1 else 'grant'} nothing: "
            f"the API server asks for {_them(verbs)} on `roles` and `clusterroles`"
        )
        refused = "a binding to a role" if _writes_bindings(role) else "a role"
        return (
            self.finding(
                message,
                at=verb_fields(entry)[0],
                note=f"{refused} with rights that its writer lacks is still refused"
                if relied_on
                else "never asked for here",
                severity=Severity.ERROR if relied_on else None,
            )
            .label(entry.field.get("resources"), "on these resources")
            .help(_help(verbs, role, relied_on))
        )


def _labelled(finding: Finding, access: Access, holders: list[Grant]) -> Finding:
    for grant in holders[:3]:
        finding = finding.label(grant.subject, f"`{grant.identity}` holds this role")
        use = access.deployer_use(grant.identity)
        if use is not None:
            finding = finding.label(use.at, f"`{use.by.display}` deploys with this account")
    return finding


def _relied_on(access: Access, role: KubeObject, holders: list[Grant]) -> bool:
    """Whether the role writes what the verbs are about, and nobody who holds it has them with effect."""
    own = [entry.rule for entry in written_rules(role)]
    if not writes((*ROLES, *BINDINGS), own):
        return False
    held: list[list[PolicyRule]] = [own, *(access.rules_of(grant).rules for grant in holders)]
    return not any(has_effective(verb, rules) for rules in held for verb in VERBS)


def _wanted(refusals: Refusals, role: KubeObject, holders: list[Grant]) -> dict[str, list[str]]:
    """The roles that the refused bindings of the tree name, if this role lets its holders write bindings."""
    if not _writes_bindings(role):
        return {}
    judged = (pair for grant in holders for pair in refusals.judge(grant, BINDINGS))
    return bound_roles(obj for obj, verdict in judged if verdict is Verdict.DENIED)


def _writes_bindings(role: KubeObject) -> bool:
    return writes(BINDINGS, [entry.rule for entry in written_rules(role)])


def _help(verbs: list[str], role: KubeObject, relied_on: bool) -> str:
    if not relied_on:
        return f"remove {named(verbs)} here; if somebody needs {_them(verbs)}, give {_them(verbs)} on the roles"
    if _writes_bindings(role):
        return "give `bind` in a rule of its own, on `roles` or `clusterroles`, limited with `resourceNames`"
    return "grant the rights that have to be passed on; `escalate` on the roles only if nobody can list them"


def _them(verbs: list[str]) -> str:
    return "it" if len(verbs) == 1 else "them"


def _fix(role: KubeObject, entry: WrittenRule, wanted: dict[str, list[str]], hopeless: bool) -> Fix | None:
    """Give `bind` on the roles that have to be bound; else remove the verbs.

    None where the author counts on them and no file says for which roles: without them nothing would work either.
    """
    if hopeless:
        return None
    edits: list[Edit] = []
    if set(entry.rule.verbs) <= {*VERBS}:
        edits.append(entry.field.delete())
    else:
        edits.extend(field.delete() for field in reversed(verb_fields(entry)))
    if not wanted:
        return Fix.unsafe("remove the verbs that do nothing", *edits)
    edits.extend(role.field("rules").append(rule) for rule in bind_rules(wanted))
    bound = named(sorted({name for names in wanted.values() for name in names}))
    return Fix.unsafe(f"give `bind` on {bound} instead", *edits)
