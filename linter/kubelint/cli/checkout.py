"""Where files lie in their repository, which is how GitHub and GitLab know them; found without asking git."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

_WORKSPACES = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")


def repository_path(root: Path, environment: Mapping[str, str] = os.environ) -> Callable[[str], str]:
    """What turns a path relative to `root`, a resolved directory, into the file's own in the repository: that of what a
    link leads to, since no CI service follows links.
    """
    top = find_top(root, environment)

    @cache
    def found(path: str) -> str:
        for absolute in (os.path.realpath(root / path), os.path.normpath(root / path)):
            if Path(absolute).is_relative_to(top):
                return Path(absolute).relative_to(top).as_posix()
        return path

    return found


def find_top(root: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """The top of the repository that `root` lies in; `root` itself where nothing tells of one.

    In a job it is the outermost repository in the job's folder (those inside of it are submodules), and that folder if
    no `.git` was left in it; `actions/checkout` with `path` puts the repository deeper than GITHUB_WORKSPACE. Anywhere
    else it is the nearest.
    """
    workspace = _workspace(root, environment)
    above = [root, *root.parents]
    tops = [folder for folder in above if (folder / ".git").exists()]
    if workspace is None:
        return tops[0] if tops else root
    return next((top for top in reversed(tops) if top.is_relative_to(workspace)), workspace)


def _workspace(root: Path, environment: Mapping[str, str]) -> Path | None:
    """The folder of the job that runs, if `root` lies in it."""
    for name in _WORKSPACES:
        if value := environment.get(name):
            folder = Path(value).resolve()
            if root.is_relative_to(folder):
                return folder
    return None
