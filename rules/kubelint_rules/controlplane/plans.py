"""The Plans of the system-upgrade-controller in a project."""

from __future__ import annotations

from kubelint.cluster.upgrade_plans import selects_control_plane
from kubelint.cluster.verdicts import Verdict
from kubelint.manifests import KubeObject, Project

GROUP = "upgrade.cattle.io"


def plans(project: Project) -> list[KubeObject]:
    """The Plans that are whole."""
    return [obj for obj in project.objects("Plan", group=GROUP) if not obj.partial]


def of_control_plane(plan: KubeObject, project: Project) -> Verdict:
    """Whether a Plan may choose control-plane nodes."""
    selector = plan.field("spec", "nodeSelector")
    if selector.unknown or project.may_be_patched(plan, "spec", "nodeSelector"):
        return Verdict.UNKNOWN
    return selects_control_plane(selector.value)


def members(project: Project, scope: str) -> int | None:
    """How many members the control plane of a scope has; None where the tree does not tell, or tells of several."""
    found = {found.number for found in project.hosts.etcd_members if found.scope == scope and not found.local}
    return found.pop() if len(found) == 1 else None
