"""Patches: what each sets, and in which objects. Strategic merge patches and JSON patches (RFC 6902)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

from kubelint.manifests.documents import Document
from kubelint.manifests.field import Field
from kubelint.manifests.kustomize.selecting import Seen, Target, read_target
from kubelint.manifests.objects import KubeObject
from kubelint.sources import Step

_DIRECTIVE = "$patch"
_IDENTITY = (("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace"))
"""What a strategic merge patch finds its object by, and leaves as it is (`api/resource/resource.go`)."""


class Patch(NamedTuple):
    """One patch: which objects it is for and what it sets. `content` is where it is written, in a file or inline."""

    target: Target
    content: Field

    def may_set(self, steps: tuple[Step, ...]) -> bool:
        """Whether the patch may set or remove the field at `steps`, or something above or below it."""
        value = self.content.value
        if isinstance(value, list):
            return any(_touches(operation, steps) for operation in value)
        if steps in _IDENTITY and isinstance(value, dict) and _DIRECTIVE not in value:
            return False
        for step in steps:
            if value is None or (isinstance(value, dict) and _DIRECTIVE in value):
                return True  # what is above is removed or replaced
            if not isinstance(value, dict):
                return True
            if step not in value:
                return False
            value = value[step]
        return True

    def at(self, steps: tuple[Step, ...]) -> Field | None:
        """What the patch puts at exactly `steps`, last; None where it only removes, moves or may do so."""
        value = self.content.value
        if isinstance(value, dict):
            found, way = self.content.get(*steps), [self.content.get(*steps[:depth]) for depth in range(len(steps))]
            plain = all(isinstance(each.value, dict) and _DIRECTIVE not in each.value for each in way)
            return found if plain and found.exists and found.value is not None else None
        last = [operation for operation in self.content.elements() if _touches(operation.value, steps)][-1:]
        for operation in last:
            if operation.get("op").value in ("add", "replace") and _parts(operation.get("path").value) == [*steps]:
                return operation.get("value")
        return None

    def gives(self, steps: tuple[Step, ...]) -> Iterator[tuple[Field, int]]:
        """The values that the patch puts at the first so many of `steps`. Items of lists are met wherever they are:
        whether it is this one, the value tells.
        """
        if isinstance(self.content.value, dict):
            yield self.content, 0
        for operation in self.content.elements():
            parts = _parts(operation.get("path").value)
            if operation.get("op").value not in ("add", "replace") or parts is None or len(parts) > len(steps):
                continue
            if all(_is_at(part, step) for part, step in zip(parts, steps, strict=False)):
                yield operation.get("value"), len(parts)


def _is_at(part: str, step: Step) -> bool:
    return part == str(step) or (isinstance(step, int) and (part == "-" or part.isdigit()))


def _parts(path: Any) -> list[str] | None:
    if not isinstance(path, str):
        return None
    stripped = path.removeprefix("/")
    return [part.replace("~1", "/").replace("~0", "~") for part in stripped.split("/")] if stripped else []


def _touches(operation: Any, steps: tuple[Step, ...]) -> bool:
    if not isinstance(operation, dict) or operation.get("op") == "test":
        return False
    paths = [operation.get("path")]
    if operation.get("op") == "move":
        paths.append(operation.get("from"))
    return any(_meets(parts, steps) for parts in map(_parts, paths) if parts is not None)


def _meets(parts: list[str], steps: tuple[Step, ...]) -> bool:
    return all(part == str(step) or part == "-" for part, step in zip(parts, steps, strict=False))


class PatchIndex:
    """Patches, those that name one object apart: in a large tree most do."""

    def __init__(self, patches: Iterable[Patch]) -> None:
        self.patches = list(patches)
        self._named: dict[str, list[Patch]] = {}
        self._others: list[Patch] = []
        for patch in self.patches:
            name = patch.target.literal_name
            if name is not None:
                self._named.setdefault(name, []).append(patch)
            else:
                self._others.append(patch)

    def selecting(self, obj: KubeObject, seen: Seen) -> Iterator[Patch]:
        """The patches that may apply to `obj`, in no order."""
        if seen.names is None:
            candidates: Iterable[Patch] = self.patches
        else:
            named = (self._named.get(name, ()) for name in sorted(seen.names))
            candidates = chain(self._others, *named)
        return (patch for patch in candidates if patch.target.selects(obj, seen))


class PatchEntry(NamedTuple):
    """One entry of the patches of a kustomization: a file name or inline text, the target if one is named."""

    text: Field
    target: Field | None

    def file(self, folder: str) -> str | None:
        """The file that is meant, if the text is a path."""
        text = self.text.text
        if not text or "\n" in text or "{" in text:
            return None
        return posixpath.normpath(posixpath.join(folder, text))

    def read(self, folder: str, files: Mapping[str, list[Document]]) -> Iterator[Patch]:
        """The patches of this entry, one for each document of its file or text."""
        named = self.file(folder)
        if named is not None and named in files:
            contents = [document.root for document in files[named]]
        else:
            contents = self.text.embedded()
        for content in contents:
            if isinstance(content.value, dict | list):
                yield Patch(self._target(content), content)

    def _target(self, content: Field) -> Target:
        if self.target is not None and isinstance(self.target.value, dict):
            return read_target(self.target)
        version = content.get("apiVersion").text
        return Target(
            group=None if version is None else version.rpartition("/")[0],
            kind=content.get("kind").text,
            name=content.get("metadata", "name").text,
            namespace=content.get("metadata", "namespace").text,
            exact=True,
        )


def patch_entries(root: Field) -> Iterator[PatchEntry]:
    """The patches that a kustomization, or the spec of Flux's, names."""
    for key in ("patches", "patchesJson6902"):
        for field in root.get(key).elements():
            text = field.get("path") if field.get("path").exists else field.get("patch")
            yield PatchEntry(text, field.get("target"))
    for field in root.get("patchesStrategicMerge").elements():
        yield PatchEntry(field, None)


def nested_entries(patch: Patch) -> Iterator[PatchEntry]:
    """The patches that a patch gives Flux's Kustomizations: those that their own content is patched with."""
    if isinstance(patch.content.value, dict):
        if patch.content.get("kind").value == "Kustomization":
            yield from patch_entries(patch.content.get("spec"))
        return
    for operation in patch.content.elements():
        path = operation.get("path").text or ""
        if path == "/spec/patches":
            fields = operation.get("value").elements()
        elif path.startswith("/spec/patches/") and path.count("/") == 3:
            fields = iter([operation.get("value")])
        else:
            continue
        for field in fields:
            yield PatchEntry(field.get("patch"), field.get("target"))
