"""The images that commands of scripts build: `docker build`, `docker buildx build` and their kin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import join
from typing import NamedTuple

from kubelint.manifests import Field, Project
from kubelint.manifests.hosts import At
from kubelint.manifests.shell.scripts import Command, Script, Word
from kubelint_rules.scheduling.builders import Builder, Builders
from kubelint_rules.scheduling.image_evidence import BUILDING
from kubelint_rules.scheduling.task_files import task_scripts
from kubelint_rules.scheduling.workflow_values import architectures, filled, rows_of

_FIRST = frozenset({"buildx", "image", "builder"})
_BUILD = frozenset({"build", "bud", "b"})
_TAGGED = re.compile(r"[\"']?([\w.-]+(?::\d+)?(?:/[\w.-]+)+):[^/]*")
_MERGES = (("buildx", "imagetools", "create"), ("manifest", "create"), ("manifest", "push"))


class CommandBuild(NamedTuple):
    """A build that a command makes. ``name`` is None where builds of the file are put together under a name that is
    unknown; ``architectures`` None where they are. ``dockerfile`` is the path of what is built, ``machine`` what
    tells the architecture of the machine that builds, if something beside the job does.
    """

    name: re.Pattern[str] | None
    architectures: frozenset[str] | None
    at: At
    file: str
    dockerfile: str | None = None
    machine: Field | None = None


def command_builds(project: Project, builders: Builders) -> Iterator[CommandBuild]:
    """The builds of a project's scripts."""
    scripts = (script for script in project.scripts if script.mentions(*BUILDING))
    for script in (*scripts, *task_scripts(project, *BUILDING)):
        for command in script.commands:
            if command.name in BUILDING:
                yield from _of_command(script, command, builders)


def _of_command(script: Script, command: Command, builders: Builders) -> Iterator[CommandBuild]:
    words = [word.text or "" for word in command.words[1:4]]
    if any(tuple(words[: len(merge)]) == merge for merge in _MERGES):
        # What puts builds together makes one image of several: none of them tells what it is for.
        yield CommandBuild(None, None, command.at, script.file)
        return
    verb = words[1] if words[:1] and words[0] in _FIRST else words[0] if words else ""
    if verb not in _BUILD:
        return
    options = _options(command)
    asked = [word for name in ("--platform", "--arch") for word in options.get(name, ())]
    builder = Builder() if asked else _builder(script, builders)
    own = frozenset({builder.architecture}) if builder.architecture else None
    found = _platforms(asked) if asked else own
    at: At = asked[0].at if asked else _runner_at(script, command)
    for tag in (word for name in ("-t", "--tag") for word in options.get(name, ())):
        name = _name(tag)
        if name is not None:
            yield CommandBuild(name, found, at, script.file, _dockerfile(command, options), builder.at)


def _name(tag: Word) -> re.Pattern[str] | None:
    """What matches the repositories that an image is tagged for; what stands behind the last colon does not matter."""
    found = _TAGGED.fullmatch(tag.raw)
    text = found[1] if found is not None else tag.text
    return filled(text) if text else None


def _options(command: Command) -> dict[str, list[Word]]:
    """The values of the options that matter, by name."""
    found: dict[str, list[Word]] = {}
    for name in ("--platform", "--arch", "-t", "--tag", "-f", "--file"):
        found[name] = command.option(name)
    return found


def _platforms(asked: list[Word]) -> frozenset[str] | None:
    return architectures(",".join(word.text or "?" for word in asked))


def _builder(script: Script, builders: Builders) -> Builder:
    """The machine that a script runs on: that of the job; nobody knows where people call it."""
    job = script.step.job if script.step is not None else None
    if job is None:
        return Builder()
    found = [builders.of(job, row) for row in rows_of(job)]
    return found[0] if len({builder.architecture for builder in found}) == 1 else Builder()


def _runner_at(script: Script, command: Command) -> At:
    job = script.step.job if script.step is not None else None
    return job.runs_on if job is not None else command.at


def _dockerfile(command: Command, options: dict[str, list[Word]]) -> str | None:
    files = [*options["-f"], *options["--file"]]
    if files:
        return command.path(files[-1])
    folder = command.path(command.words[-1])
    return None if folder is None else join(folder, "Dockerfile")
