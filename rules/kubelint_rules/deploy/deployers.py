"""Who deploys with rights given in the tree, and what they may not look at afterwards.

What each command asks for follows Helm 3 `pkg/kube/wait.go` and `pkg/kube/ready.go`, Helm 4
`pkg/kube/statuswait.go`, and kubectl `pkg/cmd/rollout/rollout_status.go`.
"""

from __future__ import annotations

from dataclasses import dataclass

from kubelint.cluster.kinds import Kind, all_kinds
from kubelint.cluster.rbac import Verdict
from kubelint.manifests.access import Access, Grant, WrittenRule, written_rules

ROLLED_OUT = (("apps", "deployments"), ("apps", "statefulsets"), ("apps", "daemonsets"))
JOBS = ("batch", "jobs")
FOLLOW = ("list", "watch")


@dataclass(frozen=True)
class Deployer:
    """A holder of a role that deploys, the rule that says so, and the built-in resources that it may create and
    change.
    """

    grant: Grant
    entry: WrittenRule
    deployed: tuple[Kind, ...]
    keeps_releases: bool = True
    """Whether it may run Helm: it is not known to be refused what that keeps releases in."""


def deployer_of(access: Access, grant: Grant) -> Deployer | None:
    """The holder as a deployer: known as one, or inferred from writing workloads and the Secrets that hold
    Helm's releases.
    """
    entry = next((entry for entry in written_rules(grant.role) if entry.known and _writes_workloads(entry)), None)
    if entry is None or not access.is_accounted_for(grant.identity):
        return None
    if access.is_controller(grant.identity) or access.is_flux_tenant(grant.identity):
        return None
    answers = {access.may(grant, verb, "", "secrets") for verb in ("list", "create", "update")}
    if answers != {Verdict.ALLOWED} and not access.is_deployer(grant.identity):
        return None
    deployed = tuple(kind for kind in all_kinds() if kind.namespaced and _deploys(access, grant, kind))
    return Deployer(grant, entry, deployed, Verdict.DENIED not in answers) if deployed else None


def _writes_workloads(entry: WrittenRule) -> bool:
    return any(writes(entry, group, resource) for group, resource in ROLLED_OUT)


def writes(entry: WrittenRule, group: str, resource: str) -> bool:
    """Whether a rule lets objects of a resource be created and changed."""
    return entry.allows("create", group, resource) and any(
        entry.allows(verb, group, resource) for verb in ("update", "patch")
    )


def _deploys(access: Access, grant: Grant, kind: Kind) -> bool:
    """Whether objects of the kind may be created and changed by rules that name the kind, or everything."""
    if kind.group in ("extensions", "events.k8s.io") or (kind.group, kind.kind) in (
        ("", "Event"),
        ("", "Secret"),
    ):
        return False
    changes = any(_may(access, grant, verb, kind.group, kind.plural) for verb in ("update", "patch"))
    return changes and _may(access, grant, "create", kind.group, kind.plural)


def unlisted(access: Access, deployer: Deployer) -> list[str]:
    """What Helm looks at besides the objects of the chart, and this deployer surely may not list.

    Whether somebody who may write all of `apps` has any StatefulSet is not known, so only those named count.
    """
    wanted = {"deployments": ("apps", "replicasets")}
    if any("statefulsets" in entry.rule.resources for entry in written_rules(deployer.grant.role)):
        wanted["statefulsets"] = ("", "pods")
    asked = [wanted[kind.plural] for kind in deployer.deployed if kind.group == "apps" and kind.plural in wanted]
    return [plural for group, plural in asked if access.may(deployer.grant, "list", group, plural) is Verdict.DENIED]


def unfollowed(access: Access, grant: Grant, kind: Kind) -> list[str]:
    """Which of `list` and `watch` the holder surely lacks on a kind."""
    return [verb for verb in FOLLOW if access.may(grant, verb, kind.group, kind.plural) is Verdict.DENIED]


def _may(access: Access, grant: Grant, verb: str, group: str, resource: str) -> bool:
    return access.may(grant, verb, group, resource) is Verdict.ALLOWED
