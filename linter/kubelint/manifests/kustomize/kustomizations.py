"""All kustomizations of a project: what they include, and what they may make of each object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from kubelint.manifests.documents import Document
from kubelint.manifests.kustomize.effects import (
    ImageSetting,
    Journey,
    Setting,
    counts,
    is_cluster_scoped,
    retagged,
)
from kubelint.manifests.kustomize.generated import Generated, generated
from kubelint.manifests.kustomize.graph import Chain, Graph, closure
from kubelint.manifests.kustomize.kustomization import FLUX_GROUP, Kustomization
from kubelint.manifests.kustomize.patching import Patch
from kubelint.manifests.kustomize.reach import Changes
from kubelint.manifests.objects import KubeObject
from kubelint.sources import Step


class Kustomizations:
    """What kustomize and Flux's Kustomizations do with the tree, as far as files tell."""

    def __init__(self, documents: Iterable[Document], objects: Iterable[KubeObject]) -> None:
        files: dict[str, list[Document]] = {}
        for document in documents:
            files.setdefault(document.file, []).append(document)
        self.graph = Graph(files, [obj for obj in objects if _is_flux(obj)])
        self._changes = Changes(self.graph)
        self._lacking: dict[Kustomization, bool] = {}
        self._generated: dict[str, list[Generated]] = {}

    def __iter__(self) -> Iterator[Kustomization]:
        """Every kustomization, files first, then Flux's objects."""
        return iter(self.graph.members)

    def __len__(self) -> int:
        return len(self.graph.members)

    @cached_property
    def files(self) -> frozenset[str]:
        """The files that are patches and nothing else: what stands in them is a part of objects written elsewhere."""
        included = self.graph.includers
        return frozenset(file for file in self.graph.patchers if file not in included)

    @cached_property
    def roots(self) -> list[Kustomization]:
        """The kustomizations that no other includes, Flux's objects and Components left out."""
        return [
            member
            for member in self.graph.members
            if member.flux is None
            and not member.is_component
            and all(includer.flux is not None for includer in member.includers)
        ]

    def inclusions(self, file: str) -> tuple[Chain, ...]:
        """For each way in which a root reaches `file` the kustomizations on it, outermost last."""
        return self.graph.chains(file).found if file in self.graph.includers else ()

    def includes(self, folder: str, file: str) -> bool:
        """Whether the kustomization in `folder` builds `file`, directly or through others."""
        return any(member.folder == folder and member.flux is None for member in self._including(file))

    def is_open(self, file: str) -> bool:
        """Whether a kustomization that builds `file` includes more than the tree shows, so that what looks missing
        beside it may exist.
        """
        return any(map(self._lacks, self._including(file)))

    def _including(self, file: str) -> Iterator[Kustomization]:
        return (member for member in self.graph.appliers(file) if file in self.graph.includers)

    def _lacks(self, member: Kustomization) -> bool:
        """Whether a kustomization, or one that it includes, includes more than the tree shows."""
        if member not in self._lacking:
            below = closure([member], lambda each: (*each.children, *each.components))
            self._lacking[member] = any(inner.is_open for inner in below)
        return self._lacking[member]

    def journeys(self, obj: KubeObject) -> list[Journey]:
        """The object's way along each chain that includes its file; of a patch, along those of what is patched."""
        return self._changes.journeys(obj)

    def namespaces(self, obj: KubeObject) -> frozenset[str]:
        """The namespaces that the object ends up in, over all roots, Flux's `targetNamespace` included.

        Empty where a root leaves it open or sets what files do not tell, and for what lives in no namespace.
        """
        if is_cluster_scoped(obj.group, obj.kind) is not False:
            return frozenset()
        if not self.graph.direct(obj.file):
            return frozenset() if obj.namespace is None else frozenset((obj.namespace,))
        if not self.graph.chains(obj.file).complete:
            return frozenset()
        found: set[str] = set()
        for way in self.journeys(obj):
            if way.namespace is None or self._is_redirected(way) or self._may_be_moved(obj, way):
                return frozenset()
            found.add(way.namespace)
        return frozenset(found)

    def _may_be_moved(self, obj: KubeObject, way: Journey) -> bool:
        """Whether a patch sets the namespace, and no kustomization does afterwards."""
        setters = [index for index, stage in enumerate(way.stages) if not stage.member.namespace.absent]
        later = [stage.member for stage in way.stages[setters[-1] + 1 if setters else 0 :]]
        return self._changes.patched_by(later, obj, ("metadata", "namespace"))

    def _is_redirected(self, way: Journey) -> bool:
        """Whether the namespace of Flux's object is itself patched."""
        outer = way.chain[-1].flux
        return outer is not None and self._changes.patched(outer, ("spec", "targetNamespace"))

    def names(self, obj: KubeObject) -> frozenset[str]:
        """The names that the object ends up with, over all roots; empty where one of them is not known."""
        if not self.graph.direct(obj.file):
            return frozenset() if obj.name is None else frozenset((obj.name,))
        names = [None if self._may_be_named(obj, way) else way.name for way in self.journeys(obj)]
        known = frozenset(name for name in names if name is not None)
        return known if self.graph.chains(obj.file).complete and None not in names else frozenset()

    def _may_be_named(self, obj: KubeObject, way: Journey) -> bool:
        members = [stage.member for stage in way.stages]
        return self._changes.patched_by(members, obj, ("metadata", "name"))

    def replicas(self, obj: KubeObject) -> list[Setting]:
        """The replicas that kustomizations give the object, one for each chain that does: by an entry of `replicas`, or
        by a patch that is surely for it. Nothing for a chain of which files do not tell what comes last.
        """
        return [found for way in self.journeys(obj) if (found := self._count(obj, way)) is not None]

    def _count(self, obj: KubeObject, way: Journey) -> Setting | None:
        steps = ("spec", "replicas")
        entry = counts(way, obj.kind)
        for member in reversed([stage.member for stage in way.stages]):
            if self._changes.rewrites(member, obj, steps):
                return None
            if entry is not None and entry.member is member:
                return entry
            patches = self._changes.patches_of(member, obj, steps)
            if patches:
                sure = len(patches) == 1 and patches[0].target.names(obj, way.names)
                given = patches[0].at(steps) if sure else None
                return None if given is None else Setting(given, member, way.chain)
        return None

    def untouched(self, obj: KubeObject, *steps: Step) -> list[Chain]:
        """The chains along which nothing may set the field at `steps` of `obj`, or what is above or below it."""
        return [way.chain for way in self.journeys(obj) if not self._changes.may_set_along(way, obj, steps)]

    def image(self, obj: KubeObject, text: str) -> list[ImageSetting]:
        """A container's image as written, after the `images` of each chain; as it is where none includes the file."""
        ways = self.journeys(obj) or [Journey((), (), None, None)]
        return [retagged(way, text) for way in ways]

    def generated(self, kind: str) -> list[Generated]:
        """The ConfigMaps or Secrets that generators of the tree make."""
        if kind not in self._generated:
            self._generated[kind] = list(generated(kind, self.graph))
        return self._generated[kind]

    def may_set(self, obj: KubeObject, *steps: Step) -> bool:
        """Whether a kustomization may set, remove or complete the field at `steps` of `obj`, or what is above or
        below it: by a patch, by an entry such as `replicas` or `labels`, by a plugin.
        """
        return self._changes.may_set(obj, steps)

    def setting_patches(self, obj: KubeObject, *steps: Step) -> list[Patch]:
        """The patches that may set the field at `steps` of `obj`, innermost kustomization first."""
        return self._changes.patches(obj, steps)


def _is_flux(obj: KubeObject) -> bool:
    return obj.kind == "Kustomization" and obj.group == FLUX_GROUP
