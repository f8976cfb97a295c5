"""The runner pools of a project: which scale sets its releases install, and where their names and labels stand."""

import pytest
import yaml
from release_projects import place, text_project

from kubelint.cluster.runners import UNRESOLVED, serves
from kubelint.manifests.runners import is_too_old, placed_pools

URL = "https://github.com/acme"
OCI = "oci://ghcr.io/actions/actions-runner-controller-charts/gha-runner-scale-set"


def flux(name="arc-set", values=None, chart=None, **spec):
    chart = {"chart": "gha-runner-scale-set", "version": "0.14.1", **(chart or {})}
    return {
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {"name": name, "namespace": "arc"},
        "spec": {"chart": {"spec": chart}, "values": values or {}, **spec},
    }


def by_reference(name, values=None):
    release = flux(values=values)
    release["spec"]["chartRef"] = {"kind": "OCIRepository", "name": name}
    del release["spec"]["chart"]
    return release


def oci(name, url=OCI, tag="0.14.1", folder=""):
    return {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "OCIRepository",
        "metadata": {"name": name},
        "spec": {"url": url, "ref": {"tag": tag}},
    }


def argo(name="arc-set", source=None, **helm):
    source = source or {"chart": "gha-runner-scale-set", "targetRevision": "0.14.1"}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name},
        "spec": {"source": {"repoURL": "ghcr.io/a", **source, "helm": helm}},
    }


def k3s(name="arc-set", **spec):
    kind = {"apiVersion": "helm.cattle.io/v1", "kind": "HelmChart"}
    return {**kind, "metadata": {"name": name}, "spec": {"chart": OCI, "version": "0.14.1", **spec}}


def helmfile(**entry):
    return {"releases": [{"name": "arc-set", "chart": "arc/gha-runner-scale-set", **entry}, {"name": "web"}]}


def kustomize(**entry):
    return {"helmCharts": [{"name": "gha-runner-scale-set", "releaseName": "arc-set", **entry}]}


CONFIG_MAP = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "v", "namespace": "arc"},
    "data": {"values.yaml": "runnerScaleSetName: arc-x\nscaleSetLabels: [gpu]\n"},
}


def command(text):
    steps = [{"run": text}]
    return {"on": "push", "jobs": {"a": {"runs-on": "ubuntu-latest", "steps": steps}}}


EXPERIMENTAL = {"chart": "gha-runner-scale-set-experimental"}
CONTROLLER = {"chart": "actions-runner-controller"}
DEPLOYMENT = {
    "apiVersion": "actions.summerwind.dev/v1alpha1",
    "kind": "RunnerDeployment",
    "metadata": {"name": "kiln"},
    "spec": {"template": {"spec": {"organization": "acme", "labels": ["forge"]}}},
}


def image(name):
    return {"image": {"actionsRunnerRepositoryAndTag": name}}


def manager(*arguments):
    pod = {"containers": [{"name": "manager", "image": "own/arc:1", "args": list(arguments)}]}
    kind = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "manager"}}
    return {**kind, "spec": {"template": {"spec": pod}}}


def scale_set_object(version="0.14.1"):
    return {
        "apiVersion": "actions.github.com/v1alpha1",
        "kind": "AutoscalingRunnerSet",
        "metadata": {"name": "arc-set", "labels": {"app.kubernetes.io/version": version}},
        "spec": {"githubConfigUrl": URL, "runnerScaleSetLabels": ["gpu"]},
    }


def application_set(name, **values):
    template = argo(name, valuesObject={"githubConfigUrl": URL, **values})
    generators = [{"list": {"elements": [{"team": "a"}]}}]
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": "runners"},
        "spec": {"goTemplate": True, "generators": generators, "template": template},
    }


NAMED = {"runnerScaleSetName": "arc-x", "scaleSetLabels": ["gpu"]}
SECRET, TARGETED = {"kind": "Secret", "name": "v"}, {"kind": "Secret", "name": "v", "targetPath": "runnerScaleSetName"}
DEPENDENCY = {"name": "gha-runner-scale-set", "version": "0.14.1", "repository": "oci://ghcr.io/a"}
CHART = {"apiVersion": "v2", "name": "runners", "version": "1.0.0", "dependencies": [DEPENDENCY]}
URL_TARGET = {"kind": "Secret", "name": "v", "targetPath": "githubConfigUrl"}

