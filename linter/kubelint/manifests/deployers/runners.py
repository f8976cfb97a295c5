"""The account of the runner that takes a job, where exactly one runner object of the repository does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kubelint.cluster.plain import as_mapping
from kubelint.cluster.runner_pools import (
    CONFIG_PATHS,
    LEGACY_GROUP,
    ScaleSetRelease,
    is_scale_set_chart,
    legacy_pool,
    scale_set_pool,
)
from kubelint.cluster.runners import UNRESOLVED, RunnerPool, Verdict, serves
from kubelint.manifests.access import Identity
from kubelint.manifests.deployers.credentials import of_job
from kubelint.manifests.deployers.model import Link, Who, service_account
from kubelint.manifests.field import Field
from kubelint.manifests.github.workflows import WorkflowJob
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.project import Project
from kubelint.manifests.releases.release import Release

KINDS = frozenset({"AutoscalingRunnerSet", "Runner", "RunnerDeployment", "RunnerReplicaSet", "RunnerSet"})
_ACCOUNT = "serviceAccountName"


@dataclass(frozen=True)
class Runner:
    """A pool of runners: what it is called, where its name stands, and the account of its pods, or why not."""

    pool: RunnerPool
    title: str
    name: Field
    account: Field
    identity: Identity | None
    unknown: str
    scope: str


class Runners:
    """The runner objects of a project by repository."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[str, list[Runner]] = {}
        for runner in (*_objects(project), *_releases(project)):
            self._known.setdefault(runner.name.document.repository, []).append(runner)
        self._jobs: dict[int, Who] = {}

    def who(self, job: WorkflowJob) -> Who:
        """As whom the steps of a job act."""
        if id(job) not in self._jobs:
            self._jobs[id(job)] = self._who(job)
        return self._jobs[id(job)]

    def scope(self, job: WorkflowJob) -> str | None:
        """The cluster of the runner that takes the job."""
        runner = self._taker(job)
        return runner.scope if isinstance(runner, Runner) else None

    def _who(self, job: WorkflowJob) -> Who:
        start = Link(job.runs_on, "the job runs here")
        own = of_job(self._project, job)
        if own:
            return Who(None, own)
        found = self._taker(job)
        if isinstance(found, str):
            return Who(None, found, (start,))
        named = found.account if found.account.exists else found.name
        links = (start, Link(found.name, f"taken by `{found.title}`"), Link(named, "whose pods act as this account"))
        return Who(found.identity, found.unknown, links if found.identity is not None else links[:2])

    def _taker(self, job: WorkflowJob) -> Runner | str:
        """The one runner object that takes the job, or why there is none."""
        runner = job.runner()
        runners = self._known.get(job.workflow.document.repository, [])
        if runner.unknown or not runner.alternatives or any(one.partial for one in runner.alternatives):
            return "it is not known which runner takes the job"
        taking: dict[int, Runner] = {}
        for labels in runner.alternatives:
            for each in runners:
                verdict = serves(each.pool, labels.texts, runner.group)
                if verdict is Verdict.UNKNOWN:
                    return f"`{each.title}` may take the job, or may not"
                if verdict is Verdict.YES:
                    taking[id(each)] = each
        found = list(taking.values())
        if len(found) > 1 and len({(one.identity, one.scope) for one in found}) > 1:
            return "several runners take the job"
        return found[0] if found else "no runner of the tree takes the job"


def _objects(project: Project) -> Iterator[Runner]:
    for obj in project.objects(KINDS):
        manifest = as_mapping(obj.root.value)
        pool = None if obj.partial else legacy_pool(manifest) or scale_set_pool(manifest)
        if pool is None:
            continue
        account = _account_field(obj)
        places = project.kustomizations.namespaces(obj)
        namespace = next(iter(places)) if len(places) == 1 else None
        identity, unknown = service_account(account, namespace, "default", obj.display)
        if _sibling(obj, account, "automountServiceAccountToken").boolean is False:
            identity, unknown = None, f"the pods of {obj.display} get no token"
        if project.may_be_patched(obj, *account.path[len(obj.root.path) :]):
            identity, unknown = None, f"a patch may set the service account of {obj.display}"
        yield Runner(pool, obj.display, obj.field(*pool.name_path), account, identity, unknown, obj.scope)


def _account_field(obj: KubeObject) -> Field:
    """Where a runner object names its account. A RunnerSet may do so in two places."""
    if obj.group != LEGACY_GROUP:
        return obj.field("spec", "template", "spec", _ACCOUNT)
    own = obj.field(*CONFIG_PATHS.get(obj.kind, ("spec",)), _ACCOUNT)
    inner = obj.field("spec", "template", "spec", _ACCOUNT)
    return own if own.exists or obj.kind != "RunnerSet" else inner


def _sibling(obj: KubeObject, field: Field, name: str) -> Field:
    return obj.field(*field.path[len(obj.root.path) : -1], name)


def _releases(project: Project) -> Iterator[Runner]:
    for release in project.releases if _mentions_scale_sets(project) else ():
        if not release.partial and is_scale_set_chart(release.chart.name or release.chart.at.text):
            yield _of_release(release)


def _mentions_scale_sets(project: Project) -> bool:
    return any("gha-runner-scale-set" in document.text for document in project.documents)


def _of_release(release: Release) -> Runner:
    values = release.values
    keys = ("runnerScaleSetName", "scaleSetLabels", "runnerGroup")
    plain = {key: UNRESOLVED if values.get(key).unknown else values.get(key).value for key in keys}
    pool = ScaleSetRelease(plain, release.name or UNRESOLVED, release.wrapper).pool()
    account = values.get("template", "spec", _ACCOUNT)
    mode = values.get("containerMode", "type")
    given = f"{pool.name}-gha-rs-no-permission" if mode.absent and pool.name != UNRESOLVED else None
    identity, unknown = service_account(account, release.namespace, given, release.display)
    named = values.get(*pool.name_path) if pool.name_path else release.name_at
    return Runner(pool, release.display, named, account, identity, unknown, release.scope)
