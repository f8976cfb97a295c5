"""Values that a release takes from elsewhere: a ConfigMap of the tree, or one that a kustomization generates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from kubelint.manifests.field import Field
from kubelint.manifests.layered import unknown_layer
from kubelint.manifests.releases.embedded import mapping_of, values_in
from kubelint.manifests.releases.release import Form
from kubelint.manifests.scopes import same_cluster, scope_of

if TYPE_CHECKING:
    from kubelint.manifests.kustomize.generated import Generated, GeneratedKey
    from kubelint.manifests.kustomize.graph import Chain
    from kubelint.manifests.kustomize.kustomization import Kustomization
    from kubelint.manifests.objects import KubeObject
    from kubelint.manifests.project import Project


class Content(NamedTuple):
    """What a key of a ConfigMap holds: as values, and as `text`, None where that is unknown."""

    form: Form
    values: Field
    text: str | None


class References:
    """Finds what releases of a project refer to. Nothing is indexed before somebody asks."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._read: dict[tuple[int, str], Content | None] = {}

    def config_map(self, owner: KubeObject, name: str, key: str, at: Field) -> Content | None:
        """The content of `key` of the ConfigMap `name` as `owner`, in the same namespace, sees it.

        None where the ConfigMap is part of the tree and surely has no such key. Unknown, named at `at`, where it lies
        outside of the tree, or where the clusters and overlays of the tree do not agree.
        """
        written = [obj for obj in self._project.find("ConfigMap", name) if self._meets(owner, obj)]
        if written:
            return _agreed([self._of(obj, key) for obj in written], at)
        made = [each for each in self._made.get(name, ()) if self._may_reach(owner, each)]
        return _agreed(self._generated(owner, made, key, at), at) if made else _outside(at)

    def _meets(self, owner: KubeObject, obj: KubeObject) -> bool:
        return (
            not obj.partial
            and obj.group == ""
            and obj.document.repository == owner.document.repository
            and same_cluster(obj.scope, owner.scope)
            and not _apart(namespaces(self._project, owner), namespaces(self._project, obj))
        )

    def _may_reach(self, owner: KubeObject, made: Generated) -> bool:
        document = made.kustomization.document
        return (
            document.repository == owner.document.repository
            and same_cluster(scope_of(document.file, document.repository), owner.scope)
            and not _apart(namespaces(self._project, owner), made.namespaces)
        )

    def _of(self, obj: KubeObject, key: str) -> Content | None:
        """What a ConfigMap holds under `key`, read once for all releases that share it."""
        known = (id(obj), key)
        if known not in self._read:
            self._read[known] = self._written(obj, key)
        return self._read[known]

    def _written(self, obj: KubeObject, key: str) -> Content | None:
        field = obj.field("data", key)
        if (field.unknown and not isinstance(field.value, str)) or self._project.may_be_patched(obj, "data", key):
            return _outside(field)
        if field.exists:
            return Content("ConfigMap", values_in(field), field.text)
        return _outside(field) if obj.field("binaryData", key).exists else None

    @cached_property
    def _made(self) -> dict[str, list[Generated]]:
        found: dict[str, list[Generated]] = {}
        for made in self._project.kustomizations.generated("ConfigMap"):
            if made.name is not None:
                found.setdefault(made.name, []).append(made)
        return found

    def _generated(self, owner: KubeObject, made: list[Generated], key: str, at: Field) -> Iterator[Content | None]:
        """The content as each way of building `owner` sees it; where none does, that of every generator."""
        by_member: dict[Kustomization, list[Generated]] = {}
        for each in made:
            by_member.setdefault(each.kustomization, []).append(each)
        ways = [_along(chain, by_member) for chain in self._project.kustomizations.inclusions(owner.file)]
        if any(ways):
            for way in ways:
                yield _built(way, key, at)
        else:
            for each in made:
                yield _content(each, key)


def namespaces(project: Project, obj: KubeObject) -> frozenset[str]:
    """The namespaces that `obj` may be applied to; empty where that is unknown."""
    return project.kustomizations.namespaces(obj)


def name_of(project: Project, obj: KubeObject) -> str | None:
    """The name of `obj` as it is applied; None where it is unknown or has several."""
    found = project.kustomizations.names(obj)
    return next(iter(found)) if len(found) == 1 else None


def _apart(some: frozenset[str], others: frozenset[str]) -> bool:
    return bool(some) and bool(others) and some.isdisjoint(others)


def _along(chain: Chain, by_member: dict[Kustomization, list[Generated]]) -> list[list[Generated]]:
    """The generators that a way of building meets, in groups, each of which changes what those before made."""
    from kubelint.manifests.kustomize.graph import closure, stages

    staged = list(stages(chain))
    met = [by_member[member] for member in staged if member in by_member]
    beside = closure(chain[-1:], lambda member: (*member.children, *member.components))
    others = [each for member in beside if member not in staged for each in by_member.get(member, ())]
    return [others, *met] if others else met


def _built(groups: list[list[Generated]], key: str, at: Field) -> Content | None:
    """What comes out of the generators: one that merges adds to what is there, one that replaces starts anew."""
    found: Content | None = None
    for group in groups:
        contents = [content for content in (_content(each, key) for each in group) if content is not None]
        if contents:
            found = _agreed(contents, at)
        elif any(each.behavior == "replace" for each in group):
            found = None
    return found


def _content(made: Generated, key: str) -> Content | None:
    found = made.key(key)
    if found is None:
        return _outside(made.field) if made.is_open else None
    return _literal(found.field, found.text) if found.text is not None else _file(found)


def _file(key: GeneratedKey) -> Content:
    if not key.documents:
        return _outside(key.field)
    first = key.documents[0]
    if first.source.source.problems or first.root.get("sops").exists:
        return _outside(key.field)
    return Content("generator", mapping_of(first.root), first.text)


def _literal(item: Field, text: str) -> Content:
    """The values of a literal; their place is the literal's, since its text starts with its key."""
    held = values_in(Field(item.document, item.path, text))
    values = held if held.unknown else Field(item.document, item.path, held.value, True)
    return Content("generator", values, text)


def _agreed(found: Iterable[Content | None], at: Field) -> Content | None:
    """The one content that all have; unknown where they differ."""
    contents = list(found)
    first = contents[0]
    same = all((one and one.text) == (first and first.text) for one in contents)
    return first if len(contents) == 1 or (same and (first is None or first.text is not None)) else _outside(at)


def _outside(at: Field) -> Content:
    return Content("outside", unknown_layer(at), None)
