"""Runners and what jobs ask for: who matches, and what becomes of the job.

Each row: the runner, `runs-on` (labels, `@` and a group), whether GitHub gives the job to the runner, whether ARC's
webhook autoscaler and its queue metric match it (`-` for scale sets, which they do not know), and the outcome.

A runner is `kind key=value …`: `hra` is how a HorizontalRunnerAutoscaler scales it, from `min` runners on, `labels` its
own list (`none`: an empty one), `*` stands for `${VAR}`.
"""

from __future__ import annotations

from typing import Any

import pytest

from kubelint.cluster.runners import (
    Autoscaler,
    RunnerPool,
    ScaleSetRelease,
    autoscaler,
    legacy_pool,
    outcome,
    queue_metric_matches,
    released_runners,
    scale_set_pool,
    serves,
    webhook_matches,
)

LEGACY_DEFAULTS = """
deployment                                | self-hosted             | yes     | yes | yes | runs
deployment                                | Self-Hosted             | yes     | no  | no  | runs
deployment                                | self-hosted,linux       | yes     | no  | no  | runs
deployment                                | self-hosted,Linux       | yes     | no  | no  | runs
deployment                                | linux                   | yes     | no  | no  | runs
deployment                                | self-hosted,linux,x64   | unknown | no  | no  | unknown
deployment                                | self-hosted,linux,ARM64 | unknown | no  | no  | unknown
deployment                                | self-hosted,windows     | no      | no  | no  | waits
deployment                                | self-hosted,macos       | no      | no  | no  | waits
deployment                                | self-hosted,gpu         | no      | no  | no  | waits
deployment                                | ubuntu-latest           | no      | no  | no  | waits
deployment                                | kiln                    | no      | no  | no  | waits
deployment labels=none                    | self-hosted             | yes     | yes | yes | runs
deployment labels=none                    | gpu                     | no      | no  | no  | waits
set-of-pods                               | self-hosted,linux       | yes     | no  | no  | runs
replicas                                  | self-hosted             | yes     | yes | yes | runs
one                                       | self-hosted,linux       | yes     | no  | no  | runs
deployment arch=amd64                     | self-hosted,linux,x64   | yes     | no  | no  | runs
deployment arch=amd64                     | self-hosted,arm64       | no      | no  | no  | waits
deployment arch=amd64                     | self-hosted,arm         | no      | no  | no  | waits
deployment arch=arm64                     | self-hosted,ARM64       | yes     | no  | no  | runs
deployment arch=arm64                     | self-hosted,x64         | no      | no  | no  | waits
deployment arch=arm                       | self-hosted,arm         | yes     | no  | no  | runs
deployment arch=s390x                     | self-hosted,x64         | unknown | no  | no  | unknown
deployment arch=*                         | self-hosted,arm64       | unknown | no  | no  | unknown
deployment os=windows                     | self-hosted,windows     | yes     | no  | no  | runs
deployment os=windows                     | self-hosted,linux       | no      | no  | no  | waits
deployment os=linux                       | self-hosted,linux       | yes     | no  | no  | runs
deployment os=*                           | self-hosted,windows     | unknown | no  | no  | unknown
deployment image=example/windows-runner:1 | self-hosted,windows     | unknown | no  | no  | unknown
deployment image=example/windows-runner:1 | self-hosted,linux       | no      | no  | no  | waits
"""

