"""What changed in a work tree since it left another branch: `--since`."""

from __future__ import annotations

import hashlib
import os
import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from kubelint.sources.changes import Changes
from kubelint.sources.decoding import MAX_BYTES
from kubelint.sources.git import Git, GitProblem, TreeEntry

_LINK = "120000"
_SHORT = 12
_SHA256 = 64


class _Then(NamedTuple):
    """A file as the base holds it, and who can read it."""

    git: Git
    entry: TreeEntry


def changes_since(
    root: Path,
    revision: str,
    files: Iterable[str],
    repositories: Iterable[str] = (),
    is_read: Callable[[str], bool] = lambda path: True,
) -> Changes:
    """How `files`, paths below `root`, differ from the merge base of `revision` and HEAD.

    What is staged counts like what is not; so do files that git does not know. `repositories` are directories below the
    root with a repository of their own: those that are submodules are compared with the commit that the base has for
    them. `is_read` says of a path that is gone whether it would have been read. A file with another name in its folder,
    and nothing else, does not differ. Raises GitProblem.
    """
    git = Git(root)
    base = find_base(git, revision)
    then = _files(git, root, "", base, frozenset(repositories))
    found = {path: _counterpart(root, path, then) for path in files}
    gone = {path: then[path] for path in then.keys() - found.keys() if then[path].entry.mode != _LINK and is_read(path)}
    differing = {path: old for path, old in found.items() if old is None or _differs(root / path, old.entry)} | gone
    for pair in _renames(root, [path for path, old in differing.items() if old is None], gone):
        for path in pair:
            differing.pop(path, None)
    return Changes(_contents(differing), f"{revision} (merge base {base[:_SHORT]})")


def find_base(git: Git, revision: str) -> str:
    """The commit from which HEAD and `revision` went apart. Raises GitProblem, which says what is in the way."""
    head = git.commit("HEAD")
    if head is None:
        raise GitProblem("--since: the repository has no commit yet", "commit something first")
    fetch = "fetch more history, in GitHub Actions with `fetch-depth: 0`"
    other = git.commit(revision)
    if other is None:
        hint = fetch if git.shallow else "name a branch, a tag or a commit that is here, such as `origin/main`"
        raise GitProblem(f"--since {revision}: there is no such commit in the repository", hint)
    base = git.merge_base(other, head)
    if base is None and git.shallow:
        raise GitProblem(f"--since {revision}: this shallow clone does not reach back to where it and HEAD part", fetch)
    if base is None:
        raise GitProblem(
            f"--since {revision}: it and HEAD have no commit in common", "name a revision that HEAD is based on"
        )
    return base


def _files(git: Git, root: Path, folder: str, commit: str, repositories: frozenset[str]) -> dict[str, _Then]:
    """The files of a commit by their paths from the root, those of its submodules among them where these are here."""
    found: dict[str, _Then] = {}
    for name, entry in git.tree(commit).items():
        path = f"{folder}/{name}" if folder else name
        if entry.kind == "blob":
            found[path] = _Then(git, entry)
        elif path in repositories:
            with suppress(GitProblem):  # what it was then is not here: all of it counts as new
                found |= _files(Git(root / path), root, path, entry.name, repositories)
    return found


def _counterpart(root: Path, path: str, then: dict[str, _Then]) -> _Then | None:
    """What the base holds in place of a file; of a link, in place of the file that it leads to."""
    if (root / path).is_symlink():
        path = Path(os.path.relpath(os.path.realpath(root / path), root)).as_posix()
    found = then.get(path)
    return None if found is None or found.entry.mode == _LINK else found


def _renames(root: Path, new: Iterable[str], gone: Mapping[str, _Then]) -> Iterator[tuple[str, str]]:
    """Files that got another name in their folder, which decides what they belong to, as pairs of new and old path."""
    left = {(posixpath.dirname(path), then.entry.name): path for path, then in gone.items()}
    lengths = {len(name) for _, name in left}
    for path in new:
        for name in (name for length in lengths for name in _names(root / path, length)):
            if old := left.get((posixpath.dirname(path), name)):
                yield path, old


def _differs(path: Path, entry: TreeEntry) -> bool:
    """Whether a file is not what git holds. What git's filters made of it is seen as it is: where they encrypt, the
    whole file differs.
    """
    return entry.name not in _names(path, len(entry.name))


def _names(path: Path, length: int) -> Iterator[str]:
    """What git calls an object that holds what a file does, in names of so many digits: as the file is, and with the
    ends of its lines no longer those of Windows.
    """
    with suppress(OSError), open(path, "rb") as stream:
        data = stream.read(MAX_BYTES + 1)
        yield _name(data, length)
        yield _name(data.replace(b"\r\n", b"\n"), length)


def _name(data: bytes, length: int) -> str:
    kind = "sha256" if length == _SHA256 else "sha1"
    return hashlib.new(kind, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _contents(files: Mapping[str, _Then | None]) -> dict[str, bytes | None]:
    """What the files held; None for those that were not there, or were too large to be read."""
    asked: dict[Git, set[str]] = {}
    for then in files.values():
        if then is not None:
            asked.setdefault(then.git, set()).add(then.entry.name)
    held = {git: git.blobs(names) for git, names in asked.items()}
    return {path: None if then is None else held[then.git].get(then.entry.name) for path, then in files.items()}
