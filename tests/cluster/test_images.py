"""Facts about image references."""

from __future__ import annotations

import pytest

from kubelint.cluster.images import full_name, repository


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
