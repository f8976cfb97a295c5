"""The Secrets that backup targets name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kubelint.cluster.longhorn.backup_targets import needs_credentials
from kubelint.manifests import Project
from kubelint.manifests.secret_sources import SecretSource, secret_sources
from kubelint_rules.backup.targets import Target, backup_targets, is_given


class Credentials(NamedTuple):
    """A Secret that a target may find under the name it gives."""

    target: Target
    source: SecretSource
    keys: frozenset[str]
    """The keys with a value that it has together with everything else of its name; several may fill one Secret."""
    open: bool
    """Whether there may be more keys."""


def targets_with_secret(project: Project) -> Iterator[tuple[Target, str, list[SecretSource]]]:
    """The targets whose store needs a Secret, with the Secret's name and everything in the tree that is called so."""
    for target in backup_targets(project):
        name = target.secret.text
        if name and is_given(target.secret) and needs_credentials(target.store):
            yield target, name, secret_sources(project, name, target.scope)


def credentials(project: Project) -> list[Credentials]:
    """The Secrets that targets read, each once."""
    found: dict[tuple[object, ...], Credentials] = {}
    for target, _, sources in targets_with_secret(project):
        near = [source for source in sources if is_within_reach(target, source)]
        keys = frozenset(key.name for source in near for key in source.keys if key.text != "")
        is_open = any(source.open for source in near)
        for source in near:
            at = source.at
            place = (at.document.file, at.document.index, at.path)
            found.setdefault(place, Credentials(target, source, keys, is_open))
    return list(found.values())


def is_within_reach(target: Target, source: SecretSource) -> bool:
    """Whether a Secret may be in Longhorn's namespace."""
    return target.namespace is None or not source.namespaces or target.namespace in source.namespaces
