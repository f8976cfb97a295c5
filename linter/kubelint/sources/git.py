"""Asks git for commits, trees and files, by commands that read its objects and its index and do nothing else.

A repository's configuration names programs that git runs: filters and monitors where it looks at the work tree, drivers
where it compares, hooks where it writes, transports where an object is missing. So git is never asked about the work
tree, compares nothing, writes nothing and fetches nothing; whoever needs to know reads the files and compares.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from kubelint.sources.decoding import MAX_BYTES

TIMEOUT = 120.0
"""Seconds after which git is taken to hang."""

_MOST_PATHS = 200
_SETTINGS = ("core.fsmonitor=false", f"core.hooksPath={os.devnull}", "safe.bareRepository=explicit")
_NAME = re.compile(r"[0-9a-f]{40,}")
_CONFIGURED = re.compile(r"GIT_CONFIG_.*|GIT_CEILING_DIRECTORIES|GIT_DISCOVERY_ACROSS_FILESYSTEM|SUDO_UID")
_SYSTEM = re.compile(
    r"PATH|HOME|XDG_CONFIG_HOME|USERPROFILE|HOMEDRIVE|HOMEPATH|SYSTEMROOT|WINDIR|PATHEXT|COMSPEC|(?:DY)?LD_LIBRARY_PATH",
    re.IGNORECASE,
)
_OURS = {
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
}
_NO_WORK_TREE = (
    "{} is not in a work tree of git",
    "name a directory that is checked out; a bare repository has no files",
)
_INCOMPLETE = ("this clone does not hold all files of that commit", "clone it without `--filter`")
_REFUSALS = (
    (
        re.compile(r"dubious ownership|unsafe repository|safe\.directory"),
        "git does not trust the repository of {}, since it belongs to somebody else",
        "`git config --global --add safe.directory DIR` says that you do",
    ),
    (
        re.compile(r"cannot use bare repository"),
        *_NO_WORK_TREE,
    ),
    (re.compile(r"transport '.*' not allowed|promisor remote|lazy fetching"), *_INCOMPLETE),
    (re.compile(r"not a git repository"), "{} is not in a git repository", "leave out --since"),
)


class GitProblem(Exception):
    """Git cannot tell what it was asked for. `hint` says what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class TreeEntry(NamedTuple):
    """What a commit holds at a path: its mode, its kind (`blob`, `commit`) and the name of the object."""

    mode: str
    kind: str
    name: str


class Git:
    """Git in the work tree that `folder` belongs to. Raises GitProblem where there is no git or no work tree."""

    def __init__(self, folder: Path, environment: Mapping[str, str] = os.environ) -> None:
        self._folder = folder
        self._program = _program(environment)
        self._environment = _own(environment)
        told = self._ask("rev-parse", "--is-inside-work-tree", "--is-shallow-repository").split()
        if told[:1] != [b"true"]:
            message, hint = _NO_WORK_TREE
            raise GitProblem(message.format(folder), hint)
        self.shallow = told[1:] == [b"true"]
        """Whether older commits were left out when it was cloned."""

    def commit(self, revision: str) -> str | None:
        """The name of the commit that `revision` is; None where it is none here."""
        if not revision or revision.startswith("-") or "\0" in revision:
            return None
        code, told = self._run("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        name = told.decode("ascii", "replace").strip()
        return name if code == 0 and _NAME.fullmatch(name) else None  # `^HEAD` and ranges are none

    def merge_base(self, one: str, other: str) -> str | None:
        """The last commit that both of two come from; None where there is none here."""
        code, told = self._run("merge-base", one, other)
        return told.decode("ascii").split()[0] if code == 0 and told.strip() else None

    def tree(self, commit: str) -> dict[str, TreeEntry]:
        """What `commit` holds below the folder, by its path from there."""
        found: dict[str, TreeEntry] = {}
        for line in self._ask("ls-tree", "-r", "-z", commit).split(b"\0"):
            head, _, path = line.partition(b"\t")
            if path:
                found[os.fsdecode(path)] = TreeEntry(*head.decode("ascii").split())
        return found

    def blobs(self, names: Iterable[str]) -> dict[str, bytes]:
        """What files hold, by the names of their objects; those that are too large to be linted are left out."""
        asked = sorted(set(names))
        heads = [line.split() for line in self._batch("--batch-check", asked).splitlines()]
        if any(len(head) != 3 for head in heads):
            message, hint = _INCOMPLETE
            raise GitProblem(message, hint)
        small = [name.decode("ascii") for name, _, size in heads if int(size) <= MAX_BYTES]
        return dict(_blobs(self._batch("--batch", small)))

    def tracked(self, paths: Iterable[str]) -> frozenset[str]:
        """Those of `paths`, from the folder, that the index holds."""
        asked = [f"./{path}" for path in paths]
        found: set[str] = set()
        for start in range(0, len(asked), _MOST_PATHS):
            told = self._ask(
                "--literal-pathspecs", "ls-files", "-z", "--cached", "--", *asked[start : start + _MOST_PATHS]
            )
            found.update(os.fsdecode(path) for path in told.split(b"\0") if path)
        return frozenset(found)

    def _batch(self, option: str, names: list[str]) -> bytes:
        return self._ask("cat-file", option, stdin="".join(f"{name}\n" for name in names).encode()) if names else b""

    def _ask(self, *arguments: str, stdin: bytes = b"") -> bytes:
        code, told = self._run(*arguments, stdin=stdin)
        if code:
            raise GitProblem(f"git cannot read the repository of {self._folder} (`git {arguments[0]}` failed)")
        return told

    def _run(self, *arguments: str, stdin: bytes = b"") -> tuple[int, bytes]:
        options = [word for setting in _SETTINGS for word in ("-c", setting)]
        try:
            done = subprocess.run(
                [self._program, "--no-pager", *options, *arguments],
                cwd=self._folder,
                env=self._environment,
                input=stdin,
                capture_output=True,
                timeout=TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise GitProblem(f"`git {arguments[0]}` did not end within {TIMEOUT:g} s") from None
        except OSError as error:
            raise GitProblem(f"git cannot be started: {error.strerror}") from None
        if done.returncode:
            self._refuse(done.stderr.decode("utf-8", "replace"))
        return done.returncode, done.stdout

    def _refuse(self, complaint: str) -> None:
        for pattern, message, hint in _REFUSALS:
            if pattern.search(complaint):
                raise GitProblem(message.format(self._folder), hint)


def _program(environment: Mapping[str, str]) -> str:
    """The `git` on the PATH, of directories that do not depend on where we are: what is linted brings no git."""
    folders = [folder for folder in environment.get("PATH", "").split(os.pathsep) if os.path.isabs(folder)]
    program = shutil.which("git", path=os.pathsep.join(folders)) if folders else None
    if program is None or not os.path.isabs(program):
        raise GitProblem("there is no `git` on the PATH, and --since asks it", "install git")
    return program


def _own(given: Mapping[str, str]) -> dict[str, str]:
    """What git is told: who the user is and what he has configured; nothing that leads to another repository."""
    kept = {name: value for name, value in given.items() if _SYSTEM.fullmatch(name) or _CONFIGURED.fullmatch(name)}
    return {**kept, **_OURS}


def _blobs(output: bytes) -> Iterator[tuple[str, bytes]]:
    """The objects in what `git cat-file --batch` writes: a head with the size, the content, a line break."""
    at = 0
    while at < len(output):
        start = output.index(b"\n", at) + 1
        name, _, size = output[at : start - 1].decode("ascii").split()
        at = start + int(size) + 1
        yield name, output[start : at - 1]