LEGACY_LABELS = """
deployment labels=gpu                       | self-hosted                 | yes     | yes | yes | runs
deployment labels=gpu                       | gpu                         | yes     | yes | yes | runs
deployment labels=gpu                       | GPU                         | yes     | yes | no  | runs
deployment labels=gpu                       | self-hosted,gpu             | yes     | yes | yes | runs
deployment labels=gpu                       | self-hosted,linux,gpu       | yes     | no  | no  | runs
deployment labels=gpu                       | self-hosted,linux,x64,gpu   | unknown | no  | no  | unknown
deployment labels=gpu                       | self-hosted,gpu,big         | no      | no  | no  | waits
deployment labels=gpu                       | gp                          | no      | no  | no  | waits
deployment labels=gpu                       | gpus                        | no      | no  | no  | waits
deployment labels=gpu,Fast                  | fast,GPU                    | yes     | yes | no  | runs
deployment labels=gpu,Fast                  | gpu,Fast                    | yes     | yes | yes | runs
deployment labels=self-hosted               | self-hosted                 | yes     | yes | yes | runs
deployment labels=self-hosted               | SELF-HOSTED                 | yes     | yes | no  | runs
deployment labels=Self-Hosted               | Self-Hosted                 | yes     | yes | yes | runs
deployment labels=self-hosted,linux,x64,arc | self-hosted,linux,x64       | yes     | yes | yes | runs
deployment labels=self-hosted,linux,x64,arc | Self-Hosted,LINUX,X64,Arc   | yes     | yes | no  | runs
deployment labels=self-hosted,linux,x64,arc | self-hosted,arc             | yes     | yes | yes | runs
deployment labels=self-hosted,linux,x64,arc | self-hosted,linux,arm64     | unknown | no  | no  | unknown
deployment labels=self-hosted,linux,x64,arc | self-hosted,windows         | no      | no  | no  | waits
deployment labels=selfhosted,linux          | selfhosted                  | yes     | yes | yes | runs
deployment labels=selfhosted,linux          | self-hosted                 | yes     | yes | yes | runs
deployment labels=windows                   | self-hosted,windows         | yes     | yes | yes | runs
set-of-pods labels=ephemeral                | self-hosted,ephemeral       | yes     | yes | yes | runs
set-of-pods labels=ephemeral                | self-hosted,linux,ephemeral | yes     | no  | no  | runs
set-of-pods labels=ephemeral                | persistent                  | no      | no  | no  | waits
replicas labels=several                     | several                     | yes     | yes | yes | runs
one labels=single                           | self-hosted,single          | yes     | yes | yes | runs
deployment labels=a+b                       | a                           | yes     | no  | no  | runs
deployment labels=a+b                       | a,b                         | yes     | no  | no  | runs
deployment labels=a+b                       | c                           | no      | no  | no  | waits
"""

LEGACY_STARTS = """
deployment labels=gpu image=summerwind/actions-runner:v2 | self-hosted,gpu    | yes     | yes     | yes     | runs
deployment labels=gpu image=own/runner:1                 | gpu                | yes     | yes     | yes     | runs
deployment labels=gpu image=own/runner:1                 | self-hosted,gpu    | unknown | yes     | yes     | unknown
deployment labels=gpu image=own/runner:1                 | gpu,linux          | unknown | no      | no      | unknown
deployment labels=gpu image=own/runner:1                 | gpu,windows        | no      | no      | no      | waits
deployment labels=gpu command=/start.sh                  | self-hosted,gpu    | unknown | yes     | yes     | unknown
deployment labels=gpu command=/start.sh                  | gpu                | yes     | yes     | yes     | runs
deployment labels=gpu no-defaults=true                   | gpu                | yes     | yes     | yes     | runs
deployment labels=gpu no-defaults=true                   | self-hosted,gpu    | no      | yes     | yes     | waits
deployment labels=gpu no-defaults=1                      | gpu,linux          | no      | no      | no      | waits
deployment labels=gpu no-defaults=false                  | self-hosted,gpu    | yes     | yes     | yes     | runs
deployment labels=gpu no-defaults=*                      | self-hosted,gpu    | unknown | yes     | yes     | unknown
deployment labels=team-*                                 | team-a             | unknown | unknown | unknown | unknown
deployment labels=team-*                                 | self-hosted,TEAM-B | unknown | unknown | unknown | unknown
deployment labels=team-*                                 | crew-a             | no      | no      | no      | waits
deployment labels=team-*                                 | self-hosted        | yes     | yes     | yes     | runs
deployment labels=*                                      | self-hosted,any    | unknown | unknown | unknown | unknown
deployment labels=gpu group=builders                     | gpu@builders       | yes     | yes     | yes     | runs
deployment labels=gpu group=Builders                     | gpu@org/builders   | yes     | yes     | yes     | runs
deployment labels=gpu group=builders                     | gpu@others         | no      | yes     | yes     | waits
deployment labels=gpu group=builders                     | gpu@default        | no      | yes     | yes     | waits
deployment labels=gpu group=builders                     | @builders          | yes     | yes     | yes     | runs
deployment labels=gpu                                    | gpu@Default        | yes     | yes     | yes     | runs
deployment labels=gpu                                    | gpu@builders       | unknown | yes     | yes     | unknown
deployment labels=gpu group=build-*                      | gpu@build-live     | unknown | yes     | yes     | unknown
deployment labels=gpu group=build-*                      | gpu@test           | no      | yes     | yes     | waits
chart-runners labels=test                                | self-hosted,test   | yes     | yes     | yes     | runs
chart-runners labels=test                                | test,big           | no      | no      | no      | waits
chart-runners                                            | test               | unknown | unknown | unknown | unknown
"""

