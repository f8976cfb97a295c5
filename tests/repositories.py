"""Git repositories made for a test."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

GIT = shutil.which("git")
needs_git = pytest.mark.skipif(GIT is None, reason="there is no git")
PLAIN = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_SYSTEM": os.devnull}


class Repository:
    """A work tree at `root`, on branch `main`."""

    def __init__(self, root: Path, *, start: bool = True) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        if start:
            self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, **environment: str) -> str:
        """What git writes."""
        ours = {"user.name": "somebody", "user.email": "somebody@example.org", "protocol.file.allow": "always"}
        options = [word for name, value in ours.items() for word in ("-c", f"{name}={value}")]
        outside = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        done = subprocess.run(
            [str(GIT), *options, *arguments],
            cwd=self.root,
            env={**outside, **PLAIN, **environment},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return done.stdout.strip()

    def write(self, files: dict[str, str | None]) -> None:
        """Write files by their paths; None takes one away."""
        for name, text in files.items():
            path = self.root / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text.encode())

    def commit(self, files: dict[str, str | None] | None = None, message: str = "change") -> str:
        """Commit everything, after writing `files`; the name of the commit."""
        self.write(files or {})
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--no-verify", "-m", message)
        return self.git("rev-parse", "HEAD")

    def snapshot(self) -> dict[str, bytes]:
        """Every file below the root, those of git among them."""
        return {str(path): path.read_bytes() for path in sorted(self.root.rglob("*")) if path.is_file()}
