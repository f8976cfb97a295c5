"""Folders that stand side by side for clusters, whatever they are called."""

from __future__ import annotations

from collections.abc import Iterable
from posixpath import dirname

_OF_CLUSTERS = frozenset(
    {"apps", "bootstrap", "cluster", "config", "core", "flux", "flux-system", "infra", "infrastructure", "talos"}
)


class Folders:
    """The folders of a tree."""

    def __init__(self, files: Iterable[str]) -> None:
        self._inner: dict[str, set[str]] = {}
        for folder in {dirname(file) for file in files}:
            steps = folder.split("/")
            for depth in range(1, len(steps)):
                self._inner.setdefault("/".join(steps[:depth]), set()).add(steps[depth])

    def are_twins(self, one: str, other: str) -> bool:
        """Whether two files lie in folders of one kind, as those of clusters: `main` and `edge`, each with `apps`."""
        first, second = dirname(one).split("/"), dirname(other).split("/")
        shared = next((i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), None)
        if shared is None:
            return False
        parts = [self._inner.get("/".join(steps[: shared + 1]), set()) for steps in (first, second)]
        return not _OF_CLUSTERS.isdisjoint(parts[0] & parts[1])
