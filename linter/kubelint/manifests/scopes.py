"""Which files describe the same cluster. Objects of one overlay never complete or contradict those of another."""

from collections.abc import Iterable
from functools import lru_cache
from posixpath import dirname

_MARKERS = frozenset({"clusters", "overlays", "environments", "envs"})


@lru_cache(maxsize=65536)
def scope_of(file: str, repository: str = "") -> str:
    """The directory of the cluster or overlay that `file` belongs to, such as `clusters/home`.

    Files that no cluster has to itself get their repository's directory, which is empty for the root.
    """
    steps = file.split("/")[:-1]
    for index, step in enumerate(steps[:-1]):
        if step in _MARKERS:
            return "/".join(steps[: index + 2])
    return repository


def same_cluster(one: str, other: str) -> bool:
    """Whether the objects of two scopes may meet in one cluster: one of them holds, or is, the other."""
    return one == other or not one or not other or one.startswith(f"{other}/") or other.startswith(f"{one}/")


def nested_repositories(files: Iterable[str]) -> list[str]:
    """The directories that are repositories of their own inside this tree, longest first.

    GitHub reads `.github/workflows` at a repository's root only, so whatever holds that directory was a root once.
    """
    roots = {dirname(dirname(dirname(file))) for file in files if "/.github/workflows/" in f"/{file}"}
    return sorted(roots - {""}, key=len, reverse=True)
