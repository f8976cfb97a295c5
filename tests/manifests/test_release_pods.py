"""The pods that chart values define: which there are, what places them, and where each part of them is written."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from release_projects import place, text_project

from kubelint.manifests.releases.pods import release_pods

HEAD = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: shop}
"""
APP = "containers: {app: {image: {repository: registry.example/web, tag: '1'}}}"
AMD, LINUX = "nodeSelector: {kubernetes.io/arch: amd64}", "nodeSelector: {kubernetes.io/os: linux}"


def pods(values, chart="app-template", version="4.1.0", **more):
    release = f"{HEAD}spec:\n  chart: {{spec: {{chart: {chart}, version: {version}}}}}\n  values: {values}\n"
    return list(release_pods(text_project(web=release, **more)))


def only(values, **options):
    (pod,) = pods(values, **options)
    return pod


WRITTEN = """
    defaultPodOptions:
      hostNetwork: true
      nodeSelector:
        kubernetes.io/arch: arm64
    controllers:
      web:
        type: statefulset
        pod:
          tolerations: [{key: fast}]
        initContainers:
          migrate:
            image: registry.example/shop/migrate:2
        containers:
          app:
            image:
              repository: registry.example/shop/web
              tag: 1.4
              digest: sha256:00
          off:
            enabled: false
            image: {repository: registry.example/shop/off, tag: '1'}
"""


def test_a_controller_is_read_as_a_pod():
    pod = only(WRITTEN)
    assert (pod.display, pod.kind, pod.namespace, pod.partial) == ("HelmRelease shop/web", "StatefulSet", "shop", False)
    assert pod.spec.value["hostNetwork"] is True
    assert [(one.name, one.role, one.image.text) for one in pod.containers] == [
        ("migrate", "init", "registry.example/shop/migrate:2"),
        ("app", "container", "registry.example/shop/web:1.4@sha256:00"),
    ]


@pytest.mark.parametrize(
    ("path", "where"),
    [
        (("nodeSelector", "kubernetes.io/arch"), "web.yaml:10:29"),
        (("tolerations", 0, "key"), "web.yaml:15:31"),
        (("initContainers", 0, "image"), "web.yaml:18:20"),
        (("containers", 0, "image"), "web.yaml:22:27"),
        (("affinity",), "web.yaml:14:9"),
    ],
)
def test_every_part_is_where_it_was_written(path, where):
    assert place(only(WRITTEN).spec.get(*path)) == where


SELECTORS = [
    ("none", f"{{controllers: {{a: {{{APP}}}}}}}", None),
    ("for all", f"{{defaultPodOptions: {{{AMD}}}, controllers: {{a: {{{APP}}}}}}}", {"kubernetes.io/arch": "amd64"}),
    (
        "its own, in place of that for all",
        f"{{defaultPodOptions: {{{AMD}}}, controllers: {{a: {{pod: {{{LINUX}}}, {APP}}}}}}}",
        {"kubernetes.io/os": "linux"},
    ),
    (
        "its own, over that for all",
        f"{{defaultPodOptionsStrategy: merge, defaultPodOptions: {{{AMD}}},"
        f" controllers: {{a: {{pod: {{{LINUX}}}, {APP}}}}}}}",
        {"kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux"},
    ),
    (
        "null leaves that for all",
        f"{{defaultPodOptions: {{{AMD}}}, controllers: {{a: {{pod: {{nodeSelector: null}}, {APP}}}}}}}",
        {"kubernetes.io/arch": "amd64"},
    ),
]


@pytest.mark.parametrize(("values", "selector"), [row[1:] for row in SELECTORS], ids=[row[0] for row in SELECTORS])
def test_selector(values, selector):
    pod = only(values)
    assert (pod.spec.get("nodeSelector").value, pod.partial) == (selector, False)


PARTIAL = [
    (
        "an empty selector over one for all",
        f"{{defaultPodOptions: {{{AMD}}}, controllers: {{a: {{pod: {{nodeSelector: {{}}}}, {APP}}}}}}}",
    ),
    ("a template for a selector", f"{{controllers: {{a: {{pod: {{nodeSelector: '${{X}}'}}, {APP}}}}}}}"),
    ("a template for all options", f"{{defaultPodOptions: '${{X}}', controllers: {{a: {{{APP}}}}}}}"),
    ("a template for the switch", f"{{controllers: {{a: {{enabled: '${{X}}', {APP}}}}}}}"),
    ("no image", "{controllers: {a: {containers: {app: {}}}}}"),
    (
        "a post-renderer that places pods",
        f"{{controllers: {{a: {{{APP}}}}}}}\n"
        "  postRenderers: [{kustomize: {patches: [{patch: 'nodeSelector: ...'}]}}]",
    ),
    ("values from elsewhere", f"{{controllers: {{a: {{{APP}}}}}}}\n  valuesFrom: [{{kind: Secret, name: more}}]"),
]


@pytest.mark.parametrize("values", [row[1] for row in PARTIAL], ids=[row[0] for row in PARTIAL])
def test_what_is_unknown_is_not_missing(values):
    assert only(values).partial


NONE = [
    ("switched off", f"{{controllers: {{a: {{enabled: false, {APP}}}}}}}", {}),
    ("another chart", f"{{controllers: {{a: {{{APP}}}}}}}", {"chart": "shop"}),
    ("the first shape in a later version", "{image: {repository: a, tag: b}}", {}),
    ("no pod of a scale set", "{githubConfigUrl: https://github.com/a/b}", {"chart": "gha-runner-scale-set"}),
    ("a list of controllers", "{controllers: [a]}", {}),
    ("a string", "text", {}),
]


@pytest.mark.parametrize(("values", "options"), [row[1:] for row in NONE], ids=[row[0] for row in NONE])
def test_no_pods(values, options):
    assert pods(values, **options) == []


