"""Rule: deployer-role-lacks-watch."""

from collections.abc import Iterator
from enum import Enum

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity, named
from kubelint.cluster.helm import Helm, Wait
from kubelint.cluster.kinds import RBAC, Kind
from kubelint.manifests import Edit, Project, same_cluster
from kubelint.manifests.access import Access, Grant, WrittenRule, access_to, written_rules
from kubelint.manifests.deployers import NEEDS as REQUESTS
from kubelint.manifests.deployers import is_told, known_runs

from .deployers import FOLLOW, JOBS, ROLLED_OUT, Deployer, deployer_of, unfollowed, unlisted, writes

_GROUPS = {"replicasets": "apps", "pods": ""}


class DeployerRoleLacksWatch(ProjectRule):
    """Who deploys may not follow what it has deployed.

    ## What it does
    Finds identities that write workloads and Helm's release Secrets, or that run a pipeline's jobs and write
    workloads, and asks what their commands would ask:

    - `list` on `replicasets`, if they deploy Deployments, and on `pods`, if they deploy StatefulSets;
    - `list` and `watch` on every kind that they deploy.

    Who surely may not write Secrets keeps no releases: of such a runner only what `kubectl rollout status` follows
    is asked.

    Rights through every binding and through the built-in roles count. Events are never needed, nor is `watch`
    on `replicasets` that no chart contains. Where the commands that an account runs are known, and what they deploy,
    `deployer-cannot-wait`, `deployer-cannot-run-hooks` and `deployer-cannot-watch-rollout` speak in place of this;
    where only the commands are known, those that never watch, as those of Helm 3, ask for less.

    ## Why it matters
    What happens without the right depends on the command:

    - Helm 3 `--wait` finds the ReplicaSet of a rollout by listing. Without `list` on `replicasets` it stops
      at once with Forbidden.
    - Helm 4 `--wait` watches every kind in the chart: without `list` or `watch` on one of them it stops with
      Forbidden. Without `list` on `replicasets` or `pods` it says nothing and waits until `--timeout`, five
      minutes by default.
    - Hooks are waited for without `--wait` too. For a Job without `list` and `watch`, Helm 3 prints errors
      and waits until `--timeout`; Helm 4 stops with Forbidden for a hook of any kind.
    - `kubectl rollout status` needs `get`, `list` and `watch` on the workload. Without them it never ends,
      unless `--timeout` is given.

    ## Example
    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata:
      name: deployer
      namespace: shop
    rules:
      - apiGroups: ["apps"]
        resources: ["deployments"]
        verbs: ["get", "create", "update", "patch", "delete"]
      - apiGroups: ["apps"]
        resources: ["replicasets"]
        verbs: ["get", "list"]
      - apiGroups: [""]
        resources: ["secrets"]
        verbs: ["get", "list", "watch", "create", "update", "delete"]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata:
      name: deployer
      namespace: shop
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: Role
      name: deployer
    subjects:
      - kind: ServiceAccount
        name: deployer
        namespace: ci
    ```

    ## Use instead
    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata:
      name: deployer
      namespace: shop
    rules:
      - apiGroups: ["apps"]
        resources: ["deployments"]
        verbs: ["get", "list", "watch", "create", "update", "patch", "delete"]
      - apiGroups: ["apps"]
        resources: ["replicasets"]
        verbs: ["get", "list"]
      - apiGroups: [""]
        resources: ["secrets"]
        verbs: ["get", "list", "watch", "create", "update", "delete"]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata:
      name: deployer
      namespace: shop
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: Role
      name: deployer
    subjects:
      - kind: ServiceAccount
        name: deployer
        namespace: ci
    ```

    ## When to ignore
    If the deployer only ever runs commands that wait for nothing: Helm 3 without `--wait`, without hooks, or
    plain `kubectl apply`.

    ## Fix safety
    Unsafe: it widens a role. `list` and `watch` show the contents of every object of the kind.

    ## References
    - Helm 3 `pkg/kube/wait.go`, `pkg/kube/ready.go`; Helm 4 `pkg/kube/statuswait.go`
    - kubectl `pkg/cmd/rollout/rollout_status.go`
    - [Wait with kstatus](https://github.com/helm/community/blob/main/hips/hip-0022.md)
    """

    meta = RuleMeta(
        id="deployer-role-lacks-watch",
        summary="who deploys may not follow what it has deployed",
        category=Category.DEPLOY,
        severity=Severity.WARNING,
        incident=8,
        since="0.1.0",
        fixable=True,
    )
    needs = REQUESTS
    about = RBAC

    def check(self, project: Project) -> Iterator[Finding]:
        """At most one finding per role about what is listed, and one about what is watched."""
        access = access_to(project)
        for role in access.roles:
            grants = (
                grant for grant in access.holders(role) if not is_told(project, grant.identity, grant.binding.scope)
            )
            deployers = (deployer_of(access, grant) for grant in grants)
            found = (self._check_deployer(project, access, deployer) for deployer in deployers if deployer is not None)
            yield from next((findings for findings in found if findings), [])

    def _check_deployer(self, project: Project, access: Access, deployer: Deployer) -> list[Finding]:
        waiting = _waiting(project, deployer.grant)
        helm = deployer.keeps_releases or bool(_helm_commands(project, deployer.grant))
        unseen = unlisted(access, deployer) if helm and waiting is not _Waiting.NEVER else []
        followed = [(kind, unfollowed(access, deployer.grant, kind)) for kind in deployer.deployed]
        if not helm:
            followed = [entry for entry in followed if _is_rolled_out(entry[0])]
        # A hook that is a Job is waited for in any case.
        blind = [(kind, verbs) for kind, verbs in followed if verbs and (waiting is _Waiting.WATCHES or _is_job(kind))]
        findings: list[Finding] = []
        if unseen:
            findings.append(self._cannot_list(access, deployer, unseen, blind))
        if blind:
            findings.append(self._cannot_follow(access, deployer, blind, helm))
        return findings

    def _cannot_list(
        self, access: Access, deployer: Deployer, unseen: list[str], blind: list[tuple[Kind, list[str]]]
    ) -> Finding:
        if "replicasets" in unseen:
            effect = "`helm --wait` fails (Helm 3) or hangs until `--timeout` (Helm 4)"
        else:
            effect = "`helm --wait` hangs until `--timeout` (Helm 4)"
        listed = _entry_about(deployer, unseen[0])
        finding = self.finding(
            f"`{deployer.grant.identity}` may not `list` the {named(unseen)} of what it deploys: {effect}",
            at=deployer.entry.field.get("resources") if listed is None else listed.field.get("verbs"),
            note="Helm reads the state of a rollout from other objects than these"
            if listed is None
            else "without `list`",
        )
        finding = _labelled(access, deployer, finding).help(f"grant `list` on {named(unseen)} to the deployer")
        return finding.fix(_list_fix(deployer, unseen, {kind.plural for kind, _ in blind}))

    def _cannot_follow(
        self, access: Access, deployer: Deployer, blind: list[tuple[Kind, list[str]]], helm: bool
    ) -> Finding:
        rolled_out = [entry for entry in blind if _is_rolled_out(entry[0])]
        jobs = [entry for entry in blind if _is_job(entry[0])]
        shown = rolled_out or jobs or blind
        verbs = [verb for verb in FOLLOW if any(verb in missing for _, missing in shown)]
        if rolled_out:
            effect = "`kubectl rollout status` hangs" + (", Helm 4 `--wait` fails" if helm else "")
        elif jobs:
            effect = "a hook Job hangs until `--timeout` (Helm 3) or fails (Helm 4)"
        else:
            effect = "Helm 4 `--wait` watches every kind of a chart and fails"
        finding = self.finding(
            f"`{deployer.grant.identity}` may not {named(verbs)} the {named(kind.plural for kind, _ in shown)} "
            f"that it deploys: {effect}",
            at=_writer(deployer, shown[0][0]).field.get("verbs"),
            note="`kubectl rollout status` never ends without `--timeout`" if rolled_out else f"without {named(verbs)}",
            severity=None if rolled_out or jobs else Severity.INFO,
        )
        finding = _labelled(access, deployer, finding)
        return finding.help(f"grant {named(verbs)} on every kind that it deploys").fix(_follow_fix(deployer, blind))


