"""Which clusters have one node, so that there is nothing to spread."""

from __future__ import annotations

import re

from kubelint.manifests import Project

_FOLDER = re.compile(r"(?:^|/)(?:dev|development|local|kind|[^/]*(?:k3d|minikube)[^/]*)/")


def has_one_node(project: Project, scope: str, *files: str) -> bool:
    """Whether the cluster of `scope` surely has one node: that is what the folder of one of the `files` is for, what is
    declared, or what the only list of all nodes says. A declaration outweighs lists.
    """
    if any(map(_FOLDER.search, files)):
        return True
    if project.settings.nodes:
        return len(project.settings.nodes) == 1
    inventory = project.inventory(scope)
    return inventory.complete and len(inventory.nodes) == 1