AUTOSCALED = """
deployment hra=webhook                               | self-hosted             | yes     | yes | yes | runs
deployment hra=webhook                               | self-hosted,linux       | yes     | no  | no  | idle only
deployment hra=webhook                               | self-hosted,linux,x64   | unknown | no  | no  | idle only
deployment hra=webhook                               | Self-Hosted             | yes     | no  | no  | idle only
deployment hra=queue                                 | self-hosted,linux       | yes     | no  | no  | idle only
deployment hra=busy                                  | self-hosted,linux       | yes     | no  | no  | idle only
deployment hra=busy min=1                            | self-hosted,linux       | yes     | no  | no  | runs
deployment hra=busy                                  | self-hosted             | yes     | yes | yes | idle only
deployment hra=busy+queue                            | self-hosted,linux       | yes     | no  | no  | idle only
deployment hra=busy+queue                            | self-hosted             | yes     | yes | yes | runs
deployment hra=none                                  | self-hosted,linux       | yes     | no  | no  | idle only
deployment hra=none min=1                            | self-hosted,linux       | yes     | no  | no  | runs
deployment hra=none min=                             | self-hosted,linux       | yes     | no  | no  | runs
deployment hra=webhook min=1                         | self-hosted,linux       | yes     | no  | no  | idle only
deployment hra=two-triggers                          | self-hosted             | yes     | yes | yes | idle only
deployment hra=dead-trigger                          | self-hosted             | yes     | yes | yes | idle only
deployment hra=null-trigger                          | self-hosted             | yes     | yes | yes | idle only
deployment hra=dead-trigger min=2                    | self-hosted             | yes     | yes | yes | runs
deployment hra=template                              | self-hosted,linux       | yes     | no  | no  | runs
deployment labels=gpu hra=webhook                    | self-hosted,gpu         | yes     | yes | yes | runs
deployment labels=gpu hra=webhook                    | self-hosted,GPU         | yes     | yes | no  | runs
deployment labels=gpu hra=queue                      | self-hosted,GPU         | yes     | yes | no  | idle only
deployment labels=gpu hra=queue                      | self-hosted,gpu         | yes     | yes | yes | runs
deployment labels=gpu hra=webhook+queue              | self-hosted,GPU         | yes     | yes | no  | runs
deployment labels=gpu hra=webhook                    | self-hosted,gpu,big     | no      | no  | no  | waits
deployment labels=linux,x64 hra=webhook              | self-hosted,linux,x64   | yes     | yes | yes | runs
deployment labels=linux,x64 hra=queue                | self-hosted,Linux,X64   | yes     | yes | no  | idle only
deployment labels=linux,x64 hra=webhook              | self-hosted,linux,arm64 | unknown | no  | no  | idle only
deployment labels=gpu arch=arm64 hra=webhook         | self-hosted,x64,gpu     | no      | no  | no  | waits
set-of-pods labels=gpu hra=webhook                   | self-hosted,linux,gpu   | yes     | no  | no  | idle only
deployment labels=gpu no-defaults=true hra=webhook   | self-hosted,gpu         | no      | yes | yes | waits
deployment labels=gpu image=own/runner:1 hra=webhook | gpu,linux               | unknown | no  | no  | idle only
"""