class _Waiting(Enum):
    """How the commands of a deployer wait for what they deploy: each asks for all that those before it do."""

    NEVER = "not at all"
    POLLS = "as Helm 3 does"
    WATCHES = "as Helm 4 and kubectl do"


def _is_rolled_out(kind: Kind) -> bool:
    return (kind.group, kind.plural) in ROLLED_OUT


def _helm_commands(project: Project, grant: Grant) -> list[Helm]:
    """The Helm commands that are known to run as the holder."""
    runs = [known for known in known_runs(project) if known.identity == grant.identity]
    own = [known.run.command for known in runs if same_cluster(known.run.scope, grant.binding.scope)]
    return [command for command in own if isinstance(command, Helm)]


def _waiting(project: Project, grant: Grant) -> _Waiting:
    """How the Helm commands that are known to run as the holder wait; where none is known, any may."""
    commands = _helm_commands(project, grant)
    if not commands:
        return _Waiting.WATCHES
    waiting = [command for command in commands if command.atomic or command.wait is not Wait.NONE]
    watching = [command for command in waiting if command.version != 3 and command.wait is not Wait.LEGACY]
    return _Waiting.WATCHES if watching else _Waiting.POLLS if waiting else _Waiting.NEVER


def _is_job(kind: Kind) -> bool:
    return (kind.group, kind.plural) == JOBS


