"""The token that a pod gets, or why it gets none."""

from __future__ import annotations

from kubelint.manifests.access import Identity
from kubelint.manifests.field import Field
from kubelint.manifests.project import Project
from kubelint.manifests.scopes import same_cluster
from kubelint.manifests.subjects import subjects_in


def token_of(
    project: Project, spec: Field, identity: Identity | None, scope: str, owner: str
) -> tuple[Identity | None, str]:
    """The identity that a pod's token has; None and why where it gets no token."""
    own = spec.get("automountServiceAccountToken")
    if identity is None:
        return None, ""
    withheld = own.boolean is False or (own.absent and _withholds(project, identity, scope))
    return (None, f"the pods of {owner} get no token") if withheld else (identity, "")


def _withholds(project: Project, identity: Identity, scope: str) -> bool:
    """Whether the account itself says that pods get no token of it."""
    for account in subjects_in(project).called(identity.name):
        if account.partial or not same_cluster(account.scope, scope):
            continue
        says = account.field("automountServiceAccountToken").boolean is False
        if says and identity.namespace in project.kustomizations.namespaces(account):
            return True
    return False
