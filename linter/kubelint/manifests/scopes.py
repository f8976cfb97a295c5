"""Which files describe the same cluster. Objects of one overlay never complete or contradict those of another."""

from collections.abc import Iterable
from functools import lru_cache

_WORKFLOWS = "/.github/workflows/"
_MARKERS = frozenset({"clusters", "overlays", "environments", "envs"})


@lru_cache(maxsize=65536)
def scope_of(file: str, repository: str = "", rendering: str = "") -> str:
    """The directory of the cluster or overlay that `file` belongs to, such as `clusters/home`; empty if all share it.

    In a repository inside this tree the scope starts with that repository's directory and `//`. What was rendered ends
    in a tab and the name of its `rendering`.
    """
    inner = file.removeprefix(f"{repository}/") if repository else file
    steps = inner.split("/")[:-1]
    overlay = ""
    for index, step in enumerate(steps[:-1]):
        if step in _MARKERS:
            overlay = "/".join(steps[: index + 2])
            break
    scope = f"{repository}//{overlay}" if repository else overlay
    return f"{scope}\t{rendering}" if rendering else scope


def same_cluster(one: str, other: str) -> bool:
    """Whether the objects of two scopes may meet in one cluster: same repository, same overlay or one is shared by
    all, and not of two renderings.
    """
    if one == other:
        return True
    one, _, rendering = one.partition("\t")
    other, _, other_rendering = other.partition("\t")
    if rendering and other_rendering and rendering != other_rendering:
        return False
    repository, overlay = _split(one)
    other_repository, other_overlay = _split(other)
    return repository == other_repository and (overlay == other_overlay or not overlay or not other_overlay)


def may_meet(one: str, other: str) -> bool:
    """Whether objects of two scopes may be in one cluster.

    `clusters/home` and `overlays/production` may: what lies in folders of different meaning is put together by
    somebody. `overlays/staging` and `overlays/production` are not.
    """
    one, other = one.partition("\t")[0], other.partition("\t")[0]
    if same_cluster(one, other):
        return True
    repository, _, inner = one.rpartition("//")
    other_repository, _, other_inner = other.rpartition("//")
    return repository == other_repository and inner.rpartition("/")[0] != other_inner.rpartition("/")[0]


def _split(scope: str) -> tuple[str, str]:
    repository, separator, overlay = scope.partition("//")
    return (repository, overlay) if separator else ("", scope)


def nested_repositories(files: Iterable[str], known: Iterable[str] = ()) -> list[str]:
    """The directories that are repositories of their own inside this tree, longest first: those `known`, and more.

    GitHub reads `.github/workflows` at a repository's root only, so whatever holds that directory was a root once.
    """
    workflows = (file for file in files if _WORKFLOWS in f"/{file}")
    roots = {f"/{file}".partition(_WORKFLOWS)[0].removeprefix("/") for file in workflows}
    return sorted((roots | set(known)) - {""}, key=len, reverse=True)