TREES = {
    "helm": {"a": flux(values={"githubConfigUrl": URL})},
    "helm-named": {"a": flux("release", NAMED)},
    "helm-labels": {"a": flux(values={"scaleSetLabels": ["linux", "gpu"]})},
    "helm-old": {"a": flux(values={"scaleSetLabels": ["gpu"]}, chart={"version": "0.13.1"})},
    "helm-range": {"a": flux(values={"scaleSetLabels": ["gpu"]}, chart={"version": ">=0.13"})},
    "helm-wrong-key": {"a": flux(values={"runnerScaleSetLabels": ["gpu"]})},
    "helm-target": {"a": flux("runners", targetNamespace="ci")},
    "helm-given": {"a": flux("runners", targetNamespace="ci", releaseName="given")},
    "helm-variable": {"a": flux("runner-${CLUSTER}")},
    "helm-variable-target": {"a": flux("runner-${CLUSTER}", targetNamespace="ci")},
    "helm-hidden": {"a": flux(valuesFrom=[SECRET])},
    "helm-hidden-named": {"a": flux(valuesFrom=[SECRET], values={"runnerScaleSetName": "arc-x"})},
    "helm-url-hidden": {"a": flux(valuesFrom=[URL_TARGET])},
    "helm-name-hidden": {"a": flux(valuesFrom=[TARGETED])},
    "helm-config-map": {"a": flux(valuesFrom=[{"kind": "ConfigMap", "name": "v"}]), "b": CONFIG_MAP},
    "helm-config-map-elsewhere": {"a": flux(valuesFrom=[{"kind": "ConfigMap", "name": "w"}]), "b": CONFIG_MAP},
    "helm-template": {"a": flux(values={"scaleSetLabels": ["linux", "{{ label }}"]})},
    "helm-experimental": {"a": flux(values={"scaleset": {"name": "exp", "labels": ["gpu"]}})},
    "helm-umbrella": {"a": flux(values={"amd64": NAMED, "web": {"a": 1}}, chart={"chart": "./charts/runners"})},
    "helm-patched": {
        "a": flux(values=NAMED),
        "kustomization": {"resources": ["a.yaml"], "patches": [{"path": "p.yaml"}]},
        "p": {**flux(), "spec": {"values": {"scaleSetLabels": ["big"]}}},
    },
    "helm-prefixed": {"a": flux(), "kustomization": {"resources": ["a.yaml"], "namePrefix": "blue-"}},
    "helm-prefixed-variable": {
        "a": flux("set-${X}"),
        "kustomization": {"resources": ["a.yaml"], "namePrefix": "blue-"},
    },
    "ref": {"a": by_reference("runners"), "b": oci("runners")},
    "ref-by-name": {"a": by_reference("gha-runner-scale-set")},
    "ref-by-values": {"a": by_reference("elsewhere", {"githubConfigUrl": URL})},
    "argo": {"a": argo()},
    "argo-release": {"a": argo(releaseName="other")},
    "argo-files": {"a": argo(valueFiles=["$values/runners.yaml"])},
    "argo-values": {"a": argo(valuesObject=NAMED)},
    "argo-text": {"a": argo(values="runnerScaleSetName: arc-x\n")},
    "argo-parameter": {"a": argo(parameters=[{"name": "runnerScaleSetName", "value": "arc-x"}])},
    "argo-git": {"a": argo(source={"path": "charts/gha-runner-scale-set"}, valuesObject={"githubConfigUrl": URL})},
    "k3s": {"a": k3s(valuesContent="scaleSetLabels: [gpu]\n")},
    "k3s-secret": {"a": k3s(valuesContent="scaleSetLabels: [gpu]\n", valuesSecrets=[{"name": "s"}])},
    "k3s-set": {"a": k3s(set={"runnerScaleSetName": "arc-x"})},
    "helmfile": {"helmfile": helmfile(values=[{"scaleSetLabels": ["gpu"]}])},
    "helmfile-file": {"helmfile": helmfile(values=["arc/values.yaml"]), "arc__values": NAMED},
    "helmfile-gone": {"helmfile": helmfile(values=["arc/values.yaml"])},
    "kustomize": {"kustomization": kustomize(valuesInline={"scaleSetLabels": ["gpu"]})},
    "kustomize-file": {"kustomization": kustomize(valuesFile="arc.yaml"), "arc": NAMED},
    "dependency": {"c__Chart": CHART, "c__values": {"gha-runner-scale-set": NAMED}},
    "dependency-unnamed": {"c__Chart": CHART, "c__values": {"gha-runner-scale-set": {"scaleSetLabels": ["gpu"]}}},
    "command": {".github__workflows__a": command(f"helm upgrade -i arc-set {OCI} --set scaleSetLabels='{{gpu}}'")},
    "command-file": {".github__workflows__a": command(f"helm install arc-set {OCI} -f arc.yaml"), "arc": NAMED},
    "command-variable": {".github__workflows__a": command(f'helm upgrade -i "$NAME" {OCI}')},
    "values": {"a": {"umbrella": NAMED}},
    "values-unnamed": {"a": {"githubConfigUrl": URL}},
    "values-experimental": {"a": {"auth": {"url": URL}, "scaleset": {"name": "exp", "labels": ["gpu"]}}},
    "experimental-by-object": {"a": flux("rel", {"auth": {"url": URL}, "runnerScaleSetName": "a_b"}, EXPERIMENTAL)},
    "first-chart": {"a": flux(values={"scaleSetLabels": ["gpu"]}, chart={"chart": "auto-scaling-runner-set"})},
    "object": {"a": scale_set_object()},
    "object-old": {"a": scale_set_object("0.13.1")},
    "runners-chart": {"a": flux("kiln", {"runnerLabels": ["forge"], "group": "build"}, {"chart": "actions-runner"})},
    "runners-chart-unlabelled": {"a": flux("kiln", {"organization": "acme"}, {"chart": "actions-runner"})},
    "runners-chart-template": {"a": flux("kiln", {"runnerLabels": "${X}"}, {"chart": "actions-runner"})},
    "legacy": {"a": DEPLOYMENT},
    "legacy-own-image": {"a": DEPLOYMENT, "b": flux(values=image("own/runner:1"), chart=CONTROLLER)},
    "legacy-two-controllers": {
        "a": DEPLOYMENT,
        "b": flux(values=image("summerwind/actions-runner:v2"), chart=CONTROLLER),
        "c": flux("other", image("own/runner:1"), CONTROLLER),
    },
    "legacy-told": {"a": DEPLOYMENT, "b": manager("--common-runner-labels", "Corp,x", "--runner-image=own/runner:1")},
    "application-set": {"a": application_set("arc-{{.team}}")},
    "application-set-named": {"a": application_set("{{.team}}", runnerScaleSetName="arc-x")},
    "helmfile-template": {"helmfile": helmfile(name="arc-{{ .Environment.Name }}")},
}

