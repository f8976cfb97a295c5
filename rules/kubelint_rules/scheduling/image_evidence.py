"""Which architectures an image is built for, as far as the tree tells, and what becomes of the pods that run it.

What is told of an image counts in this order: kubelint.yaml, the builds of the tree, the image's own name.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from kubelint.cluster.architectures import ARCH_LABELS, image_architecture, runs_on
from kubelint.cluster.images import is_named
from kubelint.cluster.scheduling import Path, preferred_terms
from kubelint.manifests import Field, PodTemplate, Project, once_per_project
from kubelint.manifests.hosts import At
from kubelint.manifests.releases.pods import ReleasePod
from kubelint_rules.scheduling.evidence import states_architecture
from kubelint_rules.scheduling.survey import Cluster, Placed, clusters_of, may_be_bound

if TYPE_CHECKING:
    from kubelint_rules.scheduling.image_builds import Builds

BUILDING = ("docker", "podman", "buildah", "nerdctl")
"""The programs whose commands build images."""


class Evidence(NamedTuple):
    """The architectures that an image is built for. `at` is what says so; None where its name, as it stands in the
    pod, or kubelint.yaml does. `built`: whether a build of the tree tells it. `machine` tells the architecture of the
    machine that builds, where that is not the job's own text.
    """

    architectures: frozenset[str]
    at: At | None = None
    built: bool = False
    machine: Field | None = None

    def runs(self, node: str) -> bool:
        """Whether the image runs on nodes of that architecture."""
        return any(runs_on(architecture, node) for architecture in self.architectures)

    @property
    def named(self) -> str:
        """The architectures, for messages."""
        return " and ".join(f"`{name}`" for name in sorted(self.architectures))

    @property
    def only(self) -> str | None:
        """The architecture, if it is one."""
        return next(iter(self.architectures)) if len(self.architectures) == 1 else None


class Images:
    """What a tree tells of images."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._declared = project.settings.images

    @cached_property
    def _builds(self) -> Builds | None:
        """The builds of the tree; None where nothing in it could build."""
        project = self.project
        words = (program in document.text for program in BUILDING for document in project.documents)
        if not (project.workflows or project.texts or any(words)):
            return None
        from kubelint_rules.scheduling.image_builds import builds_of

        return builds_of(project)

    def of_pod(self, pod: PodTemplate) -> Iterator[tuple[Field, Evidence]]:
        """The images of a pod of which something is told, init containers first."""
        for image in pod.images:
            given = self._given(pod, image)
            found = [(self.evidence(text), at) for text, at in given]
            told = [evidence if evidence.at else evidence._replace(at=at) for evidence, at in found if evidence]
            if told and len(told) == len(given) and len({evidence.architectures for evidence in told}) == 1:
                yield image, told[0]

    def _given(self, pod: PodTemplate, image: Field) -> list[tuple[str, Field | None]]:
        """An image as it is deployed, by each kustomization that takes it up, and what changed it there; none where
        that is unknown.
        """
        if image.text is None:
            return []
        if isinstance(pod, ReleasePod) or not self.project.has_kustomizations():
            return [(image.text, None)]
        here = image.path[len(pod.obj.root.path) :]
        if self.project.kustomizations.setting_patches(pod.obj, *here):
            return []
        settings = self.project.kustomizations.image(pod.obj, image.text)
        changed = any(setting.field is not None for setting in settings)
        if not changed and self.project.may_be_patched(pod.obj, *here):
            return []
        return [(setting.text, _changed(setting.field)) for setting in settings]

    def evidence(self, image: str) -> Evidence | None:
        """What is told of an image; None if nothing is, or it is declared to run anywhere."""
        for architecture, patterns in self._declared.single_arch.items():
            if is_named(image, patterns):
                return Evidence(frozenset({architecture}))
        if is_named(image, self._declared.multi_arch):
            return None
        built = None if self._builds is None else self._builds.single(image)
        named = image_architecture(image)
        if built is not None and named not in built.architectures:
            return Evidence(built.architectures, built.at, built=True, machine=built.machine)
        return Evidence(frozenset({named})) if named else None


def _changed(entry: Field | None) -> Field | None:
    """What of an entry of `images` gives the image its new name or tag."""
    found = (entry.get(key) for key in ("newTag", "tagSuffix", "newName") if entry is not None)
    return next((field for field in found if field.exists), entry)


class Stray(NamedTuple):
    """A pod that may be placed where its image does not run: on nodes of the architectures `dies`."""

    cluster: Cluster
    pod: PodTemplate
    image: Field
    evidence: Evidence
    dies: frozenset[str]
    preference: Path | None
    """The path in the pod spec of the first preference for an architecture, which binds nothing."""

    @property
    def key(self) -> tuple[object, ...]:
        """Tells pods apart, however often they are read."""
        return key_of(self.pod)


def is_partial(pod: PodTemplate) -> bool:
    """Whether the images of a pod stand elsewhere; those that an operator runs may be all that an object names."""
    return pod.partial and (pod.obj.partial or bool(pod.containers) or not any(image.value for image in pod.images))


def key_of(pod: PodTemplate) -> tuple[object, ...]:
    """Tells pods apart, however often they are read."""
    return pod.spec.document.file, pod.spec.document.index, pod.spec.path, pod.display


@once_per_project
def strays(project: Project) -> list[Stray]:
    """The pods of clusters with nodes of several architectures that may land where one of their images does not run.

    One that surely cannot run anywhere is none: its image and its nodes do not match. Nor is one that requires nodes
    of several architectures and whose image the tree builds: then it is the build that is not as it is meant.
    """
    images = Images(project)
    return [
        stray
        for cluster in clusters_of(project)
        if len(cluster.architectures) > 1
        for placed in cluster.placed
        if placed.placement.certain and not is_partial(placed.pod)
        for stray in _strays_of(cluster, placed, images)
    ]


def _strays_of(cluster: Cluster, placed: Placed, images: Images) -> Iterator[Stray]:
    pod = placed.pod
    reached = cluster.reachable(pod) & placed.placement.possible
    for image, evidence in images.of_pod(pod) if len(reached) > 1 else ():
        if evidence.built and states_architecture(pod.spec.value):
            continue
        dies = frozenset(node for node in reached if not evidence.runs(node))
        if dies and dies != reached and not may_be_bound(images.project, pod):
            yield Stray(cluster, pod, image, evidence, dies, _preference(pod))
            return


def _preference(pod: PodTemplate) -> Path | None:
    for term in preferred_terms(pod.spec.value):
        for part in term:
            if part.key in ARCH_LABELS and part.operator in ("In", "NotIn"):
                return part.path
    return None
