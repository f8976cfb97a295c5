"""Who may change an object, and where: by patches, by entries of kustomizations, by plugins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from kubelint.manifests.kustomize.effects import (
    Journey,
    has_effects,
    is_cluster_scoped,
    journey,
    may_change,
    may_replace,
    relabels,
)
from kubelint.manifests.kustomize.graph import Chain, Graph
from kubelint.manifests.kustomize.kustomization import Kustomization
from kubelint.manifests.kustomize.patching import Patch, PatchIndex, nested_entries
from kubelint.manifests.kustomize.selecting import Seen
from kubelint.manifests.objects import KubeObject
from kubelint.sources import Step

_FEW = 8
"""So many kustomizations are asked one by one for their patches; of more, the patches are put together first."""

Steps = tuple[Step, ...]


class Reach:
    """The kustomizations that may change the same files."""

    def __init__(self, members: Chain, patches: Callable[[Kustomization], list[Patch]]) -> None:
        self.members = members
        self.changing = tuple(member for member in members if has_effects(member))
        self.relabels = relabels(members)
        self.is_opaque = any(member.is_opaque for member in members)
        self.renames = any(member.renames for member in members)
        self._patches = patches
        self._touching: dict[Steps, list[PatchIndex]] = {}

    @cached_property
    def patching(self) -> Chain:
        """Those that have patches."""
        return tuple(member for member in self.members if self._patches(member))

    def touching(self, steps: Steps, alone: Callable[[Kustomization, Steps], PatchIndex]) -> list[PatchIndex]:
        """The patches that may set `steps`; `alone` finds those of one kustomization."""
        if steps not in self._touching:
            each = [alone(member, steps) for member in self.patching]
            indexes = [index for index in each if index.patches]
            if len(indexes) > _FEW:
                indexes = [PatchIndex(patch for index in indexes for patch in index.patches)]
            self._touching[steps] = indexes
        return self._touching[steps]


class Changes:
    """What may become of the objects of a tree, field by field."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._journeys: dict[KubeObject, list[Journey]] = {}
        self._seen: dict[KubeObject, Seen] = {}
        self._reaches: dict[tuple[Chain, str], Reach] = {}
        self._alone: dict[tuple[Kustomization, Steps], PatchIndex] = {}

    def journeys(self, obj: KubeObject) -> list[Journey]:
        """The object's way along each chain that includes its file; of a patch, along those of what is patched."""
        if obj not in self._journeys:
            name, scoped = obj.field("metadata", "name"), is_cluster_scoped(obj.group, obj.kind)
            namespace = None if scoped else obj.namespace
            chains = self.graph.chains(obj.file).found
            self._journeys[obj] = [journey(obj.kind, obj.group, name, namespace, chain) for chain in chains]
        return self._journeys[obj]

    def may_set(self, obj: KubeObject, steps: Steps) -> bool:
        """Whether a kustomization may set the field at `steps`, or what is above or below it."""
        reach = self._reach(obj)
        if not reach.members:
            return False
        seen = self._seen_as(obj)
        return any(may_change(member, obj, seen, steps) for member in reach.changing) or self.patched(obj, steps)

    def patched(self, obj: KubeObject, steps: Steps) -> bool:
        """Whether a patch may set the field."""
        indexes = self._reach(obj).touching(steps, self._of_one)
        return any(True for index in indexes for _ in index.selecting(obj, self._seen_as(obj)))

    def patched_by(self, members: list[Kustomization], obj: KubeObject, steps: Steps) -> bool:
        """Whether a patch of one of `members` may set the field; where `obj` is a patch, another than itself."""
        return any(self.patches_of(member, obj, steps) for member in members)

    def patches_of(self, member: Kustomization, obj: KubeObject, steps: Steps) -> list[Patch]:
        """The patches of `member` that may set the field, in order; where `obj` is a patch, others than itself."""
        if member not in self._reach(obj).patching:
            return []
        found, seen = self._of_one(member, steps).patches, self._seen_as(obj)
        return [each for each in found if each.content.document is not obj.document and each.target.selects(obj, seen)]

    def may_set_along(self, way: Journey, obj: KubeObject, steps: Steps) -> bool:
        """Whether a kustomization on the way of `obj` may set the field at `steps`."""
        members, seen = [stage.member for stage in way.stages], self._seen_as(obj)
        return any(may_change(member, obj, seen, steps) for member in members) or self.patched_by(members, obj, steps)

    def rewrites(self, member: Kustomization, obj: KubeObject, steps: Steps) -> bool:
        """Whether `member` may set the field after its patches and counts: by a replacement, by a plugin."""
        return member.is_opaque or may_replace(member, obj, self._seen_as(obj), steps)

    def patches(self, obj: KubeObject, steps: Steps) -> list[Patch]:
        """The patches that may set the field, innermost kustomization first."""
        indexes = [self._of_one(member, steps) for member in self._reach(obj).patching]
        seen = self._seen_as(obj)
        return [patch for index in indexes for patch in index.patches if patch.target.selects(obj, seen)]

    def _of_one(self, member: Kustomization, steps: Steps) -> PatchIndex:
        key = (member, steps)
        if key not in self._alone:
            self._alone[key] = PatchIndex(patch for patch in self._patches(member) if patch.may_set(steps))
        return self._alone[key]

    def _reach(self, obj: KubeObject) -> Reach:
        direct, repository = tuple(self.graph.direct(obj.file)), obj.document.repository
        key = (direct, repository)
        if key not in self._reaches:
            members = (*self.graph.appliers(obj.file), *self._anywhere.get(repository, ()))
            self._reaches[key] = Reach(tuple(dict.fromkeys(members)), self._patches)
        return self._reaches[key]

    def _seen_as(self, obj: KubeObject) -> Seen:
        if obj not in self._seen:
            self._seen[obj] = self._all_seen(obj, self._reach(obj))
        return self._seen[obj]

    def _all_seen(self, obj: KubeObject, reach: Reach) -> Seen:
        """The names and namespaces that a patch may know the object by. `default` is what is meant by none."""
        if obj.name is None or reach.is_opaque:
            return Seen(None, None, reach.relabels)
        names, places = {obj.name}, {obj.namespace}
        if reach.renames:
            ways = self.journeys(obj)
            if not self.graph.chains(obj.file).complete or any(way.name is None for way in ways):
                return Seen(None, None, reach.relabels)
            for way in ways:
                names |= way.names
                places |= {way.namespace, *(stage.namespace for stage in way.stages)}
        hidden = obj.field("metadata", "namespace").unknown or any(member.namespace.unknown for member in reach.members)
        known = frozenset(place or "default" for place in places) | {""}
        return Seen(frozenset(names), None if hidden else known, reach.relabels)

    def _patches(self, member: Kustomization) -> list[Patch]:
        """The patches of a kustomization; of Flux's, those that the objects above it give it as well."""
        return [*member.patches, *self._inherited.get(member, ())] if member.flux is not None else member.patches

    @cached_property
    def _inherited(self) -> dict[Kustomization, list[Patch]]:
        """The patches that patches bring to Flux's objects."""
        found: dict[Kustomization, list[Patch]] = {}
        flux = [(member, member.flux) for member in self.graph.members if member.flux is not None]
        for owner in self.graph.members if flux else ():
            for patch in owner.patches:
                inner = [nested for entry in nested_entries(patch) for nested in entry.read(owner.folder, {})]
                for member, obj in flux if inner else ():
                    if owner in self._reach(obj).members and patch.target.selects(obj, self._seen_as(obj)):
                        found.setdefault(member, []).extend(inner)
        return found

    @cached_property
    def _anywhere(self) -> Mapping[str, list[Kustomization]]:
        """The kustomizations, by repository, of which files do not tell what they change: Components that nothing in
        the tree includes, Flux's objects and kustomizations whose paths are template text.
        """
        found: dict[str, list[Kustomization]] = {}
        for member in self.graph.members:
            lost = member.flux is not None and member.root.get("path").unknown
            orphan = member.is_component and not member.includers
            if member.patches and (lost or orphan or member.has_template_entries):
                found.setdefault(member.document.repository, []).append(member)
        return found