def _writer(deployer: Deployer, kind: Kind) -> WrittenRule:
    """The rule of the role that lets a kind be written; the one about workloads if another role does."""
    own = written_rules(deployer.grant.role)
    return next((entry for entry in own if writes(entry, kind.group, kind.plural)), deployer.entry)


def _labelled(access: Access, deployer: Deployer, finding: Finding) -> Finding:
    grant = deployer.grant
    use = access.deployer_use(grant.identity)
    finding = finding.label(grant.subject, f"bound here to `{grant.role.name}`")
    return finding if use is None else finding.label(use.at, f"`{use.by.display}` deploys with this account")


def _follow_fix(deployer: Deployer, blind: list[tuple[Kind, list[str]]]) -> Fix | None:
    """Add the verbs to the rules of this role that let the kinds be written."""
    edits: list[Edit] = []
    added: set[str] = set()
    for entry in written_rules(deployer.grant.role):
        kinds = [(kind, missing) for kind, missing in blind if entry.known and writes(entry, kind.group, kind.plural)]
        wanted = [verb for verb in FOLLOW if any(verb in missing for _, missing in kinds)]
        edits.extend(entry.field.get("verbs").append(f'"{verb}"') for verb in wanted)
        added.update(wanted)
    shown = named(verb for verb in FOLLOW if verb in added)
    return Fix.unsafe(f"add {shown} to the rules that deploy", *edits) if edits else None


def _list_fix(deployer: Deployer, unseen: list[str], followed: set[str]) -> Fix | None:
    """Add `list` where the resources stand already, else a rule; nothing where the other fix adds it too."""
    edits: list[Edit] = []
    for plural in (plural for plural in unseen if plural not in followed):
        entry = _entry_about(deployer, plural)
        if entry is not None:
            edits.append(entry.field.get("verbs").append('"list"'))
        else:
            rule = f'{{apiGroups: ["{_GROUPS[plural]}"], resources: ["{plural}"], verbs: ["get", "list", "watch"]}}'
            edits.append(deployer.grant.role.field("rules").append(rule))
    return Fix.unsafe(f"grant `list` on {named(unseen)}", *edits) if edits else None


def _entry_about(deployer: Deployer, plural: str) -> WrittenRule | None:
    """The rule of the role that lets objects of a resource be read one by one."""
    own = written_rules(deployer.grant.role)
    return next((entry for entry in own if entry.known and entry.allows("get", _GROUPS[plural], plural)), None)