SCALE_SETS = """
set name=arc-runner-set                       | arc-runner-set             | yes     | - | - | runs
set name=arc-runner-set                       | ARC-Runner-Set             | yes     | - | - | runs
set name=arc-runner-set                       | self-hosted                | no      | - | - | waits
set name=arc-runner-set                       | self-hosted,arc-runner-set | no      | - | - | waits
set name=arc-runner-set                       | linux                      | no      | - | - | waits
set name=arc-runner-set                       | arc-runner-set,linux       | no      | - | - | waits
set name=arc-runner-set                       | arc-runner-set,x64         | no      | - | - | waits
set name=arc-runner-set                       | arc-runner-set-2           | no      | - | - | waits
set name=arc-runner-set                       | linux,gpu                  | no      | - | - | waits
set name=arc-runner-set                       | @default                   | yes     | - | - | runs
set name=arc-runner-set group=build           | arc-runner-set@build       | yes     | - | - | runs
set name=arc-runner-set group=build           | arc-runner-set@default     | no      | - | - | waits
set name=arc-runner-set group=build           | arc-runner-set             | yes     | - | - | runs
set name=arc-runner-set labels=linux,gpu      | arc-runner-set             | yes     | - | - | runs
set name=arc-runner-set labels=linux,gpu      | linux,gpu                  | yes     | - | - | runs
set name=arc-runner-set labels=linux,gpu      | LINUX,Gpu                  | yes     | - | - | runs
set name=arc-runner-set labels=linux,gpu      | arc-runner-set,linux,gpu   | yes     | - | - | runs
set name=arc-runner-set labels=linux,gpu      | self-hosted                | no      | - | - | waits
set name=arc-runner-set labels=linux,gpu      | self-hosted,arc-runner-set | no      | - | - | waits
set name=arc-runner-set labels=linux,gpu      | self-hosted,linux,gpu      | no      | - | - | waits
set name=arc-runner-set labels=linux,gpu      | linux,gpu,x64              | no      | - | - | waits
set name=arc-runner-set labels=self-hosted    | self-hosted                | yes     | - | - | runs
set name=arc-runner-set labels=self-hosted    | self-hosted,linux          | no      | - | - | waits
set name=object own=Arc-Named                 | arc-named                  | yes     | - | - | runs
set name=object own=Arc-Named                 | object                     | no      | - | - | waits
set name=arc labels=gpu version=0.13.1        | gpu                        | no      | - | - | waits
set name=arc labels=gpu version=0.13.1        | arc                        | yes     | - | - | runs
set name=arc labels=gpu version=0.14.0        | gpu                        | yes     | - | - | runs
set name=runner-*                             | runner-main                | unknown | - | - | unknown
set name=runner-*                             | self-hosted,runner-main    | no      | - | - | waits
set name=arc labels=team-*                    | arc,team-a                 | unknown | - | - | unknown
chart name=arc                                | arc                        | yes     | - | - | runs
chart name=arc                                | self-hosted,arc            | no      | - | - | waits
chart name=release own=arc-x                  | arc-x                      | yes     | - | - | runs
chart name=release own=arc-x                  | release                    | no      | - | - | waits
chart name=arc labels=linux,raptor            | linux,raptor               | yes     | - | - | runs
chart name=arc labels=linux,raptor            | self-hosted,linux,raptor   | no      | - | - | waits
chart name=arc labels=gpu old                 | gpu                        | no      | - | - | waits
chart name=arc labels=gpu old                 | arc                        | yes     | - | - | runs
chart name=arc text-labels=gpu                | gpu                        | no      | - | - | waits
chart name=arc wrong-key=gpu                  | gpu                        | no      | - | - | waits
chart name=runner-* group=build               | runner-a@build             | unknown | - | - | unknown
chart name=runner-* group=build               | runner-a@other             | no      | - | - | waits
chart name=home-ops-runner-*                  | home-ops-runner-utility    | unknown | - | - | unknown
chart name=home-ops-runner-*                  | home-ops                   | no      | - | - | waits
experimental name=release own=exp labels=gpu  | exp,gpu                    | yes     | - | - | runs
experimental name=release own=exp labels=gpu  | release                    | no      | - | - | waits
experimental name=release labels=gpu          | release,gpu                | yes     | - | - | runs
experimental name=my_release                  | my-release                 | yes     | - | - | runs
experimental name=release own=exp group=build | exp@build                  | yes     | - | - | runs
"""

TABLE = [
    line
    for table in (LEGACY_DEFAULTS, LEGACY_LABELS, LEGACY_STARTS, AUTOSCALED, SCALE_SETS)
    for line in table.splitlines()
    if line
]
KINDS = {"deployment": "RunnerDeployment", "set-of-pods": "RunnerSet", "replicas": "RunnerReplicaSet", "one": "Runner"}
EVENT: dict[str, Any] = {"githubEvent": {"workflowJob": {}}}
QUEUE = {"type": "TotalNumberOfQueuedAndInProgressWorkflowRuns"}
BUSY = {"type": "PercentageRunnersBusy"}
AUTOSCALERS: dict[str, dict[str, Any]] = {
    "webhook": {"scaleUpTriggers": [EVENT]},
    "queue": {"metrics": [QUEUE]},
    "busy": {"metrics": [BUSY]},
    "busy+queue": {"metrics": [BUSY, QUEUE]},
    "webhook+queue": {"scaleUpTriggers": [EVENT], "metrics": [QUEUE]},
    "none": {},
    "two-triggers": {"scaleUpTriggers": [EVENT, EVENT]},
    "dead-trigger": {"scaleUpTriggers": [{"githubEvent": {}}]},
    "null-trigger": {"scaleUpTriggers": [{"githubEvent": {"workflowJob": None}}]},
    "template": {"scaleUpTriggers": "${TRIGGERS}"},
}


