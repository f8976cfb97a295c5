"""What is worked out from a whole project once, and lives as long as the project does."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from kubelint.manifests.project import Project

Made = TypeVar("Made")


def once_per_project(make: Callable[[Project], Made]) -> Callable[[Project], Made]:
    """`make`, called once for each project; everybody is given the same result, so nobody may change it.

    The project itself holds the result: a table elsewhere would keep projects alive, as what is made of them leads back
    to them.
    """

    @wraps(make)
    def made(project: Project) -> Made:
        if make not in project.made:
            project.made[make] = make(project)
        result: Made = project.made[make]
        return result

    return made
