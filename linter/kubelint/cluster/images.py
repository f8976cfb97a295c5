"""Image references as container runtimes read them.

Source: distribution ``reference/normalize.go``.
"""

from __future__ import annotations


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
    folder, slash, name = full_name(image).partition("@")[0].rpartition("/")
    return f"{folder}{slash}{name.partition(':')[0]}"
