"""Reads what kustomize says: where each object comes from, and why it gave up."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from kubelint.rendering.process import one_line
from kubelint.sources import SourceFile

ORIGIN = "config.kubernetes.io/origin"
_ID = r"([\w./\[\]-]{1,120})"
_COMPLAINTS = {
    rf"no matches for Id {_ID}": "a patch is for `{}`, which is not there",
    rf"already registered id: {_ID}": "`{}` is there twice",
    r"no such file or directory": "a file that it names is not there",
    r"is not in or below": "a file that it names lies outside of its directory",
    r"cycle detected": "it includes itself",
    r"operation does not apply|missing path|JSON patch": "a JSON patch does not fit",
    r"unable to parse SM|trouble configuring": "an entry of it cannot be read",
    r"unknown field|invalid Kustomization|cannot unmarshal": "a kustomization is not valid",
    r"Malformed|yaml: |converting YAML": "a file that it names is not YAML",
}
"""What kustomize complains of, in words that quote no value: its own often do."""


class NotBuilt(Exception):
    """Some kustomizations could not be built. The message is one line."""


def origin_of(value: Any, folder: Path, root: Path) -> str:
    """The file below `root` that an object built in `folder` comes from, as its annotation says; empty where that says
    nothing.
    """
    if not isinstance(value, dict) or not isinstance(value.get("kind"), str):
        raise NotBuilt("what kustomize wrote are not Kubernetes objects")
    metadata = value.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    text = annotations.get(ORIGIN) if isinstance(annotations, dict) else None
    for line in text.splitlines() if isinstance(text, str) else ():
        key, _, path = line.partition(": ")
        if key in ("path", "configuredIn"):
            found = Path(os.path.relpath(os.path.normpath(folder / path.strip("\"'")), root)).as_posix()
            if found.startswith("../"):
                raise NotBuilt("it holds something from outside of the tree")
            return found
    return ""


def drop_origins(source: SourceFile) -> None:
    """Take the annotation that we asked for out of the documents of `source`."""
    for document in source.documents:
        metadata = document.value.get("metadata")
        annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
        if isinstance(metadata, dict) and isinstance(annotations, dict):
            annotations.pop(ORIGIN, None)
            if not annotations:
                metadata.pop("annotations")


def complaint(code: int, text: str) -> str:
    """Why kustomize gave up, in one line."""
    for pattern, reason in _COMPLAINTS.items():
        found = re.search(pattern, text)
        if found is not None:
            return reason.format(*map(one_line, found.groups()))
    return f"kustomize ended with exit code {code}"
