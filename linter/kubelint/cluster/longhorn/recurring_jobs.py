"""Longhorn's recurring jobs: what makes one invalid, and which volumes it runs for.

Follows longhorn-manager `datastore/longhorn.go` (`ValidateRecurringJob`), the CustomResourceDefinition
`recurringjobs.longhorn.io`, `webhook/resources/recurringjob/mutator.go`, which completes a job before it is checked,
and `types/types.go` for the labels of volumes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import NamedTuple

from kubelint.cluster.cron import cron_problem
from kubelint.cluster.plain import as_mapping
from kubelint.cluster.templates import has_template

BACKUPS = frozenset({"backup", "backup-force-create"})
"""The tasks that back volumes up."""
TASKS = (
    "snapshot", "snapshot-force-create", "snapshot-cleanup", "snapshot-delete",
    "backup", "backup-force-create", "filesystem-trim", "system-backup",
)  # fmt: skip
DEFAULT_GROUP = "default"
"""The group of all volumes that have no job of their own."""
_MOST_KEPT = 100
"""What `recurring-job-max-retention` is by default."""
_MOST_EVER_KEPT = 250
"""What that setting may be at most."""
_WITHOUT_COUNT = frozenset({"snapshot-cleanup", "filesystem-trim", "snapshot-delete"})
_PARAMETERS = {
    "backup": frozenset({"full-backup-interval"}),
    "backup-force-create": frozenset({"full-backup-interval"}),
    "system-backup": frozenset({"volume-backup-policy"}),
}
_LABEL = re.compile(
    r"recurring-job(-group)?\.longhorn\.io(?:/|~1)([^\s\"'`:=,\])}]+)(?:[\"']?\s*[:=]\s*[\"']?([\w-]+))?"
)
_ENABLED = "enabled"
SOURCE = "recurring-job.longhorn.io/source"
"""The label of a claim with which Longhorn takes its other labels over to the volume."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]+")


class JobProblem(NamedTuple):
    """What is wrong with a job: the path below `spec`, and words that follow on "the recurring job `x`"."""

    path: tuple[str, ...]
    text: str
    certain: bool = True
    """Whether the job is refused for sure; else Longhorn changes the field, or a setting decides."""
    typed: bool = False
    """Whether the type is wrong."""


class Selection(NamedTuple):
    """The jobs and groups that something names."""

    jobs: frozenset[str]
    groups: frozenset[str]
    open: bool = False
    """Whether it may name more than can be read."""

    def takes(self, job: str, groups: list[str]) -> bool:
        """Whether a job is named, or one of its groups, or may be."""
        return self.open or job in self.jobs or not self.groups.isdisjoint(groups)


NOTHING = Selection(frozenset(), frozenset())


def is_name(name: str) -> bool:
    """Whether Longhorn takes a job of that name (`util.ValidateName`): two characters at least."""
    return _NAME.fullmatch(name) is not None


def job_problems(spec: object) -> list[JobProblem]:
    """Why Longhorn, or the API server, refuses a job with this `spec`. Template text is nowhere wrong."""
    fields = {key: value for key, value in as_mapping(spec).items() if not _is_template(value)}
    known = as_mapping(spec)
    found = [_task_problem(fields, "task" in known), _cron_problem(fields, "cron" in known), *_types(fields)]
    found += [_retain_problem(fields, as_mapping(spec)), *_parameter_problems(fields)]
    return [problem for problem in found if problem is not None]


def labelled(text: str) -> Selection:
    """The jobs and groups that labels of volumes name anywhere in `text`, by the value `enabled` or one not read."""
    jobs: set[str] = set()
    groups: set[str] = set()
    unknown = False
    for match in _LABEL.finditer(text):
        if match[3] in (None, _ENABLED) and (match[1] or match[2] != "source"):
            unknown = unknown or has_template(match[2])
            (groups if match[1] else jobs).add(match[2])
    return Selection(frozenset(jobs), frozenset(groups), unknown)