def words(text: str) -> tuple[str, dict[str, str]]:
    kind, *pairs = text.replace("*", "${VAR}").split()
    return kind, {key: value for key, _, value in (pair.partition("=") for pair in pairs)}


def label_list(given: dict[str, str]) -> dict[str, list[str]]:
    if "labels" not in given:
        return {}
    return {"labels": [] if given["labels"] == "none" else [x.replace("+", ",") for x in given["labels"].split(",")]}


def config(given: dict[str, str]) -> dict[str, Any]:
    """A RunnerConfig."""
    found: dict[str, Any] = {**label_list(given), **{key: given[key] for key in ("group", "image") if key in given}}
    selector = {f"kubernetes.io/{key}": given[key] for key in ("arch", "os") if key in given}
    if selector:
        found["nodeSelector"] = selector
    if "no-defaults" in given:
        found["env"] = [{"name": "ACTIONS_RUNNER_INPUT_NO-DEFAULT-LABELS", "value": given["no-defaults"]}]
    if "command" in given:
        found["containers"] = [{"name": "runner", "command": [given["command"]]}]
    return found


def pool_of(text: str) -> RunnerPool:
    kind, given = words(text)
    labels, name = label_list(given).get("labels"), given.get("name", "kiln")
    if kind in KINDS:
        spec = config(given) if kind in ("set-of-pods", "one") else {"template": {"spec": config(given)}}
        made = legacy_pool(manifest("actions.summerwind.dev/v1alpha1", KINDS[kind], name, spec))
    elif kind == "chart-runners":
        made = released_runners({"runnerLabels": labels, "organization": "millrace"}, name)
    elif kind == "set":
        keys = {
            "runnerScaleSetName": given.get("own"),
            "runnerScaleSetLabels": labels,
            "runnerGroup": given.get("group"),
        }
        found = manifest("actions.github.com/v1alpha1", "AutoscalingRunnerSet", name, keys)
        found["metadata"]["labels"] = {"app.kubernetes.io/version": given.get("version")}
        made = scale_set_pool(found)
    else:
        made = ScaleSetRelease(values(kind, given, labels), name, takes_labels="old" not in given).pool()
    assert made is not None
    return made


def values(kind: str, given: dict[str, str], labels: list[str] | None) -> dict[str, Any]:
    if kind == "experimental":
        return {"scaleset": {"name": given.get("own"), "labels": labels, "runnerGroup": given.get("group")}}
    wrong = [given["wrong-key"]] if "wrong-key" in given else None
    return {
        "runnerScaleSetName": given.get("own"),
        "scaleSetLabels": given.get("text-labels", labels),
        "runnerScaleSetLabels": wrong,
        "runnerGroup": given.get("group"),
    }


def manifest(version: str, kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}


def scaler_of(text: str) -> Autoscaler | None:
    _, given = words(text)
    if "hra" not in given:
        return None
    least = {"minReplicas": int(given.get("min", "0"))} if given.get("min") != "" else {}
    spec = {"scaleTargetRef": {"name": "kiln"}, **least, **AUTOSCALERS[given["hra"]]}
    return autoscaler(manifest("actions.summerwind.dev/v1alpha1", "HorizontalRunnerAutoscaler", "kiln", spec))


@pytest.mark.parametrize("line", TABLE)
def test_pair(line: str) -> None:
    runner, runs_on, github, webhook, pull, expected = (part.strip() for part in line.split("|"))
    written, _, group = runs_on.partition("@")
    labels = [label for label in written.split(",") if label]
    pool = pool_of(runner)
    assert serves(pool, labels, group or None) == github
    if pool.kind == "legacy":
        assert (webhook_matches(pool, labels), queue_metric_matches(pool, labels)) == (webhook, pull)
    assert outcome(pool, labels, group or None, scaler_of(runner)) == expected


def test_the_table_is_large_enough() -> None:
    assert len(set(TABLE)) == len(TABLE) >= 120
