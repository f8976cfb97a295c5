"""Where a field of a built object is written: in its resource file, in a patch, or in a kustomization."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from kubelint.manifests.documents import Document
from kubelint.manifests.field import Field, Part
from kubelint.manifests.kustomize.effects import Journey, counts, journey, retagged
from kubelint.manifests.kustomize.generated import Generated
from kubelint.manifests.kustomize.graph import closure
from kubelint.manifests.kustomize.kustomization import Kustomization
from kubelint.manifests.objects import KubeObject, read_objects
from kubelint.rendering.rendered import Trace
from kubelint.sources import Inside, Path, SourceFile, Step

if TYPE_CHECKING:
    from kubelint.manifests import Project


_HASH = 10
"""How long the hash behind a generated name is (`api/hasher/hasher.go`)."""


class BuiltFile:
    """What kustomize made of one resource file, or of the generators of one kustomization."""

    def __init__(self, project: Project, root: Kustomization, file: str, source: SourceFile) -> None:
        self._project = project
        self._root = root
        self._file = file
        self._source = source
        self._objects: dict[int, _BuiltObject | None] = {}

    def trace(self, document: int, path: Path, part: Part) -> Trace:
        """See Tracer."""
        if document not in self._objects:
            self._objects[document] = self._find(document)
        found = self._objects[document]
        if found is None:
            return self._of_generator(document, path)
        return found.trace(path, part)

    def _built(self, document: int) -> KubeObject | None:
        return next(read_objects(Document(self._source.documents[document])), None)

    def _find(self, document: int) -> _BuiltObject | None:
        """The object as written that a built one comes from."""
        built = self._built(document)
        found: list[tuple[KubeObject, Journey]] = []
        for obj in self._written if built is not None else ():
            if (obj.kind, obj.group) == (built.kind, built.group) if built is not None else False:
                found += [(obj, way) for way in self._ways(obj)]
        if built is None or not found:
            return None
        named = [(obj, way) for obj, way in found if way.name == built.name] or found
        placed = [(obj, way) for obj, way in named if way.namespace == built.namespace] or named
        return _BuiltObject(self._project, built, *placed[0])

    @cached_property
    def _written(self) -> list[KubeObject]:
        documents = self._project.files.get(self._file, [])
        return [obj for document in documents for obj in read_objects(document)]

    def _ways(self, obj: KubeObject) -> list[Journey]:
        """The object's way to the kustomization that was built."""
        name = obj.field("metadata", "name")
        chains = self._project.kustomizations.inclusions(obj.file)
        cut = (tuple(member for member in chain if member.flux is None) for chain in chains)
        return [
            journey(obj.kind, obj.group, name, obj.namespace, chain) for chain in cut if chain[-1:] == (self._root,)
        ]

    def _of_generator(self, document: int, path: Path) -> Trace:
        """The entry of the generator that made an object; of a key the entry that brought it, or what the file behind
        it says there.
        """
        built = self._built(document)
        made = self._generated(built) if built is not None and built.name is not None else []
        if not made:
            return Trace(self._file)
        name = str(path[1]) if len(path) > 1 and path[0] in ("data", "binaryData") else None
        key = next((key for each in made if name is not None and (key := each.key(name)) is not None), None)
        if key is None:
            at = made[0].field.get("name")
        elif len(path) > 2 and isinstance(path[2], Inside) and path[2].document < len(key.documents):
            at = key.documents[path[2].document].root.get(*path[3:])
        else:
            at = key.field
        return Trace(at.document.file, at.document.index, at.path)

    def _generated(self, built: KubeObject) -> list[Generated]:
        """The generators that made an object together, outermost first."""
        members = closure([self._root], lambda member: (*member.children, *member.components))
        made = [each for each in self._project.kustomizations.generated(built.kind) if each.kustomization in members]
        found = [each for each in made if any(is_named(built.name, name) for name in each.names or {each.name})]
        return sorted(found, key=lambda each: members.index(each.kustomization))


