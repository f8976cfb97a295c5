"""The runner model: what GitHub and ARC's autoscalers make of labels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from effort import calls, grows_linearly
from hypothesis import given
from hypothesis import strategies as st

from kubelint.cluster.runners import (
    UNRESOLVED,
    Autoscaler,
    Controller,
    PoolIndex,
    RunnerPool,
    ScaleSetRelease,
    Skipped,
    Verdict,
    autoscaler,
    controller_of_arguments,
    controller_of_values,
    declared_for_actionlint,
    edit_distance,
    is_scale_set_chart,
    known_elsewhere,
    legacy_pool,
    missing_labels,
    near_name,
    nearest_pool,
    notices,
    queue_metric_matches,
    scale_set_pool,
    scale_sets_in,
    scopes_written,
    serves,
    split_list,
    webhook_matches,
)

LEGACY = "actions.summerwind.dev/v1alpha1"


def legacy(kind: str = "RunnerDeployment", name: str = "builders", **config: Any) -> dict[str, Any]:
    flat = kind in ("Runner", "RunnerSet")
    spec = config if flat else {"template": {"spec": config}}
    return {"apiVersion": LEGACY, "kind": kind, "metadata": {"name": name}, "spec": spec}


def scale_set(name: str = "arc-set", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "actions.github.com/v1alpha1",
        "kind": "AutoscalingRunnerSet",
        "metadata": {"name": name},
        "spec": spec,
    }


def release(name: str = "arc-set", takes_labels: bool = True, **values: Any) -> ScaleSetRelease:
    return ScaleSetRelease(values, name, takes_labels=takes_labels)


NO_DEFAULTS = {"env": [{"name": "ACTIONS_RUNNER_INPUT_NO-DEFAULT-LABELS", "value": "true"}]}

MANIFESTS: dict[str, dict[str, Any] | ScaleSetRelease] = {
    "plain": legacy(),
    "custom": legacy(labels=["gpu", "Fast"]),
    "empty": legacy(labels=[]),
    "written": legacy(labels=["self-hosted", "linux", "x64", "arc"]),
    "commas": legacy(labels=["a,b,,C"]),
    "amd64": legacy(nodeSelector={"kubernetes.io/arch": "amd64"}),
    "arm64": legacy(nodeSelector={"kubernetes.io/arch": "arm64"}),
    "windows": legacy(nodeSelector={"kubernetes.io/os": "windows"}),
    "stock-image": legacy(image="summerwind/actions-runner-dind:latest", labels=["dind"]),
    "own-image": legacy(image="registry.example.net/ci/runner:1", labels=["gpu"]),
    "no-defaults": legacy(labels=["gpu"], **NO_DEFAULTS),
    "own-command": legacy(labels=["gpu"], containers=[{"name": "runner", "command": ["/start.sh"]}]),
    "sidecar-command": legacy(labels=["gpu"], containers=[{"name": "docker", "command": ["/start.sh"]}]),
    "runner-set": legacy("RunnerSet", labels=["ephemeral"]),
    "runner": legacy("Runner", labels=["single"]),
    "replica-set": legacy("RunnerReplicaSet", labels=["several"]),
    "template-label": legacy(labels=["team-${TEAM}"]),
    "template-list": legacy(labels="{{ .Values.labels }}"),
    "numbers": legacy(labels=[42, True, None]),
    "set": scale_set(),
    "set-named": scale_set("object", runnerScaleSetName="Arc-Named"),
    "set-labels": scale_set(runnerScaleSetLabels=["linux", "gpu"]),
    "set-self": scale_set(runnerScaleSetLabels=["Self-Hosted"]),
    "helm": release(githubConfigUrl="https://github.com/acme"),
    "helm-named": release("release", runnerScaleSetName="arc-x"),
    "helm-labels": release(scaleSetLabels=["linux", "gpu"]),
    "helm-old": release(takes_labels=False, scaleSetLabels=["linux", "gpu"]),
    "helm-wrong-key": release(runnerScaleSetLabels=["gpu"]),
    "helm-variable": release("runner-${CLUSTER}"),
    "helm-hidden": release(UNRESOLVED, runnerScaleSetName=UNRESOLVED, scaleSetLabels=UNRESOLVED),
    "helm-hidden-named": release(runnerScaleSetName="arc-x", scaleSetLabels=UNRESOLVED),
    "helm-name-hidden": release(runnerScaleSetName=UNRESOLVED),
    "helm-label-hidden": release(scaleSetLabels=["linux", UNRESOLVED]),
    "experimental": release(scaleset={"name": "exp", "labels": ["gpu"]}),
    "experimental-unnamed": release(scaleset={"name": None, "labels": ["gpu"]}),
}

VERDICTS = """
plain           self-hosted                       yes
plain           SELF-HOSTED                       yes
plain           self-hosted,linux                 yes
plain           self-hosted,Linux                 yes
plain           self-hosted,linux,x64             unknown
plain           self-hosted,arm64                 unknown
plain           self-hosted,windows               no
plain           self-hosted,macos                 no
plain           self-hosted,gpu                   no
plain           builders                          no
plain           ubuntu-latest                     no
plain           linux                             yes
custom          self-hosted                       yes
custom          gpu                               yes
custom          GPU                               yes
custom          fast                              yes
custom          self-hosted,gpu,fast              yes
custom          self-hosted,gpu,slow              no
custom          gpu,fast,linux                    yes
custom          gpu,x64                           unknown
custom          gpu,x64,slow                      no
custom          gp                                no
empty           self-hosted                       yes
empty           gpu                               no
written         self-hosted                       yes
written         self-hosted,linux,x64             yes
written         Self-Hosted,LINUX,X64,Arc         yes
written         self-hosted,linux,arm64           unknown
written         self-hosted,windows               no
written         arc                               yes
written         arc,gpu                           no
commas          a                                 yes
commas          b,c                               yes
commas          d                                 no
commas          self-hosted,a                     yes
amd64           self-hosted,x64                   yes
amd64           self-hosted,linux,x64             yes
amd64           self-hosted,arm64                 no
amd64           self-hosted,arm                   no
arm64           self-hosted,ARM64                 yes
arm64           self-hosted,x64                   no
windows         self-hosted,windows               yes
windows         self-hosted,Windows,x64           unknown
windows         self-hosted,linux                 no
stock-image     self-hosted,dind                  yes
stock-image     self-hosted,linux                 yes
stock-image     rootless                          no
own-image       self-hosted,gpu                   unknown
own-image       gpu                               yes
own-image       gpu,linux                         unknown
own-image       gpu,windows                       no
own-image       self-hosted,big                   no
no-defaults     gpu                               yes
no-defaults     self-hosted                       no
no-defaults     self-hosted,gpu                   no
no-defaults     gpu,linux                         no
no-defaults     gpu,x64                           no
own-command     gpu                               yes
own-command     self-hosted,gpu                   unknown
sidecar-command self-hosted,gpu                   yes
runner-set      ephemeral                         yes
runner-set      self-hosted,ephemeral             yes
runner-set      self-hosted,persistent            no
runner          single                            yes
runner          self-hosted,single                yes
runner          several                           no
replica-set     several                           yes
replica-set     linux,several                     yes
replica-set     single                            no
template-label  team-a                            unknown
template-label  TEAM-B                            unknown
template-label  self-hosted,team-a                unknown
template-label  self-hosted                       yes
template-label  crew-a                            no
template-list   anything                          unknown
template-list   self-hosted                       yes
template-list   self-hosted,anything              unknown
numbers         42                                yes
numbers         true                              no
set             arc-set                           yes
set             ARC-SET                           yes
set             self-hosted                       no
set             self-hosted,arc-set               no
set             arc-set,linux                     no
set             arc-set,x64                       no
set             linux                             no
set             arc-set-2                         no
set-named       arc-named                         yes
set-named       Arc-Named                         yes
set-named       object                            no
set-labels      arc-set                           yes
set-labels      linux,gpu                         yes
set-labels      LINUX,Gpu                         yes
set-labels      arc-set,linux,gpu                 yes
set-labels      self-hosted,linux,gpu             no
set-labels      gpu                               yes
set-labels      gpu,x64                           no
set-self        self-hosted                       yes
set-self        self-hosted,arc-set               yes
set-self        self-hosted,linux                 no
helm            arc-set                           yes
helm            self-hosted                       no
helm            gpu                               no
helm-named      arc-x                             yes
helm-named      release                           no
helm-labels     linux,gpu                         yes
helm-labels     self-hosted,gpu                   no
helm-old        arc-set                           yes
helm-old        linux,gpu                         no
helm-old        gpu                               no
helm-wrong-key  gpu                               no
helm-wrong-key  arc-set                           yes
helm-variable   runner-main                       unknown
helm-variable   runner                            no
helm-variable   self-hosted                       no
helm-hidden     arc-set                           unknown
helm-hidden     self-hosted                       unknown
helm-hidden-named arc-x                           yes
helm-hidden-named gpu                             unknown
helm-name-hidden arc-set                          unknown
helm-name-hidden gpu                              unknown
helm-label-hidden arc-set                         yes
helm-label-hidden linux                           yes
helm-label-hidden gpu                             unknown
helm-label-hidden self-hosted,linux               unknown
experimental    exp                               yes
experimental    gpu                               yes
experimental    arc-set                           no
experimental-unnamed arc-set                      yes
experimental-unnamed arc-set,gpu                  yes
experimental-unnamed exp                          no
"""


def pool_of(made: dict[str, Any] | ScaleSetRelease) -> RunnerPool | None:
    return made.pool() if isinstance(made, ScaleSetRelease) else legacy_pool(made) or scale_set_pool(made)


def pool(name: str) -> RunnerPool:
    found = pool_of(MANIFESTS[name])
    assert found
    return found


@pytest.mark.parametrize("line", [line for line in VERDICTS.splitlines() if line])
def test_verdict(line: str) -> None:
    name, labels, verdict = line.split()
    assert serves(pool(name), labels.split(",")) == verdict


def test_table_is_large_enough() -> None:
    assert len(VERDICTS.split("\n")) - 2 >= 120


@pytest.mark.parametrize(
    ("own", "asked", "verdict"),
    [
        (None, None, "yes"),
        (None, "Default", "yes"),
        (None, "builders", "unknown"),
        ("builders", "Builders", "yes"),
        ("builders", "org/builders", "yes"),
        ("builders", "ent/builders", "yes"),
        ("builders", "others", "no"),
        ("builders", "default", "no"),
        ("build-${ENV}", "build-live", "unknown"),
        ("build-${ENV}", "test", "no"),
    ],
)
def test_group(own: str | None, asked: str | None, verdict: str) -> None:
    found = legacy_pool(legacy(group=own))
    assert found
    assert serves(found, [], asked) == verdict
    assert serves(found, ["nothing-has-this"], asked) is Verdict.NO


@pytest.mark.parametrize(
    ("name", "labels", "webhook", "metric"),
    [
        ("plain", "self-hosted", "yes", "yes"),
        ("plain", "SELF-HOSTED", "no", "no"),
        ("plain", "self-hosted,linux", "no", "no"),
        ("plain", "self-hosted,linux,x64", "no", "no"),
        ("custom", "self-hosted,gpu", "yes", "yes"),
        ("custom", "self-hosted,GPU", "yes", "no"),
        ("custom", "gpu,fast", "yes", "no"),
        ("custom", "gpu,Fast", "yes", "yes"),
        ("written", "self-hosted,linux,x64", "yes", "yes"),
        ("written", "Self-Hosted,Linux", "yes", "no"),
        ("written", "self-hosted,arm64", "no", "no"),
        ("template-label", "self-hosted,team-a", "unknown", "unknown"),
        ("template-list", "gpu", "unknown", "unknown"),
    ],
)
def test_autoscalers_know_only_what_is_written(name: str, labels: str, webhook: str, metric: str) -> None:
    assert webhook_matches(pool(name), labels.split(",")) == webhook
    assert queue_metric_matches(pool(name), labels.split(",")) == metric


LABELS = st.sampled_from(["self-hosted", "linux", "x64", "gpu", "arc", "Gpu", "ARC", "big", "other"])
POOLS = st.builds(
    RunnerPool,
    kind=st.sampled_from(["legacy", "scale_set"]),
    name=st.sampled_from(["arc", "runner-${X}", "Builders"]),
    labels=st.lists(LABELS | st.just("${ANY}"), max_size=4).map(tuple),
    certain=st.frozensets(st.sampled_from(["self-hosted", "linux"])),
    possible=st.frozensets(st.sampled_from(["x64", "arm64"])),
    open=st.booleans(),
    labels_take_effect=st.booleans(),
)
KNOWN_POOLS = POOLS.filter(lambda p: not p.open and not any("$" in text for text in p.effective_labels)).map(
    lambda p: RunnerPool(p.kind, p.name, labels=p.labels, certain=p.certain, labels_take_effect=p.labels_take_effect)
)


@given(st.lists(KNOWN_POOLS, max_size=4), st.lists(LABELS, max_size=4))
def test_served_if_and_only_if_some_pool_has_all_labels(pools: list[RunnerPool], job: list[str]) -> None:
    wanted = {label.lower() for label in job}
    has_all = any(wanted <= {*map(str.lower, p.effective_labels), *p.certain} for p in pools)
    assert any(serves(p, job) is Verdict.YES for p in pools) == has_all


@given(POOLS, st.lists(LABELS, max_size=4), LABELS)
def test_a_label_more_on_the_runner_never_unserves(found: RunnerPool, job: list[str], extra: str) -> None:
    more = RunnerPool(
        found.kind, found.name, labels=(*found.labels, extra), certain=found.certain, possible=found.possible,
        open=found.open, labels_take_effect=found.labels_take_effect,
    )  # fmt: skip
    order = [Verdict.NO, Verdict.UNKNOWN, Verdict.YES]
    assert order.index(serves(more, job)) >= order.index(serves(found, job))


@given(POOLS, st.lists(LABELS, max_size=4), LABELS)
def test_a_label_more_in_the_job_never_serves_more(found: RunnerPool, job: list[str], extra: str) -> None:
    order = [Verdict.NO, Verdict.UNKNOWN, Verdict.YES]
    assert order.index(serves(found, [*job, extra])) <= order.index(serves(found, job))


@given(POOLS, st.lists(LABELS, max_size=4))
def test_case_never_matters_on_github(found: RunnerPool, job: list[str]) -> None:
    assert (
        serves(found, job)
        == serves(found, [label.upper() for label in job])
        == serves(found, [label.lower() for label in job])
    )


@given(POOLS, st.lists(LABELS, max_size=4))
def test_no_exactly_if_a_label_is_missing(found: RunnerPool, job: list[str]) -> None:
    assert (serves(found, job) is Verdict.NO) == bool(missing_labels(found, job))


def test_nearest_lacks_fewest() -> None:
    pools = [pool("plain"), pool("custom"), pool("set")]
    assert nearest_pool(pools, ["self-hosted", "gpu", "big"]) == pool("custom")
    assert nearest_pool([], ["gpu"]) is None


@pytest.mark.parametrize(
    "label",
    [
        *(
            "ubuntu-latest",
            "ubuntu-slim",
            "Ubuntu-24.04-arm",
            "windows-2025",
            "macos-15-xlarge",
            "ubuntu-latest-16-cores",
        ),
        *("buildjet-4vcpu-ubuntu-2204", "blacksmith-8vcpu-ubuntu-2204", "depot-ubuntu-24.04", "namespace-profile-big"),
        *(
            "nscloud-ubuntu-22.04-amd64-4x8",
            "warp-ubuntu-latest-x64-4x",
            "ubicloud",
            "ubicloud-standard-2",
            "cirun-x--1",
        ),
        *("codebuild-project-1-1", "mac-mini", "runs-on", "runs-on=1/runner=2cpu", "runs-on,runner=4cpu", "macOS"),
    ],
)
def test_known_elsewhere(label: str) -> None:
    assert known_elsewhere(label)


@pytest.mark.parametrize(
    "label", ["self-hosted", "linux", "x64", "ubuntu", "my-ubuntu-runner", "arc-set", "machine", "warped", "runs-onx"]
)
def test_not_known_elsewhere(label: str) -> None:
    assert not known_elsewhere(label)


@pytest.mark.parametrize(
    ("label", "pattern", "covered"),
    [
        ("gpu", "gpu", True),
        ("GPU", "gpu", False),
        ("gpu-a100", "gpu-*", True),
        ("gpu/a", "gpu*", False),
        ("gpu/a", "gpu/*", True),
        ("arc-1", "arc-[0-9]", True),
        ("arc-x", "arc-[^0-9]", True),
        ("arc-1", "arc-[^0-9]", False),
        ("arc-?", r"arc-\?", True),
        ("arc-1", r"arc-\?", False),
        ("arc-1", "[", False),
    ],
)
def test_actionlint_globs(label: str, pattern: str, covered: bool) -> None:
    assert declared_for_actionlint(label, [pattern]) is covered
    assert known_elsewhere(label, [pattern]) is covered


@pytest.mark.parametrize(
    ("label", "name", "kind"),
    [
        ("arc-runer-set", "arc-runner-set", "typo"),
        ("arc-runners-set", "arc-runner-set", "typo"),
        ("home-lab-runner", "homelab-runner", "typo"),
        ("homlab-runner", "homelab-runner", "typo"),
        ("home_ops_runner", "home-ops-runner", "typo"),
        ("selfhosted", "self-hosted", "typo"),
        ("self-hosed", "self-hosted", "typo"),
        ("gpu", "GPU", None),
        ("gpu", "cpu", None),
        ("team-a", "team-b", None),
        ("runner-1", "runner-2", None),
        ("arc-amd64", "arc-arm64", None),
        ("linux", "linus", None),
        ("x64", "x86", None),
        ("arc-imagebuild-old", "arc-imagebuild-amd64", "stem"),
        ("home-ops", "other-ops", None),
        ("arc-runner", "gha-runner", None),
        ("big-runner", "home-ops-runner", None),
    ],
)
def test_near_names(label: str, name: str, kind: str | None) -> None:
    near = near_name(label, [name, "something-else"])
    assert (near and ("typo" if near.typo else "stem")) == kind
    assert near is None or near.name == name


@given(st.text("abc-", max_size=8), st.text("abc-", max_size=8))
def test_edit_distance_is_symmetric_and_bounded(one: str, other: str) -> None:
    assert edit_distance(one, other) == edit_distance(other, one) <= max(len(one), len(other))
    assert (edit_distance(one, other) == 0) == (one == other)


def test_swap_counts_once() -> None:
    assert edit_distance("runenr", "runner") == 1


def test_split_list() -> None:
    assert split_list("self-hosted, linux  x64,") == ["self-hosted", "linux", "x64"]


@pytest.mark.parametrize(
    ("reference", "is_one"),
    [
        ("gha-runner-scale-set", True),
        ("gha-runner-scale-set-experimental", True),
        ("gha-runner-scale-set-controller", False),
        ("oci://ghcr.io/actions/actions-runner-controller-charts/gha-runner-scale-set", True),
        ("oci://ghcr.io/actions/actions-runner-controller-charts/gha-runner-scale-set:0.14.2", True),
        ("oci://ghcr.io/actions/actions-runner-controller-charts/gha-runner-scale-set-controller", False),
        ("charts/gha-runner-scale-set/", True),
        ("https://example.net/charts/gha-runner-scale-set-0.14.2.tgz", True),
        ("actions-runner-controller", False),
        ("auto-scaling-runner-set", True),
        ("actions-runner", False),
        (None, False),
        (["gha-runner-scale-set"], False),
    ],
)
def test_is_scale_set_chart(reference: object, is_one: bool) -> None:
    assert is_scale_set_chart(reference) is is_one


@pytest.mark.parametrize(
    ("values", "paths"),
    [
        ({"githubConfigUrl": "https://github.com/acme"}, [()]),
        ({"runnerScaleSetName": "arc-x", "amd64": {"runnerScaleSetName": "mill-amd64"}}, [()]),
        ({"amd64": {"runnerScaleSetName": "mill-amd64"}, "web": {"replicas": 1}}, [("amd64",)]),
        ({"sets": {"a": {"githubConfigUrl": "u"}, "b": {"runnerScaleSetName": "n"}}}, [("sets", "a"), ("sets", "b")]),
        ({"one": {"two": {"three": {"githubConfigUrl": "u"}}}}, []),
        ({"githubConfigUrl": "", "runnerScaleSetName": None}, []),
        ({"sets": [{"githubConfigUrl": "u"}]}, []),
        ({}, []),
    ],
)
def test_where_values_hold_those_of_scale_sets(values: dict[str, Any], paths: list[tuple[str, ...]]) -> None:
    assert list(scale_sets_in(values)) == paths


def test_paths_lead_through_the_values() -> None:
    named, unnamed = release(runnerScaleSetName="arc-x").pool(), pool("experimental-unnamed")
    assert (named.name_path, named.labels_path) == (("runnerScaleSetName",), ("scaleSetLabels",))
    assert (unnamed.name_path, unnamed.labels_path) == ((), ("scaleset", "labels"))
    assert pool("helm-name-hidden").name_path == ()


@pytest.mark.parametrize(
    "junk", [None, 3, "text", [], ["x"], {"a": None}, {"template": 4}, {"template": {"spec": "${X}"}}, True]
)
@pytest.mark.parametrize("model", [legacy(), legacy("RunnerSet"), scale_set()], ids=lambda m: str(m["kind"]))
def test_never_raises(model: dict[str, Any], junk: Any) -> None:
    for key in ("spec", "metadata", "kind", "apiVersion"):
        found = pool_of({**model, key: junk})
        assert found is None or serves(found, ["x"])
    for key in ("labels", "env", "containers", "image", "nodeSelector", "runnerScaleSetLabels", "group"):
        found = pool_of({**model, "spec": {key: junk, "template": {"spec": {key: junk}}}})
        assert found is not None and serves(found, ["x"])


@pytest.mark.parametrize("junk", [None, 3, "text", [], ["x"], {"a": None}, [None, {}], True])
@pytest.mark.parametrize("key", ["runnerScaleSetName", "scaleSetLabels", "runnerGroup", "scaleset", "template"])
def test_values_never_raise(key: str, junk: Any) -> None:
    assert serves(release(**{key: junk}).pool(), ["x"])
    assert serves(release(scaleset={key: junk, "name": junk, "labels": junk}).pool(), ["x"])
    assert isinstance(list(scale_sets_in({key: junk, "inner": {key: junk}})), list)


HRA: dict[str, Any] = {
    "apiVersion": LEGACY,
    "kind": "HorizontalRunnerAutoscaler",
    "metadata": {"name": "builders"},
}
EVENT: dict[str, Any] = {"githubEvent": {"workflowJob": {}}}
QUEUE = {"type": "TotalNumberOfQueuedAndInProgressWorkflowRuns"}
BUSY = {"type": "PercentageRunnersBusy"}


def scaler(**spec: Any) -> Autoscaler:
    found = autoscaler({**HRA, "spec": spec})
    assert found
    return found


@pytest.mark.parametrize(
    ("triggers", "webhook", "skipped"),
    [
        (None, "no", None),
        ([], "no", None),
        ([EVENT], "yes", None),
        ([{**EVENT, "amount": 1, "duration": "5m"}], "yes", None),
        ([{"githubEvent": {"workflowJob": None}}], "no", Skipped.OTHER_EVENT),
        ([{"githubEvent": {}}], "no", Skipped.OTHER_EVENT),
        ([{"githubEvent": {"checkRun": {"types": ["created"]}}}], "no", Skipped.OTHER_EVENT),
        ([{"githubEvent": None}], "no", Skipped.NO_EVENT),
        ([{"amount": 1}], "no", Skipped.NO_EVENT),
        ([EVENT, EVENT], "no", Skipped.SEVERAL_TRIGGERS),
        ([EVENT, {"githubEvent": {"push": {}}}], "no", Skipped.SEVERAL_TRIGGERS),
        ("${TRIGGERS}", "unknown", None),
        (["${TRIGGER}"], "unknown", None),
        ([{"githubEvent": "${EVENT}"}], "unknown", None),
        ([{"githubEvent": {"workflowJob": "${EVENT}"}}], "unknown", None),
    ],
)
def test_what_the_webhook_passes_over(triggers: Any, webhook: str, skipped: Skipped | None) -> None:
    found = scaler(scaleUpTriggers=triggers)
    assert (found.webhook, found.skipped) == (webhook, skipped)


@pytest.mark.parametrize(
    ("metrics", "queue", "busy"),
    [
        (None, "no", "no"),
        ([QUEUE], "yes", "no"),
        ([BUSY], "no", "yes"),
        ([BUSY, QUEUE], "yes", "yes"),
        ([BUSY, QUEUE, QUEUE], "no", "no"),
        ([{"type": "${METRIC}"}], "unknown", "unknown"),
        ("${METRICS}", "unknown", "unknown"),
        ([3, None, {}], "no", "no"),
    ],
)
def test_which_metrics_are_asked(metrics: Any, queue: str, busy: str) -> None:
    found = scaler(metrics=metrics)
    assert (found.queue_metric, found.busy_metric) == (queue, busy)


@pytest.mark.parametrize(
    ("spec", "least", "empty"),
    [
        ({}, 1, False),
        ({"minReplicas": 0}, 0, True),
        ({"minReplicas": 2}, 2, False),
        ({"minReplicas": -1}, 1, False),
        ({"minReplicas": "${MIN}"}, None, False),
        ({"minReplicas": True}, None, False),
        ({"minReplicas": 0, "scheduledOverrides": [{"minReplicas": 1}]}, 0, False),
    ],
)
def test_how_many_runners_are_kept(spec: dict[str, Any], least: int | None, empty: bool) -> None:
    found = scaler(**spec)
    assert (found.min_replicas, found.may_be_empty) == (least, empty)


@pytest.mark.parametrize(
    ("target", "kind", "name", "names"),
    [
        (None, "RunnerDeployment", None, False),
        ({"name": "builders"}, "RunnerDeployment", "builders", True),
        ({"kind": "RunnerSet", "name": "builders"}, "RunnerSet", "builders", True),
        ({"name": "${NAME}"}, "RunnerDeployment", None, True),
        ({"kind": "${KIND}", "name": "builders"}, None, "builders", True),
        ("${TARGET}", None, None, True),
    ],
)
def test_what_is_scaled(target: Any, kind: str | None, name: str | None, names: bool) -> None:
    found = scaler(scaleTargetRef=target)
    assert (found.target_kind, found.target_name, found.names_target) == (kind, name, names)


@pytest.mark.parametrize("junk", [None, 3, "text", [], ["x"], {"a": None}, True, [[["x"]]]])
def test_autoscalers_never_raise(junk: Any) -> None:
    for key in ("spec", "metadata", "kind", "apiVersion"):
        found = autoscaler({**HRA, "spec": {}, key: junk})
        assert found is None or notices(found, pool("custom"), ["gpu"])
    for key in ("scaleTargetRef", "minReplicas", "scaleUpTriggers", "metrics", "scheduledOverrides"):
        assert notices(scaler(**{key: junk}), pool("custom"), ["gpu"])


@pytest.mark.parametrize(
    ("arguments", "image", "labels"),
    [
        ([], None, set()),
        (["--runner-image=own/runner:1"], "own/runner:1", set()),
        (["--runner-image", "own/runner:1", "--port=9"], "own/runner:1", set()),
        (["--common-runner-labels=A,b,,"], None, {"a", "b"}),
        (["-common-runner-labels", "a"], None, {"a"}),
        (["--common-runner-labels"], None, set()),
    ],
)
def test_what_a_controller_is_told(arguments: list[str], image: str | None, labels: set[str]) -> None:
    assert controller_of_arguments(arguments) == Controller(image, frozenset(labels))


def test_the_controllers_image_counts_where_the_runner_names_none() -> None:
    own = controller_of_values({"image": {"actionsRunnerRepositoryAndTag": "own/runner:1"}})
    stock = controller_of_values({"image": {"actionsRunnerRepositoryAndTag": "summerwind/actions-runner:v2"}})
    told, usual = (legacy_pool(legacy(labels=["gpu"]), each) for each in (own, stock))
    named = legacy_pool(legacy(labels=["gpu"], image="summerwind/actions-runner:v2"), own)
    assert told and usual and named
    assert [serves(each, ["self-hosted"]) for each in (told, usual, named)] == ["unknown", "yes", "yes"]


def test_common_labels_are_on_the_runner_and_unknown_to_autoscalers() -> None:
    found = legacy_pool(legacy(labels=["gpu"]), Controller(common_labels=frozenset({"corp"})))
    assert found
    assert serves(found, ["corp"]) is Verdict.UNKNOWN
    assert webhook_matches(found, ["corp"]) is Verdict.NO


@pytest.mark.parametrize(
    ("config", "surely", "perhaps"),
    [
        ({"organization": "acme"}, ("organization",), ()),
        ({"organization": "acme", "repository": "acme/web"}, ("organization", "repository"), ()),
        ({"organization": "", "repository": None}, (), ()),
        ({"organization": "${ORG}", "repository": "acme/web"}, ("repository",), ("organization",)),
        ({"enterprise": 42}, ("enterprise",), ()),
        ("${CONFIG}", (), ("enterprise", "organization", "repository")),
        (None, (), ()),
    ],
)
def test_where_runners_are_registered(config: Any, surely: tuple[str, ...], perhaps: tuple[str, ...]) -> None:
    assert scopes_written(config) == (surely, perhaps)


GROUPS = st.sampled_from([None, "default", "build", "build-${X}"])
GROUPED = st.builds(lambda found, group: replace(found, group=group), POOLS, GROUPS)
REQUESTS = st.tuples(st.lists(LABELS, max_size=4), st.sampled_from([None, "Default", "org/build", "build-a"]))


@given(st.lists(GROUPED, max_size=6), REQUESTS)
def test_the_index_says_what_each_pool_says(pools: list[RunnerPool], request: tuple[list[str], str | None]) -> None:
    found = PoolIndex(pools).takers(*request)
    verdicts = [serves(each, *request) for each in pools]
    assert found.surely == {position for position, verdict in enumerate(verdicts) if verdict is Verdict.YES}
    assert found.perhaps == {position for position, verdict in enumerate(verdicts) if verdict is Verdict.UNKNOWN}


@given(st.lists(POOLS, max_size=6), st.lists(LABELS, max_size=4))
def test_the_index_finds_the_nearest(pools: list[RunnerPool], job: list[str]) -> None:
    job = list(dict.fromkeys(map(str.lower, job)))
    position = PoolIndex(pools).nearest(job)
    assert (None if position is None else pools[position]) == nearest_pool(pools, job)


@given(KNOWN_POOLS, st.lists(LABELS, max_size=4))
def test_case_matters_to_the_queue_metric_only(found: RunnerPool, job: list[str]) -> None:
    """And to the word `self-hosted`, which every autoscaler skips in this spelling alone."""
    job = [label for label in job if label != "self-hosted"]
    assert webhook_matches(found, job) == webhook_matches(found, [label.upper() for label in job])
    if queue_metric_matches(found, job) is Verdict.YES:
        assert webhook_matches(found, job) is Verdict.YES


@given(KNOWN_POOLS, st.lists(LABELS, max_size=4), LABELS)
def test_a_label_more_never_hides_a_job_from_an_autoscaler(found: RunnerPool, job: list[str], extra: str) -> None:
    more = replace(found, labels=(*found.labels, extra))
    for matches in (webhook_matches, queue_metric_matches):
        assert matches(found, job) is not Verdict.YES or matches(more, job) is Verdict.YES


def many(pools: int, jobs: int) -> None:
    """So many different jobs asked of an index of so many pools, half of them under names that a template fills in."""
    made = [
        RunnerPool("scale_set", f"set-{number}-${{X}}" if number % 2 else f"set-{number}", labels=("linux",))
        for number in range(pools)
    ]
    index = PoolIndex(made)
    for number in range(jobs):
        index.takers([f"set-{number % pools}-a", "linux", f"job-{number}"])
        index.nearest(["linux", f"job-{number}"])


def test_jobs_are_not_held_against_every_pool() -> None:
    assert grows_linearly(lambda size: many(size // 10 + 1, size), 400)
    assert calls(lambda: many(300, 3000)) < 300 * 3000 / 2