def is_source(labels: Mapping[str, object]) -> bool:
    """Whether Longhorn takes the labels of a claim over to its volume, or may: template text is not judged."""
    given = labels.get(SOURCE)
    return given == _ENABLED or _is_template(given) or any(has_template(key) for key in labels)


def selector(text: str) -> Selection:
    """What a StorageClass's `recurringJobSelector` names: JSON, `[{"name": "backup", "isGroup": true}]`."""
    if not text.strip():
        return NOTHING
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError):
        return NOTHING._replace(open=True)
    return listed(entries)


def listed(entries: object) -> Selection:
    """What a list of `{name, isGroup}` names; open where it is no such list."""
    if not isinstance(entries, list) or has_template(str(entries)):
        return NOTHING._replace(open=True)
    jobs: set[str] = set()
    groups: set[str] = set()
    for entry in entries:
        name = as_mapping(entry).get("name")
        if isinstance(name, str):
            (groups if as_mapping(entry).get("isGroup") in (True, "true") else jobs).add(name)
    return Selection(frozenset(jobs), frozenset(groups))


def _is_template(value: object) -> bool:
    return isinstance(value, str) and has_template(value)


def _task_problem(fields: Mapping[str, object], is_there: bool) -> JobProblem | None:
    task = fields.get("task")
    if task in TASKS or (is_there and "task" not in fields):
        return None
    if task is None or task == "":
        return JobProblem(("task",), "has no `task`")
    return JobProblem(("task",), f"has a `task` that Longhorn does not know: `{task}`")


def _cron_problem(fields: Mapping[str, object], is_there: bool) -> JobProblem | None:
    cron = fields.get("cron")
    if is_there and "cron" not in fields:
        return None
    if cron is None or cron == "":
        return JobProblem(("cron",), "has no schedule in `cron`")
    if not isinstance(cron, str):
        return JobProblem(("cron",), "has a `cron` that is no text", typed=True)
    problem = cron_problem(cron)
    return JobProblem(("cron",), f"has a schedule that {problem}") if problem else None


def _types(fields: Mapping[str, object]) -> list[JobProblem]:
    """What the API server refuses: the types of the CustomResourceDefinition."""
    found = []
    for key in ("retain", "concurrency"):
        if key in fields and fields[key] is not None and not _is_integer(fields[key]):
            found.append(JobProblem((key,), f"has a `{key}` that is no whole number", typed=True))
    if not isinstance(fields.get("groups"), list | None):
        found.append(JobProblem(("groups",), "has `groups` that are no list", typed=True))
    for key in ("labels", "parameters"):
        if not isinstance(fields.get(key), Mapping | None):
            found.append(JobProblem((key,), f"has `{key}` that are no mapping", typed=True))
    return found


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _retain_problem(fields: Mapping[str, object], spec: Mapping[str, object]) -> JobProblem | None:
    retain = fields.get("retain")
    by_age = spec.get("retentionPolicy") not in (None, "count-based")
    if by_age or not isinstance(retain, int) or isinstance(retain, bool):
        return None
    if retain > _MOST_EVER_KEPT:
        return JobProblem(("retain",), f"keeps {retain}, and Longhorn never more than {_MOST_EVER_KEPT}")
    if retain > _MOST_KEPT:
        text = f"keeps {retain}, and `recurring-job-max-retention` is {_MOST_KEPT} unless it is changed"
        return JobProblem(("retain",), text, certain=False)
    if retain < 1 and spec.get("task") in TASKS and spec.get("task") not in _WITHOUT_COUNT:
        return JobProblem(("retain",), f"asks to keep {retain}, of which Longhorn makes 1", certain=False)
    return None


def _parameter_problems(fields: Mapping[str, object]) -> list[JobProblem]:
    allowed = _PARAMETERS.get(str(fields.get("task")))
    if allowed is None:
        return []
    return [
        JobProblem(("parameters", key), f"has a parameter that Longhorn does not know for its task: `{key}`")
        for key in as_mapping(fields.get("parameters"))
        if key not in allowed and not has_template(key)
    ]
