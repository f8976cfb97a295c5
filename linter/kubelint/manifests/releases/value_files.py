"""Values that wrappers bring in: written inline, as YAML in a string, or in a file of the tree."""

from __future__ import annotations

from posixpath import join, normpath
from typing import TYPE_CHECKING, Literal

from kubelint.cluster.templates import has_template
from kubelint.manifests.field import Field
from kubelint.manifests.layered import unknown_layer
from kubelint.manifests.releases.embedded import mapping_of, values_in
from kubelint.manifests.releases.release import ValuesSource

if TYPE_CHECKING:
    from kubelint.manifests.project import Project


def outside(at: Field) -> ValuesSource:
    """Values that the tree does not hold, named at `at`."""
    return ValuesSource("outside", unknown_layer(at), at)


def inline_values(field: Field) -> list[ValuesSource]:
    """The values that `field` holds: a mapping, or YAML in a string. Nothing where it is empty."""
    is_text = isinstance(field.value, str)
    values = values_in(field) if is_text else mapping_of(field)
    if values.absent:
        return []
    return [ValuesSource("text" if is_text else "inline", values, field)] if not values.unknown else [outside(field)]


def tree_path(repository: str, base: str, path: str) -> str | None:
    """The file or folder `path`, which is relative to the folder `base`; None where that is not in the repository."""
    if has_template(path) or "://" in path or path.startswith(("/", "~")):
        return None
    found = normpath(join(base, path))
    found = "" if found == "." else found
    inside = found == repository or found.startswith(f"{repository}/") if repository else not found.startswith("..")
    return found if inside else None


def in_tree(project: Project, repository: str, path: str | None) -> bool:
    """Whether the tree holds a file at `path` that could be read and that belongs to `repository`."""
    documents = project.files.get(path, ()) if path is not None else ()
    return any(document.repository == repository for document in documents)


def file_values(
    project: Project, repository: str, path: str | None, at: Field, form: Literal["file", "defaults"] = "file"
) -> ValuesSource | None:
    """The values in the file at `path`; unknown where it is not in the tree or encrypted, None where it is empty."""
    if path is None or not in_tree(project, repository, path):
        return outside(at)
    first = project.files[path][0]
    values = mapping_of(first.root)
    if values.unknown or values.get("sops").exists or first.source.source.problems:
        return outside(at)
    return ValuesSource(form, values, at) if values.value is not None else None


def known(sources: list[ValuesSource | None]) -> list[ValuesSource]:
    """The sources that there are."""
    return [source for source in sources if source is not None]