VERDICTS = """
helm            arc-set                           yes
helm            self-hosted                       no
helm            gpu                               no
helm-named      arc-x,gpu                         yes
helm-named      release                           no
helm-labels     linux,gpu                         yes
helm-labels     self-hosted,gpu                   no
helm-old        arc-set                           yes
helm-old        gpu                               no
helm-range      gpu                               yes
helm-wrong-key  gpu                               no
helm-wrong-key  arc-set                           yes
helm-target     ci-runners                        yes
helm-target     runners                           no
helm-given      given                             yes
helm-given      ci-given                          no
helm-variable   runner-main                       unknown
helm-variable   runner                            no
helm-variable   self-hosted                       no
helm-variable-target ci-runner-main               unknown
helm-hidden     arc-set                           unknown
helm-hidden     self-hosted                       unknown
helm-hidden-named arc-x                           yes
helm-hidden-named gpu                             unknown
helm-url-hidden arc-set                           yes
helm-url-hidden gpu                               no
helm-name-hidden arc-set                          unknown
helm-config-map arc-x,gpu                         yes
helm-config-map arc-set                           no
helm-config-map-elsewhere arc-set                 unknown
helm-template   linux                             yes
helm-template   self-hosted                       unknown
helm-experimental exp,gpu                         yes
helm-experimental arc-set                         no
helm-umbrella   arc-x,gpu                         yes
helm-umbrella   arc-set                           no
helm-patched    arc-x                             yes
helm-patched    big                               unknown
helm-prefixed   blue-arc-set                      yes
helm-prefixed   arc-set                           no
helm-prefixed-variable blue-set-a                 unknown
ref             arc-set                           yes
ref             gpu                               no
ref-by-name     arc-set                           yes
ref-by-values   arc-set                           yes
argo            arc-set                           yes
argo            self-hosted                       no
argo-release    other                             yes
argo-release    arc-set                           no
argo-files      arc-set                           unknown
argo-values     arc-x                             yes
argo-values     gpu,arc-x                         yes
argo-values     arc-set                           no
argo-text       arc-x                             yes
argo-text       arc-set                           no
argo-parameter  arc-x                             yes
argo-parameter  gpu                               no
argo-git        arc-set                           unknown
k3s             arc-set,gpu                       yes
k3s-secret      arc-set                           unknown
k3s-secret      big                               unknown
k3s-set         arc-x                             yes
k3s-set         arc-set                           no
helmfile        arc-set,gpu                       yes
helmfile-file   arc-x,gpu                         yes
helmfile-gone   arc-set                           unknown
kustomize       arc-set,gpu                       yes
kustomize-file  arc-x,gpu                         yes
dependency      arc-x,gpu                         yes
dependency      runners                           no
dependency-unnamed gpu                            yes
dependency-unnamed runners                        unknown
command         arc-set,gpu                       yes
command-file    arc-x,gpu                         yes
command-file    arc-set                           no
command-variable anything                         unknown
values          arc-x                             yes
values          self-hosted                       no
values-unnamed  whatever                          unknown
values-experimental exp,gpu                       yes
values-experimental self-hosted                   no
experimental-by-object a-b                        yes
experimental-by-object rel                        no
first-chart     arc-set                           yes
first-chart     gpu                               no
object          arc-set,gpu                       yes
object          self-hosted,gpu                   no
object-old      arc-set                           yes
object-old      gpu                               no
runners-chart   self-hosted,linux,forge           yes
runners-chart   forge,gpu                         no
runners-chart   kiln                              no
runners-chart-unlabelled gpu                      unknown
runners-chart-template gpu                        unknown
legacy          self-hosted,forge                 yes
legacy          corp                              no
legacy-own-image forge                            yes
legacy-own-image self-hosted                      unknown
legacy-two-controllers self-hosted                unknown
legacy-told     self-hosted                       unknown
legacy-told     corp                              unknown
legacy-told     corps                             no
application-set arc-a                             unknown
application-set self-hosted                       no
application-set-named arc-x                       yes
helmfile-template arc-live                        unknown
helmfile-template self-hosted                     no
"""


