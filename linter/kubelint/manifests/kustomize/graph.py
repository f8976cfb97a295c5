"""Which kustomization includes what, and through which others. Cycles end where they close."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from posixpath import basename, dirname
from typing import NamedTuple

from kubelint.manifests.documents import Document
from kubelint.manifests.field import Field
from kubelint.manifests.kustomize.flux import FluxFolders, path_steps, source_of
from kubelint.manifests.kustomize.kustomization import FILE_NAMES, Kustomization, is_kustomization
from kubelint.manifests.objects import KubeObject

Chain = tuple[Kustomization, ...]

_MAX_CHAINS = 256
_MAX_DEPTH = 64


class Chains(NamedTuple):
    """The ways from a file or kustomization to its roots, outermost last; `complete` unless there are too many."""

    found: tuple[Chain, ...]
    complete: bool = True


class Graph:
    """The kustomizations of a tree and how they include each other."""

    def __init__(self, files: Mapping[str, list[Document]], flux: Iterable[KubeObject]) -> None:
        self.documents = files
        self.members: list[Kustomization] = []
        self.by_folder: dict[tuple[str, str], Kustomization] = {}
        self.includers: dict[str, list[Kustomization]] = {}
        """The kustomizations that include a file as a resource, by the file."""
        self.patchers: dict[str, list[Kustomization]] = {}
        """Those that name a file as a patch."""
        self._chains: dict[Kustomization, Chains] = {}
        self._appliers: dict[Chain, Chain] = {}
        self._read(flux)
        for member in self.members:
            self._read_patches(member)
            for field, is_component in member.resources():
                if field.text is not None and not self._include(member, field.text, is_component):
                    member.unresolved.append(field)
        self._place_flux([member for member in self.members if member.flux is not None])
        self._place_built()

    def _read(self, flux: Iterable[KubeObject]) -> None:
        for documents in self.documents.values():
            for document in documents:
                if is_kustomization(document):
                    self._add(document)
        known = list(flux)
        folders = FluxFolders(self.documents if known else (), known)
        for obj in known:
            self.members.append(Kustomization(obj.document, obj.field("spec"), folders.of(obj), obj))

    def _add(self, document: Document) -> None:
        member = Kustomization(document, document.root, dirname(document.file))
        self.members.append(member)
        key = (document.repository, member.folder)
        known = self.by_folder.get(key)
        if known is None or _rank(member) < _rank(known):
            self.by_folder[key] = member

    def _read_patches(self, member: Kustomization) -> None:
        for entry in member.patch_entries():
            named = entry.file(member.folder) if member.flux is None else None
            if named is not None and self._holds(member, named):
                self.patchers.setdefault(named, []).append(member)
            member.patches.extend(entry.read(member.folder, self.documents if member.flux is None else {}))
        member.replacements.extend(self._replacements(member) if member.flux is None else ())

    def _replacements(self, member: Kustomization) -> Iterator[Field]:
        """The replacements of a kustomization: its own, and those of the files that it names."""
        for entry in member.root.get("replacements").elements():
            path = entry.get("path").text
            documents = self.documents.get(member.path_of(path), []) if path is not None else []
            for document in documents:
                yield from document.root.elements() if isinstance(document.root.value, list) else (document.root,)
            if not documents:
                yield entry

    def _holds(self, member: Kustomization, file: str) -> bool:
        """Whether the tree holds `file`, in the repository of `member`."""
        documents = self.documents.get(file, [])
        return bool(documents) and documents[0].repository == member.document.repository

    def _include(self, member: Kustomization, entry: str, is_component: bool) -> bool:
        """Include what `entry` names; False if the tree does not hold it."""
        path = member.path_of(entry)
        if self._holds(member, path):
            if not is_component:
                self._include_file(member, path)
            return True
        child = self.by_folder.get((member.document.repository, path))
        if child is None:
            self._include_files(member, path)
            return False
        self._link(member, child, is_component)
        return True

    def _include_files(self, member: Kustomization, folder: str) -> None:
        """Include what lies in a folder whose kustomization cannot be read, as a template cannot: likely it does."""
        for file in self._scan(folder) if folder else ():
            if dirname(file) == folder and self._holds(member, file):
                self._include_file(member, file)

    def _include_file(self, member: Kustomization, path: str) -> None:
        if member not in self.includers.setdefault(path, []):
            self.includers[path].append(member)
            member.files.append(path)

    def _link(self, member: Kustomization, child: Kustomization, is_component: bool) -> None:
        known = member.components if is_component else member.children
        if child not in known and child is not member:
            known.append(child)
            child.includers.append(member)

    def _place_flux(self, members: list[Kustomization]) -> None:
        """Let Flux's objects include their directories. The root of the tree is meant only by those whose source is
        the tree, as other paths show.
        """
        placed = [member for member in members if member.folder != member.document.repository]
        sources = Counter(map(source_of, placed))
        own = {source for source, _ in sources.most_common(1)} | {("GitRepository", "flux-system")}
        for member in members:
            if member.file in self.patchers and member.file not in self.includers:
                continue
            if member in placed or (path_steps(member.root) == [] and source_of(member) in own):
                self._place(member)

    def _place_built(self) -> None:
        """Let what was built be included by whoever includes what it was built with; that lacks nothing, then."""
        by_file = {member.file: member for member in self.members if member.flux is None}
        for file, documents in self.documents.items():
            member = by_file.get(documents[0].belongs_to)
            if member is not None and documents[0].belongs_to != file:
                self.includers[file] = list(member.includers)
                for inner in closure([member], lambda each: (*each.children, *each.components)):
                    inner.unresolved.clear()

    def _place(self, member: Kustomization) -> None:
        repository = member.document.repository
        child = self.by_folder.get((repository, member.folder))
        if child is not None:
            self._link(member, child, is_component=False)
            return
        for file in self._scan(member.folder):
            if self.documents[file][0].repository == repository:
                inner = self._kustomized_above(repository, member.folder, dirname(file))
                if inner is not None:
                    self._link(member, inner, is_component=False)
                elif file.endswith((".yaml", ".yml")):
                    self._include_file(member, file)

    def _scan(self, folder: str) -> Iterator[str]:
        """The files below a folder."""
        head = f"{folder}/" if folder else ""
        for file in self._sorted[bisect_left(self._sorted, head) :]:
            if not file.startswith(head):
                return
            yield file

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self.documents)

    def _kustomized_above(self, repository: str, top: str, folder: str) -> Kustomization | None:
        """The outermost kustomization between `top`, which has none, and `folder`."""
        found = None
        while folder != top:
            found = self.by_folder.get((repository, folder), found)
            folder = dirname(folder)
        return found

    def chains(self, file: str) -> Chains:
        """The chains of kustomizations that include `file`; of those that patch with it, where it is only a patch."""
        direct = self.direct(file)
        if not direct:
            return Chains(())
        each = [self.chains_from(member) for member in direct[:_MAX_CHAINS]]
        found = tuple(chain for chains in each for chain in chains.found)
        complete = all(chains.complete for chains in each) and len(direct) <= _MAX_CHAINS
        return Chains(found[:_MAX_CHAINS], complete and len(found) <= _MAX_CHAINS)

    def direct(self, file: str) -> list[Kustomization]:
        """The kustomizations that name `file`: as a resource, or else as a patch."""
        return self.includers.get(file) or self.patchers.get(file) or []

    def chains_from(self, member: Kustomization) -> Chains:
        """The chains that start at `member`."""
        if member not in self._chains:
            self._chains[member] = self._climb(member)
        return self._chains[member]

    def _climb(self, member: Kustomization) -> Chains:
        found: list[Chain] = []
        left: list[Chain] = [(member,)]
        while left:
            chain = left.pop()
            outer = [includer for includer in chain[-1].includers if includer not in chain]
            if not outer:
                found.append(chain)
            elif len(chain) >= _MAX_DEPTH or len(found) + len(left) + len(outer) > _MAX_CHAINS:
                return Chains((*found, chain), complete=False)
            else:
                left.extend((*chain, includer) for includer in reversed(outer))
        return Chains(tuple(found))

    def appliers(self, file: str) -> Chain:
        """Every kustomization that may change what is in `file`: those that include it, and their components."""
        direct = tuple(self.direct(file))
        if direct not in self._appliers:
            self._appliers[direct] = tuple(self._reaching(direct))
        return self._appliers[direct]

    def _reaching(self, direct: Chain) -> Iterator[Kustomization]:
        outer = closure(direct, lambda member: member.includers)
        return iter(closure(outer, lambda member: member.components))


def closure(
    start: Iterable[Kustomization], follow: Callable[[Kustomization], Iterable[Kustomization]]
) -> list[Kustomization]:
    """`start` and all that is reached from it, each once."""
    seen = dict.fromkeys(start)
    left = list(seen)
    while left:
        for other in follow(left.pop()):
            if other not in seen:
                seen[other] = None
                left.append(other)
    return list(seen)


def stages(chain: Chain) -> Iterator[Kustomization]:
    """The kustomizations of a chain with their components, in the order in which they change what they include."""
    inner: Kustomization | None = None
    for member in chain:
        siblings = member.components
        if inner is not None and inner in siblings:
            siblings = siblings[siblings.index(inner) + 1 :]
        for component in siblings:
            yield from _with_components(component)
        yield member
        inner = member


def _with_components(component: Kustomization) -> Iterator[Kustomization]:
    """A component after the components of its own."""
    seen = {component}
    left: list[tuple[Kustomization, bool]] = [(component, False)]
    while left:
        member, opened = left.pop()
        if opened:
            yield member
            continue
        left.append((member, True))
        for child in reversed(member.components):
            if child not in seen:
                seen.add(child)
                left.append((child, False))


def _rank(member: Kustomization) -> int:
    name = basename(member.file)
    return FILE_NAMES.index(name) if name in FILE_NAMES else len(FILE_NAMES)
