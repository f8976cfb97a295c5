"""Finds the releases of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelint.manifests.releases.release import Release

if TYPE_CHECKING:
    from kubelint.manifests.project import Project


def read_releases(project: Project) -> list[Release]:
    """Every release of `project`, in the order of the files."""
    return []