def pools(**files):
    return placed_pools(text_project(**{name: yaml.safe_dump(held, sort_keys=False) for name, held in files.items()}))


@pytest.mark.parametrize("line", [line for line in VERDICTS.splitlines() if line])
def test_verdict(line):
    name, labels, verdict = line.split()
    (placed,) = pools(**TREES[name])
    assert serves(placed.pool, labels.split(",")) == verdict


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"a": by_reference("web"), "b": oci("web", "oci://ghcr.io/acme/nginx")}, 0),
        ({"a": by_reference("elsewhere")}, 0),
        ({"a": by_reference("gha-runner-scale-set-controller")}, 0),
        ({"a": flux(chart={"chart": "gha-runner-scale-set-controller"})}, 0),
        ({"a": flux(values={"amd64": NAMED, "arm64": NAMED}, chart={"chart": "runners"})}, 2),
        ({"c__Chart": CHART, "c__values": {"gha-runner-scale-set": {}, "other": NAMED}}, 2),
        (
            {
                "c__Chart": {**CHART, "dependencies": [{**DEPENDENCY, "condition": "on"}]},
                "c__values": {"on": False, "gha-runner-scale-set": NAMED},
            },
            0,
        ),
        ({"helmfile": helmfile(values=["a.yaml"], installed=False), "b": {"x": 1}}, 0),
        ({"a": argo(valueFiles=["$v/b.yaml"]), "b": NAMED}, 2),
    ],
)
def test_how_many(files, found):
    assert len(pools(**files)) == found


