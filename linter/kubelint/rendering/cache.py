"""Renderings kept on disk under a hash of everything that they depend on. Only what holds no secret is kept.

Entries are written whole or not at all; one that cannot be read is as good as none. Nothing here ever raises.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

_FORMAT = 1
MAX_BYTES = 64 * 2**20
MAX_ENTRY = 8 * 2**20


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path | None:
    """KUBELINT_CACHE_DIR, else where the platform keeps caches; None where there is no home."""
    own = environment.get("KUBELINT_CACHE_DIR")
    if own:
        return Path(own)
    if sys.platform == "win32":
        local = environment.get("LOCALAPPDATA")
        return Path(local) / "kubelint" / "cache" if local else None
    xdg = environment.get("XDG_CACHE_HOME", "")
    if os.path.isabs(xdg):
        return Path(xdg) / "kubelint"
    home = environment.get("HOME", "")
    if not os.path.isabs(home):
        return None
    return Path(home) / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "kubelint"


def key_of(*parts: str | None) -> str:
    """The name of the entry for what depends on `parts`, and on nothing else."""
    return sha256(json.dumps([_FORMAT, *parts]).encode()).hexdigest()


class RenderCache:
    """The renderings kept in `folder`."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder / "rendered" if folder else None
        self._wrote = False

    def get(self, key: str) -> dict[str, str] | None:
        """The rendering under `key`, if it is there and whole."""
        if self._folder is None:
            return None
        path = self._folder / f"{key}.json"
        try:
            if path.stat().st_size > 2 * MAX_ENTRY:
                return None
            entry = json.loads(path.read_text(encoding="utf-8"))
            os.utime(path)
        except (OSError, ValueError, RecursionError):
            return None
        texts = entry.get("texts") if isinstance(entry, dict) and entry.get("key") == key else None
        if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
            return None
        return texts if entry.get("digest") == key_of(json.dumps(texts)) else None

    def put(self, key: str, texts: dict[str, str]) -> None:
        """Keep a rendering that holds no secret, unless it is very large."""
        if self._folder is None or sum(map(len, texts.values())) > MAX_ENTRY:
            return
        text = json.dumps({"key": key, "digest": key_of(json.dumps(texts)), "texts": texts})
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with NamedTemporaryFile("w", encoding="utf-8", dir=self._folder, suffix=".new", delete=False) as stream:
                try:
                    stream.write(text)
                    stream.close()
                    os.replace(stream.name, self._folder / f"{key}.json")
                except OSError:
                    os.unlink(stream.name)
                    raise
            self._wrote = True

    def prune(self) -> None:
        """Drop what was used longest ago, down to the size that the cache may have."""
        if self._folder is None or not self._wrote:
            return
        with suppress(OSError):
            entries = [(entry.stat(), entry.path) for entry in os.scandir(self._folder) if entry.is_file()]
            left = MAX_BYTES
            for status, path in sorted(entries, key=lambda entry: -entry[0].st_mtime):
                left -= status.st_size
                if left < 0:
                    os.unlink(path)
