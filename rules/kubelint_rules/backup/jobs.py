"""Longhorn's recurring jobs in a tree, and what names them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kubelint.cluster.longhorn.recurring_jobs import BACKUPS, NOTHING, Selection, is_source, labelled, listed, selector
from kubelint.cluster.plain import as_mapping
from kubelint.manifests import Field, KubeObject, Project, once_per_project, same_cluster
from kubelint.manifests.longhorn import is_longhorn
from kubelint.manifests.releases import Release

KIND = "RecurringJob"
_SELECTOR = "recurringJobSelector"
_LABEL = "recurring-job"
_OTHER_BACKUPS = {
    "Schedule": ("velero.io", "k8up.io"),
    "ScheduledBackup": ("postgresql.cnpg.io",),
    "ReplicationSource": ("volsync.backube",),
    "SnapshotSchedule": ("snapscheduler.backube",),
    "SnapshotPolicy": ("kopiur.home-operations.com",),
    "BackupPlan": ("gemini.fairwinds.com",),
    "SnapshotGroup": ("gemini.fairwinds.com",),
    "Policy": ("config.kio.kasten.io",),
    "BackupConfiguration": ("stash.appscode.com", "core.kubestash.com"),
}
"""Kinds with which other programs back volumes up on a schedule."""


def backup_jobs(project: Project) -> Iterator[KubeObject]:
    """The recurring jobs that back volumes up."""
    for obj in project.objects(KIND, group="longhorn.io"):
        if obj.field("spec", "task").text in BACKUPS:
            yield obj


class Naming(NamedTuple):
    """Something that names jobs, in the cluster of `scope`."""

    scope: str
    selection: Selection
    ignored: KubeObject | None = None
    """The claim whose labels name them, where Longhorn does not take those over to the volume."""


def selected(project: Project, scope: str) -> Selection:
    """The jobs and groups that labels and storage classes name in the cluster of `scope`."""
    found = [selection for other, selection in _by_scope(project).items() if same_cluster(other, scope)]
    return _together(found)


def ignored_claims(project: Project, scope: str, job: str, groups: list[str]) -> list[KubeObject]:
    """The claims whose labels name a job or a group of it, and do not count."""
    keys = [("job", job), *(("group", group) for group in groups)]
    found = [claim for key in keys for claim in _ignored(project).get(key, ())]
    return [claim for claim in dict.fromkeys(found) if same_cluster(claim.scope, scope)]


@once_per_project
def _ignored(project: Project) -> dict[tuple[str, str], list[KubeObject]]:
    found: dict[tuple[str, str], list[KubeObject]] = {}
    for each in _namings(project):
        if each.ignored is not None:
            named = [*(("job", name) for name in each.selection.jobs), *(("group", x) for x in each.selection.groups)]
            for key in named:
                found.setdefault(key, []).append(each.ignored)
    return found


@once_per_project
def _by_scope(project: Project) -> dict[str, Selection]:
    found: dict[str, list[Selection]] = {}
    for each in _namings(project):
        if each.ignored is None:
            found.setdefault(each.scope, []).append(each.selection)
    return {scope: _together(selections) for scope, selections in found.items()}


def _together(selections: list[Selection]) -> Selection:
    jobs = frozenset[str]().union(*(each.jobs for each in selections))
    groups = frozenset[str]().union(*(each.groups for each in selections))
    return Selection(jobs, groups, any(each.open for each in selections))


def may_be_scheduled(project: Project, scope: str) -> bool:
    """Whether something in the tree backs volumes up by the clock, or may."""
    jobs = project.objects(KIND, group="longhorn.io")
    if any(same_cluster(obj.scope, scope) and _may_back_up(obj) for obj in jobs):
        return True
    for kind, groups in _OTHER_BACKUPS.items():
        for obj in project.objects(kind):
            if same_cluster(obj.scope, scope) and obj.group in groups:
                return True
    releases = (release for release in project.releases if same_cluster(release.scope, scope))
    if any(_brings_job(release) or _is_scheduled(release) for release in releases):
        return True
    named = selected(project, scope)
    return named.open or bool(named.jobs | named.groups)


def _may_back_up(obj: KubeObject) -> bool:
    task = obj.field("spec", "task")
    return task.unknown or obj.partial or task.value in (*BACKUPS, "system-backup")


def _brings_job(release: Release) -> bool:
    """Whether a chart is handed whole objects, and a job may be among them."""
    sources = (source for source in release.sources if KIND in source.values.document.text)
    return any(f"'kind': '{KIND}'" in str(source.values.value) or KIND in _texts(source.values) for source in sources)


def _is_scheduled(release: Release) -> bool:
    """Whether Velero's chart is handed schedules."""
    return release.chart.name == "velero" and release.values.get("schedules").value not in (None, {}, [])


def _texts(values: Field) -> str:
    """The objects that values hold as text."""
    objects = (values.get(key).value for key in ("extraObjects", "extraDeploy", "extraManifests", "rawResources"))
    return " ".join(str(each) for each in objects)


@once_per_project
def _namings(project: Project) -> list[Naming]:
    return [naming for naming in _read(project) if naming.selection != NOTHING]


def _read(project: Project) -> Iterator[Naming]:
    objects = set()
    for obj in project.all_objects:
        text = obj.document.text
        if obj.kind == "CustomResourceDefinition":
            continue
        if _LABEL in text:
            objects.add(obj.file)
            yield _of_object(project, obj)
        if obj.kind == "StorageClass" and _SELECTOR in text:
            yield Naming(obj.scope, _of_text(obj.field("parameters", _SELECTOR)))
        elif obj.kind == "ConfigMap" and _SELECTOR in text:
            yield Naming(obj.scope, NOTHING._replace(open=True))
    for release in project.releases:
        if is_longhorn(release):
            yield Naming(release.scope, _of_chart(release))
    for document in project.documents:  # the values of charts
        if document.file not in objects and _LABEL in document.text:
            yield Naming("", labelled(document.text))


def _of_object(project: Project, obj: KubeObject) -> Naming:
    found = labelled(str(obj.root.value))
    if obj.kind == "PersistentVolumeClaim" and found != NOTHING and not obj.partial:
        labels = obj.field("metadata", "labels")
        is_known = not labels.unknown and not project.may_be_patched(obj, "metadata", "labels")
        if is_known and not is_source(as_mapping(labels.value)):
            return Naming(obj.scope, found, obj)
    return Naming(obj.scope, found)


def _of_chart(release: Release) -> Selection:
    chosen = release.values.get("persistence", _SELECTOR)
    if chosen.unknown:
        return NOTHING._replace(open=True)
    if chosen.get("enable").absent or chosen.get("enable").boolean is False:
        return NOTHING
    jobs = chosen.get("jobList")
    return _of_text(jobs) if isinstance(jobs.value, str) or jobs.unknown else listed(jobs.value)


def _of_text(field: Field) -> Selection:
    if field.absent:
        return NOTHING
    return selector(field.text) if field.text is not None else NOTHING._replace(open=True)
