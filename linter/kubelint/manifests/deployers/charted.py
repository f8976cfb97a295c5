"""What Helm installs of a chart of the tree."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from kubelint.cluster.runners import UNRESOLVED
from kubelint.manifests.deployers.model import Deployed
from kubelint.manifests.deployers.templates import Sure, sure_of
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.project import Project
from kubelint.manifests.releases.charts import Chart, local_chart
from kubelint.manifests.releases.value_files import tree_path
from kubelint.manifests.shell.commands import Command, Word
from kubelint.manifests.shell.scripts import Script

_CONTROL = re.compile(r"\{\{-?\s*(?:if|else|with|range|define|block|end)\b")


def chart_of(project: Project, script: Script, command: Command, word: Word | None) -> Chart | None:
    """The chart of the tree that a word of a command names. A container that installs `./chart` where the repository
    holds one has a copy of it; an absolute path is its own affair.
    """
    if word is None or not word.text or command.option("--repo") or "://" in word.text or command.remote:
        return None
    paths = (in_checkout(script, command, word), tree_path(script.repository, script.repository, word.text))
    return next((found for path in paths if (found := local_chart(project, script.repository, path))), None)


def in_checkout(script: Script, command: Command, word: Word) -> str | None:
    """The path that a word names, from the root of the files; None where that is unknown or outside of the tree."""
    if script.container is None or command.remote:
        return command.path(word)
    return tree_path(script.repository, script.repository, word.text) if word.text else None


def of_chart(project: Project, chart: Chart, origin: str) -> Deployed:
    """What the chart renders to: for the releases of the file `origin` if their values are known, else with its own
    values, which leaves only what all values give sure. Unrendered, it is the templates that hold no condition and no
    loop.
    """
    inside = f"{chart.folder}/" if chart.folder else ""
    built = [obj for obj in project.all_objects if obj.document.rendering and obj.file.startswith(inside)]
    own = [obj for obj in built if obj.document.belongs_to == origin]
    found, complete = _one_rendering(own)
    if not own:
        found = [obj for obj in built if obj.document.belongs_to == obj.file]
    if not built:
        templates = [obj for obj in written(project, chart.repository) if obj.file.startswith(f"{inside}templates/")]
        found = [obj for obj in templates if not _CONTROL.search(obj.document.text)]
    folder = f"{inside}crds/"
    crds = [obj for obj in project.objects("CustomResourceDefinition") if obj.file.startswith(folder)]
    crds = [obj for obj in crds if not obj.document.rendering]
    if complete or not built:
        return deployed(found, complete=complete, crds=crds)
    return _with_other_values(found, f"{inside}templates/", crds)


def _with_other_values(found: Sequence[KubeObject], templates: str, crds: Sequence[KubeObject]) -> Deployed:
    """What was rendered, though with other values than those of the release: some of it has to be there with any.

    Parts of other charts may be switched off, so only what the chart's own templates render is sure.
    """
    sure = [sure_of(obj) if obj.file.startswith(templates) else None for obj in found]
    manifests = tuple(
        obj.root.value if each is None else with_metadata(obj, each.name or UNRESOLVED, _place(each))
        for obj, each in zip(found, sure, strict=True)
    )
    positions = frozenset(position for position, each in enumerate(sure) if each is not None)
    return Deployed(manifests, tuple(found), tuple(obj.root.value for obj in crds), sure=positions)


def _place(sure: Sure) -> str:
    """The namespace to write into a manifest; empty for that of the release."""
    return UNRESOLVED if sure.namespace == "" else sure.namespace or ""


def _one_rendering(objects: Sequence[KubeObject]) -> tuple[list[KubeObject], bool]:
    """The first of several renderings, and whether the others hold objects of the same kinds in the same places."""
    by_rendering: dict[str, list[KubeObject]] = {}
    for obj in objects:
        by_rendering.setdefault(obj.document.rendering, []).append(obj)
    shapes = [Counter((obj.api_version, obj.kind, obj.namespace) for obj in each) for each in by_rendering.values()]
    first = next(iter(by_rendering.values()), [])
    return first, bool(first) and all(shape == shapes[0] for shape in shapes)


def written(project: Project, repository: str) -> list[KubeObject]:
    """The objects that stand in files of a repository; kustomizations are none of them."""
    return [
        obj
        for obj in project.all_objects
        if obj.document.repository == repository
        and obj.document.belongs_to == obj.file
        and not obj.document.rendering
        and not obj.partial
        and obj.group != "kustomize.config.k8s.io"
    ]


def with_metadata(obj: KubeObject, name: str, namespace: str | None) -> dict[str, Any]:
    """The object as a plain manifest of that name; in a namespace if one is given, else where it is written."""
    value, metadata = obj.root.value, obj.field("metadata").value
    named = dict(metadata) if isinstance(metadata, dict) else {}
    named["name"] = name
    if namespace is not None:
        named["namespace"] = namespace
    return {**value, "metadata": named}


def deployed(found: Sequence[KubeObject], *, complete: bool, crds: Sequence[KubeObject] = ()) -> Deployed:
    """The objects as what is deployed."""
    return Deployed(
        tuple(obj.root.value for obj in found), tuple(found), tuple(obj.root.value for obj in crds), complete
    )
