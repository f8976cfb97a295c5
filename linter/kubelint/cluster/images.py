"""Image references as container runtimes read them.

Source: distribution ``reference/normalize.go``.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase


def full_name(image: str) -> str:
    """The image with its registry: ``nginx:1.27`` -> ``docker.io/library/nginx:1.27``."""
    first, slash, rest = image.partition("/")
    if not slash:
        return f"docker.io/library/{image}"
    is_registry = "." in first or ":" in first or first == "localhost"
    name = image if is_registry else f"docker.io/{image}"
    return f"docker.io/library/{rest}" if first == "docker.io" and "/" not in rest else name


def repository(image: str) -> str:
    """The image with its registry, without tag and digest: ``nginx:1.27`` -> ``docker.io/library/nginx``."""
    return _untagged(full_name(image))


def is_named(image: str, patterns: Iterable[str]) -> bool:
    """Whether one of ``patterns`` (``registry.example/shop/*``) means the image, with or without registry and tag."""
    names = {image, _untagged(image), full_name(image), repository(image)}
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)


def _untagged(image: str) -> str:
    folder, slash, name = image.partition("@")[0].rpartition("/")
    return f"{folder}{slash}{name.partition(':')[0]}"
