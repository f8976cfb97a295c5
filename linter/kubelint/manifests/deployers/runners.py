"""The account of the runner that takes a job, where exactly one runner object of the repository does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kubelint.cluster.runners import RunnerPool, Verdict, serves
from kubelint.manifests.access import Identity
from kubelint.manifests.deployers.accounts import token_of
from kubelint.manifests.deployers.credentials import of_container, of_job
from kubelint.manifests.deployers.model import Link, Who, service_account
from kubelint.manifests.deployers.surroundings import variables_of
from kubelint.manifests.field import Field
from kubelint.manifests.github.calls import Calls
from kubelint.manifests.github.reusable import ReusableWorkflows
from kubelint.manifests.github.runs_on import RunsOn
from kubelint.manifests.github.workflows import WorkflowJob
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.project import Project
from kubelint.manifests.runners import PlacedPool, ReleasedSet, chart_accounts, placed_pools
from kubelint.manifests.runners.pods import DEFAULT_ACCOUNT, account_field, pod_specs
from kubelint.manifests.scopes import scope_of


@dataclass(frozen=True)
class Runner:
    """A pool of runners: what it is called, where its name stands, and the account of its pods, or why not.

    `variables` are those of the environment of its steps.
    """

    pool: RunnerPool
    title: str
    name: Field
    account: Field
    identity: Identity | None
    unknown: str
    scope: str
    variables: dict[str, str | None]


@dataclass(frozen=True)
class Taken:
    """Who takes a job: the identity, the cluster, and variables that the runner's pod sets."""

    who: Who
    scope: str
    variables: dict[str, str | None]


class Runners:
    """The runner objects of a project by repository, and the jobs that they take."""

    def __init__(self, project: Project, calls: Calls) -> None:
        self._project = project
        self._calls = calls
        self._flows = ReusableWorkflows(project.workflows)
        self._known: dict[str, list[Runner]] = {}
        for placed in placed_pools(project):
            self._known.setdefault(placed.repository, []).append(_runner(project, placed))

    def taken(self, job: WorkflowJob) -> list[Taken]:
        """As whom the steps of a job act; several where callers of a reusable workflow choose different runners."""
        own = of_job(self._calls, job)
        if own:
            return [self._taken(job, own, None)]
        found: dict[tuple[Identity | None, str], Taken] = {}
        for asked in self._flows.runners(job):
            taken = self._taken(job, self._taker(job, asked), _elsewhere(job, asked))
            found.setdefault((taken.who.identity, taken.scope), taken)
        known = [taken for taken in found.values() if taken.who.identity is not None]
        return known or list(found.values())[:1] or [self._taken(job, "nothing calls the workflow", None)]

    def _taken(self, job: WorkflowJob, found: Runner | str, given: Field | None) -> Taken:
        links = [Link(job.runs_on, "the job runs here")]
        if given is not None:
            links.append(Link(given, "on the runner that is named here"))
        document = job.workflow.document
        if isinstance(found, str):
            return Taken(Who(None, found, tuple(links)), scope_of(document.file, document.repository), {})
        named = found.account if found.account.exists else found.name
        links.append(Link(found.name, f"taken by `{found.title}`"))
        if found.identity is not None:
            links.append(Link(named, "whose pods act as this account"))
        return Taken(Who(found.identity, found.unknown, tuple(links)), found.scope, found.variables)

    def _taker(self, job: WorkflowJob, asked: RunsOn) -> Runner | str:
        """The one runner object that takes the job, or why there is none."""
        runners = self._known.get(job.workflow.document.repository, [])
        if asked.unknown or not asked.alternatives or any(one.partial for one in asked.alternatives):
            return "it is not known which runner takes the job"
        taking: dict[int, Runner] = {}
        for labels in asked.alternatives:
            for each in runners:
                verdict = serves(each.pool, labels.texts, asked.group)
                if verdict is Verdict.UNKNOWN:
                    return f"`{each.title}` may take the job, or may not"
                if verdict is Verdict.YES:
                    taking[id(each)] = each
        found = list(taking.values())
        if len(found) > 1 and len({(one.identity, one.scope) for one in found}) > 1:
            return "several runners take the job"
        return found[0] if found else "no runner of the tree takes the job"


def _elsewhere(job: WorkflowJob, asked: RunsOn) -> Field | None:
    """Where a caller of the workflow, or a matrix, names the runner, if that is one place."""
    fields = {label.field.path: label.field for labels in asked.alternatives for label in labels.labels}
    own = job.runs_on.path
    others = [field for path, field in fields.items() if path[: len(own)] != own]
    return others[0] if len(others) == len(fields) == 1 else None


def _runner(project: Project, placed: PlacedPool) -> Runner:
    if placed.obj is not None:
        return _of_object(project, placed, placed.obj)
    if placed.released is not None:
        return _of_release(project, placed, placed.released)
    document, nowhere = placed.name.document, placed.name.get("serviceAccountName")
    unknown = f"the service account of {placed.title} is not known"
    scope = scope_of(document.file, document.repository)
    return Runner(placed.pool, placed.title, placed.name, nowhere, None, unknown, scope, {})


def _of_object(project: Project, placed: PlacedPool, obj: KubeObject) -> Runner:
    account = account_field(obj)
    places = project.kustomizations.namespaces(obj)
    namespace = next(iter(places)) if len(places) == 1 else None
    identity, unknown = service_account(account, namespace, DEFAULT_ACCOUNT, obj.display)
    specs = pod_specs(obj)
    for spec in specs:
        identity, why = token_of(project, spec, identity, obj.scope, obj.display)
        unknown = unknown or why
    if project.may_be_patched(obj, *account.path[len(obj.root.path) :]):
        identity, unknown = None, f"a patch may set the service account of {obj.display}"
    identity, unknown, variables = _as_set_up(specs, identity, unknown)
    return Runner(placed.pool, obj.display, placed.name, account, identity, unknown, obj.scope, variables)


def _of_release(project: Project, placed: PlacedPool, released: ReleasedSet) -> Runner:
    release, account = released.release, chart_accounts.account_field(released.values)
    spec = released.values.get("template", "spec")
    own = chart_accounts.own_account(released)
    identity, unknown = service_account(account, release.namespace, own, release.display)
    identity, why = token_of(project, spec, identity, release.scope, release.display)
    identity, unknown, variables = _as_set_up([spec], identity, unknown or why)
    return Runner(placed.pool, release.display, placed.name, account, identity, unknown, release.scope, variables)


def _as_set_up(
    specs: Iterable[Field], identity: Identity | None, unknown: str
) -> tuple[Identity | None, str, dict[str, str | None]]:
    """The identity, unless the runner's container brings credentials of its own, and the variables that it sets."""
    containers = list(_containers(specs))
    own = next(filter(None, map(of_container, containers)), "")
    variables = {name: value for container in containers for name, value in variables_of(container).items()}
    return (None, own, variables) if own else (identity, unknown, variables)


def _containers(specs: Iterable[Field]) -> Iterator[Field]:
    """What sets up the container that steps run in: legacy kinds do so beside its pod's own list."""
    for spec in specs:
        yield spec
        for container in spec.get("containers").elements():
            if container.get("name").text in ("runner", None):
                yield container