def test_the_first_shape():
    values = (
        "{controller: {type: daemonset}, image: {repository: a/b, tag: 1}, sidecars: {s: {image: 'c:2'}}, " + AMD + "}"
    )
    pod = only(values, version="1.5.1")
    assert (pod.kind, pod.spec.get("nodeSelector", "kubernetes.io/arch").text) == ("DaemonSet", "amd64")
    assert [container.image.text for container in pod.containers] == ["a/b:1", "c:2"]


def test_a_scale_set():
    pod = only("{template: {spec: {containers: [{name: runner, image: 'a/runner:2'}]}}}", chart="gha-runner-scale-set")
    assert (pod.kind, pod.partial, pod.containers[0].image.text) == ("AutoscalingRunnerSet", False, "a/runner:2")


def test_a_default_image_of_the_containers():
    values = (
        "{controllers: {a: {defaultContainerOptions: {image: {repository: a/b, tag: v1}}, containers: {x: {}, y: {}}}}}"
    )
    assert [container.image.text for container in only(values).containers] == ["a/b:v1"] * 2


SELECTED = [
    (
        "for all pods",
        f"{{defaultPodOptions: {{}}, controllers: {{a: {{{APP}}}}}}}",
        "defaultPodOptions",
        "nodeSelector",
    ),
    ("the only pod's", f"{{controllers: {{a: {{{APP}}}}}}}", "controllers.a", "pod"),
    ("its options", f"{{controllers: {{a: {{pod: {{}}, {APP}}}}}}}", "controllers.a.pod", "nodeSelector"),
    ("its selector", f"{{controllers: {{a: {{pod: {{{LINUX}}}, {APP}}}}}}}", "controllers.a.pod.nodeSelector", "l"),
    (
        "the selector for all",
        f"{{defaultPodOptions: {{{LINUX}}}, controllers: {{a: {{{APP}}}}}}}",
        "defaultPodOptions.nodeSelector",
        "l",
    ),
    (
        "one of several",
        f"{{defaultPodOptions: {{}}, controllers: {{a: {{{APP}}}, b: {{{APP}}}}}}}",
        "controllers.a",
        "pod",
    ),
]


@pytest.mark.parametrize(("values", "path", "key"), [row[1:] for row in SELECTED], ids=[row[0] for row in SELECTED])
def test_the_edit_that_selects_nodes(values, path, key):
    edit = pods(values)[0].select("l", "v")
    assert edit is not None
    assert (".".join(map(str, edit.path)), edit.key) == (f"spec.values.{path}", key)
    assert edit.text == {"l": "v", "nodeSelector": "{l: v}", "pod": "{nodeSelector: {l: v}}"}[key]


def test_no_edit_where_one_does_not_do():
    several = f"{{defaultPodOptions: {{{LINUX}}}, controllers: {{a: {{{APP}}}, b: {{{APP}}}}}}}"
    assert [pod.select("l", "v") for pod in pods(several)] == [None, None]
    argo = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web}
spec:
  source:
    chart: app-template
    targetRevision: 4.0.0
    helm:
      parameters: [{name: controllers.web.containers.app.image.repository, value: a/b}]
"""
    (pod,) = release_pods(text_project(web=argo))
    assert (pod.containers[0].image.text, pod.partial, pod.select("l", "v")) == ("a/b", False, None)


def test_a_patch_may_set_it():
    kustomization = "kind: Kustomization\nresources: [web.yaml]\npatches: [{path: patch.yaml}]"
    patch = f"{HEAD}spec: {{values: {{defaultPodOptions: {{{AMD}}}}}}}"
    (pod,) = pods(f"{{controllers: {{a: {{{APP}}}}}}}", kustomization=kustomization, patch=patch)
    assert pod.partial


def test_the_pods_of_a_chart_and_its_configuration_are_seen_once():
    chart = """\
apiVersion: helm.cattle.io/v1
kind: {kind}
metadata: {{name: web, namespace: kube-system}}
spec:
  {chart}
  valuesContent: |-
    {values}
"""
    own = chart.format(kind="HelmChart", chart="chart: app-template", values=f"controllers: {{a: {{{APP}}}}}")
    more = chart.format(kind="HelmChartConfig", chart="", values=f"defaultPodOptions: {{{AMD}}}")
    (pod,) = release_pods(text_project(web=own, more=more))
    assert place(pod.spec.get("nodeSelector", "kubernetes.io/arch")) == "more.yaml:7:60"
    assert pod.select("l", "v") is None


def test_releases_without_an_object():
    helmfile = f"""\
releases:
  - name: web
    namespace: shop
    chart: apps/app-template
    version: 4.1.0
    values:
      - controllers: {{a: {{{APP}}}}}
"""
    (pod,) = release_pods(text_project(helmfile=helmfile))
    assert (pod.display, pod.namespace, pod.partial) == ("helmfile web", "shop", False)
    assert place(pod.containers[0].image) == "helmfile.yaml:7:66"


KEYS = [
    "controllers",
    "defaultPodOptions",
    "pod",
    "nodeSelector",
    "containers",
    "image",
    "repository",
    "a",
    "spec",
    "template",
    "enabled",
    "tag",
    "initContainers",
    "${X}",
    "defaultPodOptionsStrategy",
    "sidecars",
]
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["x", "${X}", ""]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=20,
)


@given(ODD, st.sampled_from(["app-template", "gha-runner-scale-set"]), st.sampled_from(["1.0.0", "4.0.0", "x"]))
def test_nothing_odd_raises(values, chart, version):
    for pod in pods(json.dumps(values), chart=chart, version=version):
        assert isinstance(pod.partial, bool)
        assert isinstance(pod.display, str)
        pod.select("l", "v")
