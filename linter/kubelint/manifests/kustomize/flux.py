"""Where Flux's Kustomizations look: `spec.path` is relative to the root of the source, which mostly is this tree."""

from __future__ import annotations

from collections.abc import Iterable
from posixpath import dirname

from kubelint.manifests.field import Field
from kubelint.manifests.kustomize.kustomization import Kustomization
from kubelint.manifests.objects import KubeObject


class FluxFolders:
    """The directories of a tree, as Flux's objects name them. The tree may be a part of the repository: then the same
    leading steps are missing from all paths.
    """

    def __init__(self, files: Iterable[str], objects: Iterable[KubeObject]) -> None:
        self._folders: set[str] = set()
        for file in files:
            folder = dirname(file)
            while folder and folder not in self._folders:
                self._folders.add(folder)
                folder = dirname(folder)
        self._missing: dict[str, int] = {}
        members: dict[str, list[list[str]]] = {}
        for obj in objects:
            members.setdefault(obj.document.repository, []).append(path_steps(obj.field("spec")) or [])
        for repository, paths in members.items():
            self._missing[repository] = self._missing_steps(repository, paths)

    def of(self, obj: KubeObject) -> str:
        """The directory that Flux's object builds; its repository's root where it is that, or not in the tree."""
        steps = path_steps(obj.field("spec")) or []
        repository = obj.document.repository
        folder = _joined(repository, steps[self._missing[repository] :])
        return folder if folder in self._folders else repository

    def _missing_steps(self, repository: str, paths: list[list[str]]) -> int:
        for missing in range(max(map(len, paths), default=0)):
            if any(len(steps) > missing and _joined(repository, steps[missing:]) in self._folders for steps in paths):
                return missing
        return 0


def _joined(repository: str, steps: list[str]) -> str:
    return "/".join([repository, *steps] if repository else steps)


def path_steps(spec: Field) -> list[str] | None:
    """The steps of `spec.path`; none for the root of the source, None where it is template text or leaves it."""
    path = spec.get("path")
    steps = [step for step in (path.text or "").split("/") if step not in ("", ".")]
    return None if path.unknown or ".." in steps else steps


def source_of(member: Kustomization) -> tuple[str | None, str | None]:
    """The kind and name of the source of Flux's object."""
    source = member.root.get("sourceRef")
    return source.get("kind").text, source.get("name").text
