"""Rule: escalation-verb-on-bindings."""

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity, named
from kubelint.cluster.rbac import RBAC_GROUP, PolicyRule
from kubelint.manifests import Edit, KubeObject, Project
from kubelint.manifests.access import NEEDS, Access, WrittenRule, access_to, written_rules
from kubelint.manifests.kinds import RBAC

from .escalation import BINDINGS, ROLES, has_effective, is_dead, verb_fields, writes, written_verbs


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
    Unsafe: the verbs start to work. `bind` without `resourceNames` lets its holder give itself any role,
    `escalate` any right; list the roles that may be bound before you apply the manifest.

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
        for role in access.roles:
            rules = written_rules(role)
            for entry in rules:
                if entry.known and is_dead(entry.rule):
                    yield self._report(access, role, entry, [other.rule for other in rules])

    def _report(self, access: Access, role: KubeObject, entry: WrittenRule, rules: list[PolicyRule]) -> Finding:
        verbs = written_verbs(entry.rule)
        where = [resource for resource in entry.rule.resources if resource in BINDINGS]
        message = (
            f"{named(verbs)} on {named(where)} {'grants' if len(verbs) == 1 else 'grant'} nothing: "
            f"the API server asks for {'it' if len(verbs) == 1 else 'them'} on `roles` and `clusterroles`"
        )
        relied_on = _relied_on(access, role, rules)
        refused = "a binding to a role with rights that its writer lacks is still refused"
        finding = self.finding(
            message,
            at=verb_fields(entry)[0],
            note=refused if relied_on else "never asked for here",
            severity=Severity.ERROR if relied_on else None,
        )
        finding = finding.label(entry.field.get("resources"), "on these resources")
        for grant in access.holders(role)[:3]:
            finding = finding.label(grant.subject, f"`{grant.identity}` holds this role")
            use = access.deployer_use(grant.identity)
            if use is not None:
                finding = finding.label(use.at, f"`{use.by.display}` deploys with this account")
        return finding.help(_help(verbs, relied_on)).fix(_fix(role, entry, rules, relied_on))


def _relied_on(access: Access, role: KubeObject, rules: list[PolicyRule]) -> bool:
    """Whether the role writes what the verbs are about, and nobody who holds it has them with effect."""
    if not writes((*ROLES, *BINDINGS), rules):
        return False
    held = [rules, *(access.rules_of(grant).rules for grant in access.holders(role))]
    return not any(has_effective(verb, some) for some in held for verb in ("bind", "escalate"))


def _help(verbs: list[str], relied_on: bool) -> str:
    if relied_on:
        return "give `bind` in a rule of its own, on `roles` or `clusterroles`, limited with `resourceNames`"
    them = "it" if len(verbs) == 1 else "them"
    return f"remove {named(verbs)} here; if somebody needs {them}, give {them} on `roles` or `clusterroles`"


def _fix(role: KubeObject, entry: WrittenRule, rules: list[PolicyRule], relied_on: bool) -> Fix | None:
    """Move the verbs to a rule about roles; only those that what the role writes can make use of.

    None where none of them is of use although the author counts on them: without them nothing would work either.
    """
    moved = [
        verb
        for verb in written_verbs(entry.rule)
        if writes(BINDINGS if verb == "bind" else ROLES, rules) and not has_effective(verb, rules)
    ]
    if relied_on and not moved:
        return None
    edits: list[Edit] = []
    if set(entry.rule.verbs) <= {"bind", "escalate"}:
        edits.append(entry.field.delete())
    else:
        edits.extend(field.delete() for field in reversed(verb_fields(entry)))
    if moved:
        verbs = ", ".join(f'"{verb}"' for verb in moved)
        resources = ", ".join(f'"{resource}"' for resource in ROLES)
        rule = f'{{apiGroups: ["{RBAC_GROUP}"], resources: [{resources}], verbs: [{verbs}]}}'
        edits.append(role.field("rules").append(rule))
        return Fix.unsafe(f"give {named(moved)} on `roles` and `clusterroles` instead", *edits)
    return Fix.unsafe("remove the verbs that do nothing", *edits)
