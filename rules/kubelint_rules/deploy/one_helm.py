"""What only one version of Helm asks for, told where nothing says which of them runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from kubelint.checks import Finding
from kubelint.cluster.helm import Need
from kubelint.manifests import Project
from kubelint.manifests.deployers import KnownRun, Purpose

from .mending import chained, ending, mended, refused_words


class OneHelm(NamedTuple):
    """What a command is refused if this version of Helm runs it; the other has no need of it."""

    known: KnownRun
    version: int
    needs: list[Need]

    def words(self, command: str) -> str:
        """What is refused, and what becomes of the command."""
        refused = refused_words(self.needs)
        return f"`{self.known.identity}` {refused}: if Helm {self.version} runs, {command} {ending(self.needs)}"

    def told(self, finding: Finding, project: Project) -> Finding:
        """The finding with its chain, what is missing, and how to say that the other version runs."""
        finding = chained(finding, self.known, self.needs)
        return mended(finding, self.known, self.needs, project, otherwise=self._otherwise())

    def _otherwise(self) -> str:
        other = 7 - self.version
        if self.known.run.source == "container":
            return f"or, if it is Helm {other} that runs, say so by the tag of the image"
        return f"or, if it is Helm {other} that runs, say so by `version` of `azure/setup-helm` or in `.tool-versions`"


def for_one_helm(runs: Iterable[KnownRun], *purposes: Purpose) -> Iterator[OneHelm]:
    """What commands are refused by one version of Helm alone, each thing once for an account, where it shows first."""
    told: set[object] = set()
    for known in runs:
        found = {} if known.run.source == "flux" else _by_version(known.refused_to_one(*purposes))
        for version, needs in sorted(found.items()):
            keys = [(known.run.scope, known.identity, version, replace(need.request, name="")) for need in needs]
            fresh = [need for key, need in zip(keys, needs, strict=True) if key not in told]
            told.update(keys)
            if fresh:
                yield OneHelm(known, version, fresh)


def _by_version(found: Iterable[Need]) -> dict[int, list[Need]]:
    versions: dict[int, list[Need]] = {}
    for need in found:
        if need.helm is not None:
            versions.setdefault(need.helm, []).append(need)
    return versions
