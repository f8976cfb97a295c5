"""Which kustomizations may be built: those that stay in the tree and run nothing of their own."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from kubelint.manifests.kustomize.graph import closure
from kubelint.manifests.kustomize.kustomization import FILE_NAMES, Kustomization
from kubelint.rendering.process import MIB, one_line

_PLUGINS = ("transformers", "generators", "validators", "helmCharts", "helmChartInflationGenerator", "helmGlobals")
_PATHS = ("crds", "configurations", "patchesStrategicMerge")
_FOLDERS = frozenset({"resources", "bases", "components", *_PLUGINS})
"""The keys whose entries may be folders: of all others kustomize reads nothing that lies outside of its own folder."""
_FOLDED = {key.casefold() for key in _FOLDERS}
MAX_BYTES = 64 * MIB


def inner(root: Kustomization) -> list[Kustomization]:
    """A kustomization with all that it includes."""
    return closure([root], lambda member: (*member.children, *member.components))


class Limits:
    """What may be built of the tree in `root`, an absolute path without links."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def obstacle(self, kustomization: Kustomization) -> str | None:
        """Why a kustomization is not built, if it cannot be, or must not."""
        for member in inner(kustomization):
            if Path(member.file).name not in FILE_NAMES or self._is_outside(member.folder):
                return f"`{one_line(member.file)}` is not where kustomize looks for it"
            plugin = next((key for key in _PLUGINS if not member.root.get(key).absent), None)
            if plugin is not None:
                return f"`{plugin}` in `{one_line(member.file)}` would run something else"
            missing = next((path for path in _named(member) if self._is_foreign(member, path)), None)
            if missing is not None:
                return f"`{one_line(missing)}` in `{one_line(member.file)}` is not in the tree"
            unread = next(self._unread(member), None)
            if unread is not None:
                return f"`{one_line(unread)}` in `{one_line(member.file)}` is not read"
        if self._size(kustomization) > MAX_BYTES:
            return f"its files are larger than {MAX_BYTES // MIB} MiB"
        return None

    def _unread(self, member: Kustomization) -> Iterator[str]:
        """What kustomize would follow and kubelint has not: keys that Go takes for others, since it folds their case;
        values with tags; folders whose kustomization was left out, or is called as no manifest is.
        """
        yield from (key for key, _ in member.root.items() if key not in _FOLDERS and key.casefold() in _FOLDED)
        known = {each.folder for each in (member, *member.children, *member.components)}
        for field, _ in member.resources():
            path = member.path_of(str(field.value))
            if field.unknown or (path not in known and (self._root / path).is_dir()):
                yield str(field.value)

    def _size(self, kustomization: Kustomization) -> int:
        """How many bytes the files have that are built from."""
        paths = {member.path_of(path) for member in inner(kustomization) for path in _named(member)}
        files = (self._root / path for path in paths)
        return sum(file.stat().st_size for file in files if file.is_file())

    def digest(self, kustomization: Kustomization) -> str:
        """A hash of every file that is built from, with its path. Empty where one cannot be read."""
        found = sha256()
        for member in inner(kustomization):
            for path in (member.file, *map(member.path_of, _named(member))):
                if (self._root / path).is_dir():
                    continue
                try:
                    data = (self._root / path).read_bytes()
                except OSError:
                    return ""
                found.update(f"{path}\0{len(data)}\0".encode(errors="surrogateescape"))
                found.update(data)
        return found.hexdigest()

    def _is_foreign(self, member: Kustomization, entry: str) -> bool:
        """Whether a path leads to something that is not in the tree, or would be fetched."""
        path = member.path_of(entry)
        if "://" in entry or path.startswith(("..", "/")) or self._is_outside(path):
            return True
        try:
            found = self._root / path
            return not (found.is_file() or found.is_dir())
        except (OSError, ValueError):
            return True

    def _is_outside(self, path: str) -> bool:
        try:
            return not (self._root / path).resolve().is_relative_to(self._root)
        except (OSError, ValueError, RuntimeError):  # a loop of links, a name that no disk can hold
            return True


def _named(member: Kustomization) -> Iterator[str]:
    """Every path that a kustomization names."""
    root = member.root
    yield from (str(field.value) for field, _ in member.resources())
    for key in _PATHS:
        yield from (entry for entry in root.get(key).strings() if "\n" not in entry and "{" not in entry)
    for key in ("patches", "patchesJson6902", "replacements"):
        yield from (entry.get("path").text or "." for entry in root.get(key).elements() if entry.get("path").exists)
    for key in ("configMapGenerator", "secretGenerator"):
        for entry in root.get(key).elements():
            yield from (path.rpartition("=")[2] for path in entry.get("files").strings())
            yield from (*entry.get("envs").strings(), *entry.get("env").strings())
    yield from root.get("openapi", "path").strings()
