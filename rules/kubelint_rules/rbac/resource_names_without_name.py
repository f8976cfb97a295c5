"""Rule: resource-names-without-name."""

from collections.abc import Iterator, Sequence

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity, named
from kubelint.cluster.rbac import RBAC_GROUP, PolicyRule, Request, rule_allows
from kubelint.manifests import Field, KubeObject, Project
from kubelint.manifests.access import NEEDS, Access, WrittenRule, access_to, written_rules
from kubelint.manifests.shell.scripts import Command, Script

_NEVER_NAMED = ("create", "deletecollection")
_SELDOM_NAMED = ("list", "watch")


class ResourceNamesWithoutName(ProjectRule):
    """A rule limits by name what is asked for without a name.

    ## What it does
    Finds rules with `resourceNames` and one of the verbs `create`, `deletecollection`, `list` and `watch`. A new
    object's name is not part of the request that creates it, nor is one part of deleting, listing or watching
    many. `list` and `watch` are information: they match where the client asks with
    `fieldSelector=metadata.name=…`, as `kubectl rollout status` does. Left alone are verbs that the role, or
    everybody who holds it, has without names too; `create` on subresources such as `pods/exec`, whose requests do
    have a name; `create` with `patch` for who applies server-side: Flux's accounts, and where a script of the
    tree runs `kubectl apply --server-side`; and `list` and `watch` where one runs `kubectl rollout status` or
    `kubectl wait` for an object of that name.

    ## Why it matters
    The rule looks like "may create this one object" and means "may create none": the first `kubectl apply` of the
    object is refused, later ones work, so that it shows in a new cluster.

    ## Example
    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata:
      name: lock-holder
      namespace: shop
    rules:
      - apiGroups: ["coordination.k8s.io"]
        resources: ["leases"]
        resourceNames: ["importer"]
        verbs: ["get", "create", "update"]
    ```

    ## Use instead
    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata:
      name: lock-holder
      namespace: shop
    rules:
      - apiGroups: ["coordination.k8s.io"]
        resources: ["leases"]
        verbs: ["create"]
      - apiGroups: ["coordination.k8s.io"]
        resources: ["leases"]
        resourceNames: ["importer"]
        verbs: ["get", "update"]
    ```

    ## When to ignore
    If the only client applies server-side (`create` is then asked for with the name), or selects by name what it
    lists and watches.

    ## References
    - kubernetes `staging/src/k8s.io/apiserver/pkg/endpoints/request/requestinfo.go: NewRequestInfo`
    - [Referring to
      resources](https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources)
    """

    meta = RuleMeta(
        id="resource-names-without-name",
        summary="`resourceNames` limit a verb whose requests have no name",
        category=Category.RBAC,
        severity=Severity.WARNING,
        incident=3,
        since="0.1.0",
    )
    needs = NEEDS
    about = frozenset({"Role", "ClusterRole"})

    def check(self, project: Project) -> Iterator[Finding]:
        """At most one finding per rule about what never has a name, and one about what seldom has."""
        for role in project.objects(("Role", "ClusterRole"), group=RBAC_GROUP):
            entries = written_rules(role)
            rules = [entry.rule for entry in entries]
            for entry in entries:
                if entry.known and _is_limited(entry.rule):
                    yield from self._check_rule(project, role, entry, rules)

    def _check_rule(
        self, project: Project, role: KubeObject, entry: WrittenRule, rules: list[PolicyRule]
    ) -> Iterator[Finding]:
        dead = [verb for verb in _NEVER_NAMED if _matches_nothing(entry.rule, verb)]
        dead = [verb for verb in dead if not _held_without_names(project, role, entry.rule, verb, rules)]
        if "create" in dead and _is_created_by_name(project, role, entry.rule):
            dead.remove("create")
        if dead:
            yield self._report(entry, dead)
        rare = [verb for verb in _SELDOM_NAMED if verb in entry.rule.verbs]
        rare = [verb for verb in rare if not _held_without_names(project, role, entry.rule, verb, rules)]
        if rare and not _is_followed_by_name(project, entry.rule):
            yield self._report_rare(entry, rare)

    def _report(self, entry: WrittenRule, verbs: list[str]) -> Finding:
        return (
            self.finding(
                f"{named(verbs)} with `resourceNames` {_match(verbs)} no request: these requests have no name",
                at=_verb(entry, verbs[0]),
                note="grants nothing",
            )
            .label(entry.field.get("resourceNames").key, "limited to names here")
            .help(f"grant {named(verbs)} in a rule without `resourceNames`")
        )

    def _report_rare(self, entry: WrittenRule, verbs: list[str]) -> Finding:
        return (
            self.finding(
                f"{named(verbs)} with `resourceNames` {_match(verbs)} only requests that select one object by name",
                at=_verb(entry, verbs[0]),
                note="others are refused",
                severity=Severity.INFO,
            )
            .label(entry.field.get("resourceNames").key, "limited to names here")
            .help("select with `--field-selector metadata.name=NAME`, or grant `get` alone")
        )


