"""Facts about image references."""

from __future__ import annotations

import pytest

from kubelint.cluster.images import full_name, is_named, repository


@pytest.mark.parametrize(
    ("image", "full", "without_tag"),
    [
        ("nginx", "docker.io/library/nginx", "docker.io/library/nginx"),
        ("nginx:1.27", "docker.io/library/nginx:1.27", "docker.io/library/nginx"),
        ("docker.io/nginx:1.27", "docker.io/library/nginx:1.27", "docker.io/library/nginx"),
        ("shop/web:1", "docker.io/shop/web:1", "docker.io/shop/web"),
        ("registry.example/web:1", "registry.example/web:1", "registry.example/web"),
        ("registry:5000/a/web:1@sha256:00", "registry:5000/a/web:1@sha256:00", "registry:5000/a/web"),
        ("localhost/web", "localhost/web", "localhost/web"),
    ],
)
def test_names(image: str, full: str, without_tag: str) -> None:
    assert (full_name(image), repository(image)) == (full, without_tag)


@pytest.mark.parametrize(
    ("image", "pattern", "named"),
    [
        ("nginx:1.27", "nginx", True),
        ("nginx:1.27", "nginx:1.27", True),
        ("nginx:1.27", "docker.io/library/nginx", True),
        ("nginx:1.27", "docker.io/*", True),
        ("registry.example/shop/web:1.4", "registry.example/shop/*", True),
        ("registry.example/shop/web:1.4", "registry.example/shop/web", True),
        ("registry.example/shop/web:1.4", "registry.example/shop", False),
        ("registry.example/shop/web:1.4", "*/web", True),
        ("registry.example/shop/web@sha256:00", "registry.example/shop/web", True),
        ("registry.example/shop/web:1.4", "registry.example/[", False),
        ("", "*", True),
    ],
)
def test_which_images_a_pattern_names(image: str, pattern: str, named: bool) -> None:
    assert is_named(image, (pattern,)) is named
    assert is_named(image, ()) is False
