"""The commands that jobs of workflows run: in their steps, in actions of the tree, in the scripts that these call."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.manifests.deployers.commands import Deploying, deploying
from kubelint.manifests.deployers.model import Link, Who
from kubelint.manifests.deployers.runners import Runners, Taken
from kubelint.manifests.deployers.surroundings import Surroundings, merged
from kubelint.manifests.deployers.versions import of_job, pinned
from kubelint.manifests.github.calls import Calls, Part
from kubelint.manifests.github.workflows import WorkflowJob
from kubelint.manifests.project import Project
from kubelint.manifests.shell.scripts import Script


def job_deployments(project: Project) -> Iterator[tuple[Script, Deploying, Who, str]]:
    """The commands that deploy, with the script that each stands in, as whom it acts, and in which cluster."""
    calls = Calls(project)
    runners: Runners | None = None
    for flow in project.workflows:
        for job in flow.jobs:
            parts = calls.parts(job) if job.runs else []
            if any(part.script is not None and part.script.mentions("helm", "kubectl") for part in parts):
                runners = runners or Runners(project, calls)
                yield from _of_job(project, runners, job, parts)


def _of_job(
    project: Project, runners: Runners, job: WorkflowJob, parts: list[Part]
) -> Iterator[tuple[Script, Deploying, Who, str]]:
    taken: list[Taken] | None = None
    version, is_set = of_job(parts)
    for part in parts:
        script = part.script
        if script is None or not script.mentions("helm", "kubectl"):
            continue
        if not is_set:
            version = pinned(project, script.repository, script.working_directory)
        # Whether anything deploys is cheaper to tell than as whom.
        plain = Surroundings(script, version, _variables(job, parts, part), part.origin)
        found = list(deploying(project, plain))
        taken = runners.taken(job) if found and taken is None else taken
        for way in taken or () if found else ():
            around = Surroundings(script, version, {**way.variables, **plain.variables}, part.origin)
            chosen = list(deploying(project, around)) if way.variables else found
            yield from ((script, one, _through(part, way.who), way.scope) for one in chosen)


def _variables(job: WorkflowJob, parts: list[Part], part: Part) -> dict[str, str | None]:
    """The environment of a step, as far as the workflow tells."""
    texts = [each.script.text for each in parts if each.script is not None]
    return merged((job.workflow.env, job.env, *part.levels), texts)


def _through(part: Part, who: Who) -> Who:
    """The chain with the calls that lead to the script."""
    calls = tuple(Link(place, "called here") for place in part.way)
    return who._replace(chain=(*calls, *who.chain)) if calls else who
