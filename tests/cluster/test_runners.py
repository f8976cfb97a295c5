"""The runner model: what GitHub and ARC's autoscalers make of labels."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelint.cluster.runner_labels import (
    declared_for_actionlint,
    edit_distance,
    known_elsewhere,
    near_name,
    split_list,
)
from kubelint.cluster.runner_pools import (
    ScaleSetRelease,
    is_scale_set_chart,
    legacy_pool,
    scale_set_pool,
    scale_sets_in,
)
from kubelint.cluster.runners import (
    UNRESOLVED,
    RunnerPool,
    Verdict,
    missing_labels,
    nearest_pool,
    queue_metric_matches,
    serves,
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
