"""Kustomize patches: which files are parts of objects, and which fields of which objects somebody else may set."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from kubelint.manifests.documents import Document
from kubelint.manifests.field import Field
from kubelint.manifests.objects import KubeObject
from kubelint.sources import Step

_FILE_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")


class Patch(NamedTuple):
    """One patch: whose it is, which objects it selects (patterns anchored as kustomize does; None selects all), what
    it sets.
    """

    repository: str
    kind: str | None
    name: str | None
    content: Any

    def selects(self, obj: KubeObject) -> bool:
        """Whether the patch may apply to `obj`."""
        return (
            self.repository == obj.document.repository
            and _matches(self.kind, obj.kind)
            and (obj.name is None or _matches(self.name, obj.name))
        )

    def may_set(self, steps: tuple[Step, ...]) -> bool:
        """Whether the patch may set the field at `steps`, or something above or below it."""
        if isinstance(self.content, list):
            return any(_touches(operation, steps) for operation in self.content)
        value = self.content
        for step in steps:
            if not isinstance(value, dict):
                return value is not None
            if step not in value:
                return False
            value = value[step]
        return True


def _matches(pattern: str | None, text: str) -> bool:
    if pattern is None or pattern == text:
        return True
    compiled = _compiled(pattern)
    return compiled is None or compiled.fullmatch(text) is not None


@lru_cache(65536)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """The pattern ready for use (the cache of `re` is small); None where Python cannot read it."""
    try:
        return re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return None


def _touches(operation: Any, steps: tuple[Step, ...]) -> bool:
    path = operation.get("path") if isinstance(operation, dict) else None
    if not isinstance(path, str):
        return False
    parts = [part.replace("~1", "/").replace("~0", "~") for part in path.strip("/").split("/")]
    return all(part == str(step) for part, step in zip(parts, steps, strict=False))


class _ByName:
    """Patches, those that name one object apart: in a large tree most do."""

    def __init__(self, patches: Iterable[Patch]) -> None:
        self._patches = list(patches)
        self._named: dict[str, list[Patch]] = {}
        self._others: list[Patch] = []
        for patch in self._patches:
            if patch.name is not None and _is_literal(patch.name):
                self._named.setdefault(patch.name, []).append(patch)
            else:
                self._others.append(patch)

    def candidates(self, name: str | None) -> Iterator[Patch]:
        """The patches that may select an object of that name; all where the name is unknown."""
        return iter(self._patches) if name is None else chain(self._named.get(name, ()), self._others)


def _is_literal(pattern: str) -> bool:
    """Whether `pattern` matches itself and nothing else."""
    return re.escape(pattern.replace("-", "")) == pattern.replace("-", "")


class Patches:
    """All patches of a project."""

    def __init__(self, documents: Iterable[Document]) -> None:
        by_file: dict[str, list[Document]] = {}
        for document in documents:
            by_file.setdefault(document.file, []).append(document)
        self.files: set[str] = set()
        self._patches: list[Patch] = []
        self._setting: dict[tuple[Step, ...], _ByName] = {}
        for file, members in by_file.items():
            for document in members:
                for entry, own_target in _entries(document):
                    self._add(entry, own_target, document, posixpath.dirname(file), by_file)

    def may_set(self, obj: KubeObject, *steps: Step) -> bool:
        """Whether a patch in the tree may set the field at `steps` of `obj`."""
        if steps not in self._setting:
            self._setting[steps] = _ByName(patch for patch in self._patches if patch.may_set(steps))
        return any(patch.selects(obj) for patch in self._setting[steps].candidates(obj.name))

    def _add(
        self, entry: Field, target: Field, owner: Document, folder: str, by_file: dict[str, list[Document]]
    ) -> None:
        if entry.text is None:
            return
        path = posixpath.normpath(posixpath.join(folder, entry.text)) if "\n" not in entry.text else ""
        if path in by_file:
            self.files.add(path)
            contents = [document.root.value for document in by_file[path]]
        else:
            contents = [root.value for root in entry.embedded()]
        for content in contents:
            self._patches.append(_patch(owner.repository, target, content))


def _patch(repository: str, target: Field, content: Any) -> Patch:
    if isinstance(target.value, dict):
        return Patch(repository, target.get("kind").text, target.get("name").text, content)
    body = content if isinstance(content, dict) else {}
    metadata = body.get("metadata")
    kind, name = body.get("kind"), metadata.get("name") if isinstance(metadata, dict) else None
    return Patch(
        repository,
        re.escape(kind) if isinstance(kind, str) else None,
        _exactly(name) if isinstance(name, str) else None,
        content,
    )


def _exactly(name: str) -> str:
    """A pattern that matches `name` alone."""
    return name if _is_literal(name) else re.escape(name)


def _entries(document: Document) -> Iterator[tuple[Field, Field]]:
    """The patches that a kustomization names, each as (file name or inline text, target)."""
    root = document.root
    if _is_kustomization(document):
        none = root.get("none of the keys of a kustomization")
        for field in root.get("patches").elements():
            yield field.get("path") if field.get("path").exists else field.get("patch"), field.get("target")
        for field in root.get("patchesStrategicMerge").elements():
            yield field, none
        for field in root.get("patchesJson6902").elements():
            yield field.get("path") if field.get("path").exists else field.get("patch"), field.get("target")
    elif root.get("kind").value == "Kustomization":
        for field in root.get("spec", "patches").elements():
            yield field.get("patch"), field.get("target")


def _is_kustomization(document: Document) -> bool:
    if posixpath.basename(document.file) in _FILE_NAMES:
        return True
    version, kind = document.root.get("apiVersion").text or "", document.root.get("kind").text
    return version.startswith("kustomize.config.k8s.io/") and kind in ("Kustomization", "Component")
