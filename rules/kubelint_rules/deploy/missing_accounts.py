"""Service accounts that objects of Flux act as, and that nothing in the tree makes.

The tree must be where the account would be: it holds others of the namespace. Whatever may make objects that the tree
does not show is a reason to say nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from kubelint.manifests import KubeObject, Project, same_cluster
from kubelint.manifests.access import Identity
from kubelint.manifests.deployers import DeployerRun, deployers
from kubelint.manifests.supply import outside_of

_SYSTEM = frozenset({"kube-system", "kube-public", "kube-node-lease"})


def missing_accounts(project: Project) -> Iterator[tuple[DeployerRun, KubeObject]]:
    """What acts as an account that surely is not there, each account once, and another account of its namespace."""
    seen: set[tuple[str, Identity]] = set()
    accounts = project.objects("ServiceAccount", group="")
    for run in deployers(project):
        identity = run.who.identity
        if run.source != "flux" or identity is None or (run.scope, identity) in seen:
            continue
        seen.add((run.scope, identity))
        beside = next((obj for obj in accounts if _is_beside(project, obj, identity, run.scope)), None)
        if beside is not None and _is_missing(project, accounts, identity, run):
            yield run, beside


def _is_beside(project: Project, obj: KubeObject, identity: Identity, scope: str) -> bool:
    """Whether the tree makes an account in the namespace of another."""
    places = project.kustomizations.namespaces(obj)
    return not obj.partial and identity.namespace in places and same_cluster(obj.scope, scope)


def _is_missing(project: Project, accounts: list[KubeObject], identity: Identity, run: DeployerRun) -> bool:
    """Whether no file may make the account, and nothing that the files do not show."""
    if identity.name == "default" or identity.namespace in _SYSTEM or _is_external(project, identity):
        return False
    if any(_may_be(project, obj, identity) for obj in accounts):
        return False
    outside = outside_of(project)
    return not outside.may_bring(identity.name, identity.namespace, run.scope, run.repository, identity)


def _is_external(project: Project, identity: Identity) -> bool:
    text = f"ServiceAccount/{identity.namespace}/{identity.name}"
    return any(fnmatchcase(text, entry) for entry in project.settings.external)


def _may_be(project: Project, obj: KubeObject, identity: Identity) -> bool:
    """Whether an object may be the account, in whichever cluster."""
    names, places = project.kustomizations.names(obj), project.kustomizations.namespaces(obj)
    named = obj.name in (None, identity.name) or not names or identity.name in names
    return named and (not places or identity.namespace in places or obj.namespace == identity.namespace)