class _BuiltObject:
    """A built object beside the one that it was."""

    def __init__(self, project: Project, built: KubeObject, written: KubeObject, way: Journey) -> None:
        self._project = project
        self._built = built
        self._written = written
        self._way = way

    def trace(self, path: Path, part: Part) -> Trace:
        """Where the field at `path` of the built object is written."""
        steps = tuple(path)
        own = mapped(self._built.root.value, self._written.root.value, steps)
        value = self._built.field(*steps)
        field = self._written.field(*own)
        same = field.exists and alike(value.value, field.value) and not self._is_other_item(steps, own)
        setter = None if same else self._setter(steps, own, value)
        at = setter if setter is not None else field
        return Trace(at.document.file, at.document.index, at.path, part)

    def _is_other_item(self, steps: Path, own: Path) -> bool:
        """Whether the item of a list that the path leads through is another than the one written, by some field."""
        last = max((index for index, step in enumerate(steps) if isinstance(step, int)), default=-1) + 1
        built, written = self._built.field(*steps[:last]).value, self._written.field(*own[:last]).value
        if not last or not isinstance(built, dict) or not isinstance(written, dict):
            return False
        plain = (key for key, value in built.items() if key in written and isinstance(value, str | int))
        return any(not alike(built[key], written[key]) for key in plain)

    def _setter(self, steps: Path, own: Path, value: Field) -> Field | None:
        """The entry or patch that gave the field another value than is written."""
        entry = self._entry(steps, own)
        if entry is not None:
            return entry
        if not value.exists:
            return None
        known = {id(patch) for stage in self._way.stages for patch in stage.member.patches}
        for patch in reversed(self._project.kustomizations.setting_patches(self._written, *own)):
            if id(patch) in known:
                for given, length in patch.gives(steps):
                    found = self._in_patch(given, steps, length, value.value)
                    if found is not None:
                        return found
        return None

    def _in_patch(self, given: Field, steps: Path, length: int, value: Any) -> Field | None:
        """The field of what a patch puts at the first steps, if it is the one that the built object has there."""
        built = self._built.field(*steps[:length]).value
        if length and isinstance(steps[length - 1], int) and not alike(built, given.value):
            return None
        found = given.get(*mapped(built, given.value, steps[length:]))
        same = found.exists and (alike(value, found.value) or isinstance(value, dict | list))
        return found if same else None

    def _entry(self, steps: Path, own: Path) -> Field | None:
        """The entry of a kustomization that sets the field."""
        if steps == ("metadata", "namespace"):
            setters = [stage.member.namespace for stage in self._way.stages if not stage.member.namespace.absent]
            return setters[-1] if setters else None
        if steps == ("spec", "replicas"):
            setting = counts(self._way, self._written.kind)
            return None if setting is None else setting.field
        image = self._written.field(*own).text if steps and steps[-1] == "image" else None
        return retagged(self._way, image).field if image is not None else None


def mapped(built: Any, written: Any, steps: Path) -> Path:
    """The path in `written` of what stands at `steps` in `built`: items of lists by their names, where they have
    some, since patches put items before and after others.
    """
    found: list[Step] = []
    for step in steps:
        inner = _item(built, step)
        if isinstance(step, int) and isinstance(written, list):
            step = _position(inner, step, written)
        found.append(step)
        built, written = inner, _item(written, step)
    return tuple(found)


def _item(value: Any, step: Step) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value):
        return value[step]
    return None


def _position(item: Any, index: int, items: list[Any]) -> int:
    """Where `item`, at `index` as built, is among `items`; past their end where it is not."""
    if not isinstance(item, dict):
        equal = [at for at, other in enumerate(items) if other == item]
        return min(equal, key=lambda at: abs(at - index), default=len(items))
    scores = [(_likeness(item, other), -abs(at - index), at) for at, other in enumerate(items)]
    likeness, _, at = max(scores, default=(0, 0, 0))
    return at if likeness else len(items)


def _likeness(item: dict[str, Any], other: Any) -> int:
    """How many of their fields are equal; none where they go by different names."""
    if not isinstance(other, dict):
        return 0
    name, known = item.get("name"), other.get("name")
    if (name is None) != (known is None) or (name is not None and not is_named(name, known)):
        return 0
    return sum(alike(value, other[key]) for key, value in item.items() if key in other)


def alike(built: Any, written: Any) -> bool:
    """Whether a value is what was written, names of generated ConfigMaps and Secrets with their hash included."""
    if isinstance(built, dict) and isinstance(written, dict):
        return all(key in built and alike(built[key], value) for key, value in written.items())
    return bool(built == written) or is_named(built, written)


def is_named(built: Any, written: Any) -> bool:
    """Whether a name is the one that was written, with or without the hash of a generator behind it."""
    if built == written:
        return True
    if not isinstance(built, str) or not isinstance(written, str):
        return False
    head, dash, tail = built.rpartition("-")
    return bool(dash) and head == written and len(tail) == _HASH and tail.isalnum()