@pytest.mark.parametrize(
    ("tree", "name", "labels", "title"),
    [
        ("helm", "a.yaml:4:9", None, "HelmRelease arc/arc-set"),
        ("helm-named", "a.yaml:12:25", "a.yaml:13:5", "HelmRelease arc/release"),
        ("helm-given", "a.yaml:13:16", None, "HelmRelease arc/runners"),
        ("helm-config-map", "b.yaml:7:37", "b.yaml:9:21", "HelmRelease arc/arc-set"),
        ("argo-release", "a.yaml:11:20", None, "Application arc-set"),
        ("argo-text", "a.yaml:11:36", None, "Application arc-set"),
        ("argo-parameter", "a.yaml:13:16", None, "Application arc-set"),
        ("helmfile", "helmfile.yaml:2:9", "helmfile.yaml:5:5", "helmfile release arc-set"),
        ("helmfile-file", "arc/values.yaml:1:21", "arc/values.yaml:2:1", "helmfile release arc-x"),
        ("kustomize", "kustomization.yaml:3:16", "kustomization.yaml:5:5", "helm chart arc-set"),
        ("dependency", "c/values.yaml:2:23", "c/values.yaml:3:3", "chart arc-x"),
        ("dependency-unnamed", "c/Chart.yaml:5:9", "c/values.yaml:2:3", "chart c/Chart.yaml"),
        ("command-file", "arc.yaml:1:21", "arc.yaml:2:1", "helm upgrade arc-x"),
        ("values", "a.yaml:2:23", "a.yaml:3:3", "values arc-x"),
    ],
)
def test_places(tree, name, labels, title):
    (placed,) = pools(**TREES[tree])
    assert place(placed.name) == name
    assert (place(placed.labels) if placed.labels.exists else None) == labels
    assert placed.title == title


@pytest.mark.parametrize(
    ("tree", "listed"),
    [
        ("helm-labels", True),
        ("helm-config-map", True),
        ("k3s", True),
        ("dependency", True),
        ("values", True),
        ("command", False),
        ("helm", False),
    ],
)
def test_whether_a_list_is_there_to_be_added_to(tree, listed):
    (placed,) = pools(**TREES[tree])
    assert placed.is_listed is listed


@pytest.mark.parametrize(
    ("version", "old"),
    [
        ("0.13.1", True),
        ("v0.9.3", True),
        ("0.13.x", True),
        ("<0.14.0", True),
        (">=0.12 <0.14", True),
        ("0.14.0", False),
        ("0.14.x", False),
        (">=0.13.0", False),
        ("0.14.0-rc.1", False),
        ("*", False),
        ("${VERSION}", False),
        ("newest", False),
        (None, False),
    ],
)
def test_charts_that_know_no_labels(version, old):
    assert is_too_old(version) is old


def test_sources_of_one_name_that_differ_have_no_version():
    files = {"a": by_reference("r", {"scaleSetLabels": ["gpu"]}), "b": oci("r", tag="0.13.0"), "c": oci("r")}
    (placed,) = pools(**files)
    assert placed.version is None and placed.pool.labels_take_effect


@pytest.mark.parametrize(
    "junk", [None, 3, "text", [], ["x"], {"a": None}, {"template": 4}, {"template": {"spec": "${X}"}}, True]
)
@pytest.mark.parametrize("model", [flux(), argo(), k3s()], ids=lambda model: model["kind"])
def test_never_raises(model, junk):
    for key in ("spec", "metadata"):
        assert all(serves(placed.pool, ["x"]) for placed in pools(a={**model, key: junk}))
    spec = model["spec"]
    for key in ("values", "chart", "source", "helm", "valuesFrom", "valuesContent", "set", "chartRef", "sources"):
        assert isinstance(pools(a={**model, "spec": {**spec, key: junk}}), list)
    for key in ("runnerScaleSetName", "scaleSetLabels", "scaleset", "runnerGroup"):
        for files in ({"a": flux(values={key: junk})}, {"a": {"githubConfigUrl": URL, key: junk}}):
            assert all(serves(placed.pool, ["x"]) for placed in pools(**files))


def test_a_name_that_nobody_tells():
    (placed,) = pools(**TREES["helm-name-hidden"])
    assert placed.pool.name == UNRESOLVED