def _match(verbs: list[str]) -> str:
    return "matches" if len(verbs) == 1 else "match"


def _is_limited(rule: PolicyRule) -> bool:
    """Whether the rule is about names only; an empty one is that of a request without a name."""
    return bool(rule.resource_names) and "" not in rule.resource_names and bool(rule.resources)


def _matches_nothing(rule: PolicyRule, verb: str) -> bool:
    """Whether the verb has no effect in the rule: a subresource is created below an object that has a name."""
    if verb not in rule.verbs:
        return False
    return verb != "create" or not any("/" in resource or resource == "*" for resource in rule.resources)


def _held_without_names(
    project: Project, role: KubeObject, rule: PolicyRule, verb: str, rules: list[PolicyRule]
) -> bool:
    """Whether `rules`, the role's own, or all that each of its holders has, allow the same without a name."""
    if _allows_all(rules, rule, verb):
        return True
    access = access_to(project)
    holders = access.holders(role)
    return bool(holders) and all(_allows_all(access.rules_of(grant).rules, rule, verb) for grant in holders)


def _allows_all(rules: Sequence[PolicyRule], wanted: PolicyRule, verb: str) -> bool:
    requests = [
        Request(verb, group, *_resource_and_subresource(resource))
        for group in wanted.api_groups
        for resource in wanted.resources
    ]
    return all(any(rule_allows(rule, request) for rule in rules) for request in requests)


def _resource_and_subresource(resource: str) -> tuple[str, str]:
    name, _, subresource = resource.partition("/")
    return name, subresource


def _is_created_by_name(project: Project, role: KubeObject, rule: PolicyRule) -> bool:
    """Whether somebody is known to apply server-side: the API server then asks for `create` with the name."""
    if not {"patch", "*"}.intersection(rule.verbs):
        return False
    access: Access = access_to(project)
    if any(access.is_flux_tenant(grant.identity) for grant in access.holders(role)):
        return True
    return any(script.mentions("--server-side") for script in project.scripts)


def _is_followed_by_name(project: Project, rule: PolicyRule) -> bool:
    """Whether a script of the tree follows one of the objects: kubectl then selects it by its name."""
    return any(_follows(command, rule) for script in project.scripts for command in _followers(script))


def _followers(script: Script) -> list[Command]:
    return script.commands if script.mentions("rollout status", "kubectl wait") else []


def _follows(command: Command, rule: PolicyRule) -> bool:
    operands = command.subcommand("kubectl", "rollout", "status") or command.subcommand("kubectl", "wait") or []
    return any((word.text or "").rpartition("/")[2] in rule.resource_names for word in operands)


def _verb(entry: WrittenRule, verb: str) -> Field:
    fields = entry.field.get("verbs").elements()
    return next((field for field in fields if field.text == verb), entry.field.get("verbs"))
