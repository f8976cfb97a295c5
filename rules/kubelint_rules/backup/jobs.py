"""Longhorn's recurring jobs in a tree, and what names them."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.cluster.longhorn.recurring_jobs import BACKUPS, NOTHING, Selection, labelled, listed, selector
from kubelint.manifests import Field, KubeObject, Project, once_per_project, same_cluster
from kubelint.manifests.releases import Release
from kubelint_rules.backup.installations import is_longhorn

KIND = "RecurringJob"
_SELECTOR = "recurringJobSelector"
_PREFIXES = ("recurring-job.longhorn.io/", "recurring-job-group.longhorn.io/")
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


def selected(project: Project, scope: str) -> Selection:
    """The jobs and groups that labels and storage classes name in the cluster of `scope`."""
    found = NOTHING
    for other, selection in _selections(project):
        if same_cluster(other, scope):
            found = found | selection
    return found


def may_be_scheduled(project: Project, scope: str) -> bool:
    """Whether something in the tree backs volumes up by the clock, or may."""
    jobs = project.objects(KIND, group="longhorn.io")
    if any(same_cluster(obj.scope, scope) and _may_back_up(obj) for obj in jobs):
        return True
    for kind, groups in _OTHER_BACKUPS.items():
        for obj in project.objects(kind):
            if same_cluster(obj.scope, scope) and obj.group in groups:
                return True
    if any(_brings_job(release) for release in project.releases if same_cluster(release.scope, scope)):
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


def _texts(values: Field) -> str:
    """The objects that values hold as text."""
    objects = (values.get(key).value for key in ("extraObjects", "extraDeploy", "extraManifests", "rawResources"))
    return " ".join(str(each) for each in objects)


@once_per_project
def _selections(project: Project) -> list[tuple[str, Selection]]:
    return list(_read(project))


def _read(project: Project) -> Iterator[tuple[str, Selection]]:
    seen: set[tuple[str, str]] = set()
    for obj in project.all_objects:
        text = obj.document.text
        if obj.kind == "CustomResourceDefinition" or (obj.file, obj.scope) in seen:
            continue
        if any(prefix in text for prefix in _PREFIXES):
            seen.add((obj.file, obj.scope))
            yield obj.scope, labelled(text)
        if obj.kind == "StorageClass" and _SELECTOR in text:
            yield obj.scope, _of_text(obj.field("parameters", _SELECTOR))
        elif obj.kind == "ConfigMap" and _SELECTOR in text:
            yield obj.scope, NOTHING._replace(open=True)
    for release in project.releases:
        if is_longhorn(release):
            yield release.scope, _of_chart(release)
    yield from _of_value_files(project, seen)


def _of_value_files(project: Project, seen: set[tuple[str, str]]) -> Iterator[tuple[str, Selection]]:
    """Labels in documents that are no objects: the values of charts."""
    files = {file for file, _ in seen}
    for document in project.documents:
        if document.file not in files and any(prefix in document.text for prefix in _PREFIXES):
            yield "", labelled(document.text)


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
