"""Things by a key, within each cluster or overlay of a tree."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class Scoped(Generic[Thing]):
    """An index that finds what `same_cluster` lets meet, without looking at what other overlays hold."""

    def __init__(self) -> None:
        self._own: dict[tuple[str, Hashable], list[Thing]] = {}
        self._all: dict[tuple[str, Hashable], list[Thing]] = {}

    def add(self, scope: str, key: Hashable, thing: Thing) -> None:
        """Remember `thing` of `scope` under `key`."""
        self._own.setdefault((scope, key), []).append(thing)
        self._all.setdefault((_shared(scope), key), []).append(thing)

    def get(self, scope: str, key: Hashable) -> list[Thing]:
        """What objects of `scope` may meet under `key`."""
        shared = _shared(scope)
        if scope == shared:
            return self._all.get((shared, key), [])
        return self._own.get((scope, key), []) + self._own.get((shared, key), [])


def _shared(scope: str) -> str:
    """The scope of what all overlays of the same repository share."""
    repository, separator, _ = scope.partition("//")
    return repository + separator if separator else ""
