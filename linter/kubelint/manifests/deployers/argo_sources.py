"""What an Application of Argo CD deploys, as far as its sources are folders of the tree: charts, kustomizations, plain
manifests.

Follows argo-cd `reposerver/repository/repository.go` (`GetAppSourceType`, `findManifests`) and
`util/app/discovery/discovery.go`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from posixpath import basename, dirname

from kubelint.manifests.deployers.applied import kustomized, together
from kubelint.manifests.deployers.charted import deployed, of_chart, written
from kubelint.manifests.deployers.globs import matches_glob
from kubelint.manifests.deployers.model import Deployed
from kubelint.manifests.field import Field
from kubelint.manifests.keeping import once_per_project
from kubelint.manifests.kustomize.kustomization import FILE_NAMES
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.project import Project
from kubelint.manifests.releases.argo import GROUP, application_sources
from kubelint.manifests.releases.charts import local_chart
from kubelint.manifests.releases.value_files import tree_path

_TYPES = ("helm", "kustomize", "directory")
_READ = (".yaml", ".yml", ".json")
_BRANCHES = frozenset({"", "HEAD", "main", "master", "trunk"})
_SKIPPED = "+argocd:skip-file-rendering"
_OVERRIDES = re.compile(r"\.argocd-source(?:-.+)?\.yaml")
_ADDRESS = re.compile(r"(?:[\w+]+://)?(?:[^@/]*@)?(.*?)(?:\.git)?/*")
#: What a source may say to kustomize that changes neither the names nor the kinds of objects.
_HARMLESS = frozenset({"commonAnnotations", "commonLabels", "images", "labels", "replicas", "version"})


def of_application(project: Project, application: KubeObject) -> Deployed:
    """What the sources of an Application hold. Those of other repositories hold what nobody knows."""
    patched = any(project.may_be_patched(application, "spec", key) for key in ("source", "sources"))
    parts = []
    for source in application_sources(project, application):
        if source.get("ref").exists and source.get("path").absent and source.get("chart").absent:
            continue  # it only lends its values files to the others
        folder = _folder(project, application, source)
        parts.append(_of_folder(project, application, source, folder) if folder is not None else Deployed())
    found = together(parts)
    return replace(found, complete=False) if patched else found


def _folder(project: Project, application: KubeObject, source: Field) -> str | None:
    """The folder of the tree that a source is; None where it is another repository, or another state of this one."""
    repository, revision = application.document.repository, source.get("targetRevision")
    if source.get("chart").exists or revision.unknown or (revision.text or "") not in _BRANCHES:
        return None
    own = _sources(project).get(repository)
    if own is None or _address(source) != own:
        return None
    return _path(repository, source)


@once_per_project
def _sources(project: Project) -> dict[str, str]:
    """The address of each repository of the tree: the one that most Applications take folders of the tree from, and
    none takes a folder from that the tree lacks.
    """
    folders = _folders(project)
    found: dict[str, Counter[str]] = {}
    others: set[tuple[str, str]] = set()
    for application in project.objects("Application", GROUP):
        repository = application.document.repository
        for source in application_sources(project, application):
            path, address = _path(repository, source), _address(source)
            if address is None or path is None or path == repository:
                continue
            if path in folders:
                found.setdefault(repository, Counter())[address] += 1
            else:
                others.add((repository, address))
    own: dict[str, str] = {}
    for repository, counted in found.items():
        likely = [(number, address) for address, number in counted.items() if (repository, address) not in others]
        most = [address for number, address in likely if number == max(likely)[0]]
        if len(most) == 1:
            own[repository] = most[0]
    return own


def _folders(project: Project) -> set[str]:
    found: set[str] = set()
    for file in project.files:
        folder = dirname(file)
        while folder and folder not in found:
            found.add(folder)
            folder = dirname(folder)
    return found


def _address(source: Field) -> str | None:
    """The repository's address, however it is spelled; None where it is not known."""
    match = _ADDRESS.fullmatch(source.get("repoURL").text or "")
    return match[1].replace(":", "/").lower() or None if match is not None else None


def _path(repository: str, source: Field) -> str | None:
    """The folder that the source would be in this tree; None where it says none."""
    path = source.get("path").text
    return None if path is None else tree_path(repository, repository, path.strip("/"))


def _of_folder(project: Project, application: KubeObject, source: Field, folder: str) -> Deployed:
    inside, repository = f"{folder}/" if folder else "", application.document.repository
    chart = local_chart(project, repository, folder)
    is_kustomized = any(f"{inside}{name}" in project.files for name in FILE_NAMES)
    given = [key for key in _TYPES if source.get(key).value or source.get(key).unknown]
    if len(given) > 1 or source.get("plugin").exists or folder in _overridden(project):
        return Deployed()
    kind = given[0] if given else "helm" if chart is not None else "kustomize" if is_kustomized else "directory"
    if kind == "helm":
        found = of_chart(project, chart, application.file) if chart is not None else Deployed()
        return found if source.get("helm", "skipCrds").absent else replace(found, crds=())
    if kind == "kustomize":
        names = {key for key, _ in source.get("kustomize").items()}
        known = is_kustomized and not source.get("kustomize").unknown and names <= _HARMLESS
        return kustomized(project, repository, folder) if known else Deployed()
    return _of_directory(project, source.get("directory"), repository, inside)


@once_per_project
def _overridden(project: Project) -> frozenset[str]:
    """The folders in which a file may change what an Application says of them."""
    return frozenset(dirname(file) for file in project.files if _OVERRIDES.fullmatch(basename(file)))


@once_per_project
def _contents(project: Project) -> dict[tuple[str, str], list[KubeObject]]:
    """The objects that are written in each folder, by repository and folder."""
    found: dict[tuple[str, str], list[KubeObject]] = {}
    for repository in dict.fromkeys(document.repository for document in project.documents):
        for obj in written(project, repository):
            found.setdefault((repository, dirname(obj.file)), []).append(obj)
    return found


def _of_directory(project: Project, directory: Field, repository: str, inside: str) -> Deployed:
    """The manifests of a folder; with `recurse` those of the folders in it too."""
    deep, patterns = directory.get("recurse"), [directory.get(key) for key in ("include", "exclude")]
    if directory.unknown or any(pattern.unknown for pattern in patterns):
        return Deployed()
    found = [
        obj
        for (owner, folder), objects in _contents(project).items()
        if owner == repository and f"{folder}/".startswith(inside)
        for obj in objects
        if _is_read(obj.file, inside, deep.boolean is True, patterns) and _SKIPPED not in obj.document.text
    ]
    hidden = any(file.startswith(inside) for file in project.hidden_files)
    known = not deep.unknown and directory.get("jsonnet").absent
    return deployed(found, complete=bool(found) and known and not hidden)


def _is_read(file: str, inside: str, deep: bool, patterns: list[Field]) -> bool:
    name = file.removeprefix(inside)
    if not file.startswith(inside) or not file.endswith(_READ) or (not deep and "/" in name):
        return False
    include, exclude = (pattern.text for pattern in patterns)
    # Where a pattern cannot be read, the sync fails: nothing is deployed.
    return not (exclude and matches_glob(exclude, name) is not False) and (
        not include or matches_glob(include, name) is True
    )
