"""single-platform-image-build: what the fixtures do not show."""

import pytest
from effort import grows_linearly
from linting import lint_texts

from kubelint.manifests import ClusterSettings

RULE = "single-platform-image-build"
MIXED = ClusterSettings(architectures=("amd64", "arm64"))


MEANT = """affinity:
    nodeAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
        nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/arch, operator: In, values: [amd64, arm64]}]}]
"""


def pod(image, name="web", more=""):
    spec = f"spec:\n  containers: [{{name: a, image: '{image}'}}]\n  {MEANT}  {more}\n"
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\n{spec}"


def build(inputs, runs_on="ubuntu-latest", more=""):
    step = f"{{uses: docker/build-push-action@v6, with: {{push: true, {inputs}}}}}"
    return f"on: push\njobs:\n  image:\n    runs-on: {runs_on}\n    {more}\n    steps: [{step}]\n"


def run(script, runs_on="ubuntu-latest"):
    return f"on: push\njobs:\n  image:\n    runs-on: {runs_on}\n    steps:\n      - run: |\n          {script}\n"


def found(workload, workflow, settings=MIXED):
    files = {"pod.yaml": workload, ".github/workflows/image.yaml": workflow}
    report = lint_texts(files, select=(RULE,), cluster=settings)
    assert not report.crashed
    return report.findings


IMAGE = "registry.example/shop/web:1"
AMD = build(f"tags: '{IMAGE}', platforms: linux/amd64")


def test_declared_architectures_need_no_witness():
    (finding,) = found(pod(IMAGE), AMD)
    assert "may be placed on `arm64` nodes" in finding.message
    assert [related.place.path for related in finding.related] == ["pod.yaml"]
    (fix,) = finding.fixes
    assert [edit.text for edit in fix.edits] == ["linux/amd64,linux/arm64"]


@pytest.mark.parametrize("architectures", [(), ("amd64",), ("arm64",)])
def test_only_where_the_cluster_is_mixed(architectures):
    assert found(pod(IMAGE), AMD, ClusterSettings(architectures=architectures)) == []


@pytest.mark.parametrize(
    ("workflow", "told"),
    [
        (build(f"tags: '{IMAGE}'"), True),
        (build(f"tags: '{IMAGE}'", "[self-hosted, linux, X64]"), True),
        (build(f"tags: '{IMAGE}'", "[self-hosted, linux]"), False),
        (build(f"tags: '{IMAGE}'", "builders"), False),
        (build(f"tags: '{IMAGE}'", "${{ vars.RUNNER }}"), False),
        (build(f"tags: '{IMAGE}', platforms: 'linux/arm64'"), True),
        (build(f"tags: '{IMAGE}', platforms: 'linux/arm64,linux/amd64,linux/arm/v7'"), False),
        (
            build(f"tags: '{IMAGE}', platforms: '${{{{ matrix.p }}}}'", more="strategy: {matrix: {p: [linux/amd64]}}"),
            True,
        ),
        (build(f"tags: '{IMAGE}', platforms: '${{{{ inputs.p }}}}'"), False),
        (build("tags: 'registry.example/shop/other:1', platforms: linux/amd64"), False),
        (build("tags: 'registry.other/shop/web:1', platforms: linux/amd64"), False),
        (build("tags: '${{ env.HOST }}/shop/web:1', platforms: linux/amd64"), False),
        (build("tags: 'registry.example/shop/web:${{ github.sha }}', platforms: linux/amd64"), True),
        (run(f"docker build -t {IMAGE} . && docker push {IMAGE}"), True),
        (run(f"docker buildx build --platform linux/amd64,linux/arm64 --push -t {IMAGE} ."), False),
        (run(f"docker buildx build --platform=$PLATFORM --push -t {IMAGE} ."), False),
        (run(f"docker build -t {IMAGE}-amd64 . && docker manifest create {IMAGE} {IMAGE}-amd64 {IMAGE}-arm64"), False),
    ],
)
def test_what_a_build_tells(workflow, told):
    assert len(found(pod(IMAGE), workflow)) == told


@pytest.mark.parametrize(
    ("workload", "told"),
    [
        (pod(f"{IMAGE}@sha256:{'0' * 64}"), True),
        (pod("registry.example/shop/web:2"), True),
        (pod("registry.example/shop/web:${TAG}"), False),
        (pod("${REGISTRY}/shop/web:1"), False),
        (pod("{{ .Values.image }}"), False),
        (pod(IMAGE, more="nodeSelector: {kubernetes.io/arch: amd64}"), False),
        (pod(IMAGE, more="nodeSelector: {kubernetes.io/arch: arm64}"), False),  # it runs nowhere: another rule's
        (pod(IMAGE, more="nodeSelector: {disk: ssd}"), False),
        (pod(IMAGE, more="nodeName: alder"), False),
    ],
)
def test_what_a_workload_tells(workload, told):
    assert len(found(workload, AMD)) == told


def test_one_finding_for_a_build_and_one_for_each_image():
    both = build(f"tags: '{IMAGE},registry.example/shop/api:1'")
    workloads = (
        "---\n".join(pod(IMAGE, f"web{index}") for index in range(5)) + "---\n" + pod("registry.example/shop/api:1")
    )
    web, api = sorted(found(workloads, both), key=lambda finding: "shop/api" in finding.message)
    assert "and 4 more" in web.message and len(web.related) == 3
    assert "shop/api:1" in api.message


def many(size):
    workloads = "---\n".join(pod(f"registry.example/shop/web:{index}", f"web{index}") for index in range(size))
    return found(workloads, AMD)


def test_work_grows_with_the_workloads():
    assert len(many(12)) == 1
    assert grows_linearly(many, 25)


PLAIN = build(f"tags: '{IMAGE}'", "kiln")
HOST = "{name: DOCKER_HOST, value: 'tcp://big:2375'}"
ARM = "nodeSelector: {kubernetes.io/arch: arm64}"


def scale_set(spec, name="kiln", more=""):
    return (
        f"---\napiVersion: actions.github.com/v1alpha1\nkind: AutoscalingRunnerSet\nmetadata: {{name: {name}}}\n"
        f"spec:\n  githubConfigUrl: https://github.com/shop\n  template: {{spec: {{{spec}}}}}\n{more}"
    )


def deployment(config, name="builders", labels="[kiln]"):
    return (
        f"---\napiVersion: actions.summerwind.dev/v1alpha1\nkind: RunnerDeployment\nmetadata: {{name: {name}}}\n"
        f"spec:\n  template:\n    spec: {{organization: shop, labels: {labels}, {config}}}\n"
    )


def released(spec, more=""):
    return (
        "---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: kiln, namespace: ci}\n"
        "spec:\n  chart: {spec: {chart: gha-runner-scale-set, version: 0.14.1}}\n"
        f"  values: {{githubConfigUrl: 'https://github.com/shop', template: {{spec: {{{spec}}}}}}}\n{more}"
    )


INSTALLED = (
    "on: push\njobs:\n  arc:\n    runs-on: ubuntu-latest\n    steps:\n      - run: helm upgrade --install kiln "
    "oci://ghcr.io/actions/actions-runner-controller-charts/gha-runner-scale-set -f arc/values.yaml\n"
)


def on_runners(runners, workflow=PLAIN, **more):
    files = {"pod.yaml": pod(IMAGE), "runners.yaml": runners, ".github/workflows/image.yaml": workflow}
    more = {name.replace("__", "/") + ".yaml": text for name, text in more.items()}
    report = lint_texts({**files, **more}, select=(RULE,), cluster=MIXED)
    assert not report.crashed
    return report.findings


@pytest.mark.parametrize(
    "runners",
    [
        scale_set(ARM),
        deployment(ARM),
        released(ARM),
        scale_set(
            "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
            "[{matchExpressions: [{key: kubernetes.io/arch, operator: In, values: [arm64]}]}]}}}"
        ),
        scale_set(
            f"{ARM}, containers: [{{name: runner, env: [{{name: DOCKER_HOST, value: 'tcp://localhost:2376'}}]}}]"
        ),
        deployment(ARM) + deployment(ARM, "more"),
        deployment(ARM) + deployment("", "others", "[forge]"),
        scale_set(f"{ARM}, zone: x"),
    ],
)
def test_the_nodes_of_the_runners_tell_what_a_build_without_platforms_is_for(runners):
    (finding,) = on_runners(runners)
    assert "is built for `arm64` only" in finding.message and "`amd64` nodes" in finding.message
    (runner,) = [related for related in finding.related if related.place.path == "runners.yaml"]
    assert runner.text == "the runners of the job are on `arm64` nodes"


@pytest.mark.parametrize(
    ("runners", "workflow"),
    [
        (scale_set(""), PLAIN),
        (scale_set("nodeSelector: {disk: ssd}"), PLAIN),
        (scale_set("nodeSelector: {kubernetes.io/arch: '${ARCH}'}"), PLAIN),
        (scale_set(ARM, "kiln-${CLUSTER}"), build(f"tags: '{IMAGE}'", "kiln-home")),
        (scale_set(ARM), build(f"tags: '{IMAGE}'", "forge")),
        (scale_set(ARM), build(f"tags: '{IMAGE}'", "'${{ vars.RUNNER }}'")),
        (scale_set(ARM), build(f"tags: '{IMAGE}', platforms: '${{{{ vars.PLATFORMS }}}}'", "kiln")),
        (deployment(ARM) + deployment("nodeSelector: {kubernetes.io/arch: amd64}", "more"), PLAIN),
        (deployment(ARM) + deployment("", "more"), PLAIN),
        (scale_set(f"{ARM}, containers: [{{name: runner, env: [{HOST}]}}]"), PLAIN),
        (scale_set(ARM), build(f"tags: '{IMAGE}'", "kiln", "env: {DOCKER_HOST: 'ssh://big'}")),
        (scale_set(ARM), run(f"docker buildx create --driver kubernetes --use; docker build -t {IMAGE} .", "kiln")),
        (released(ARM, "  postRenderers: [{kustomize: {patches: [{patch: 'nodeSelector: x'}]}}]\n"), PLAIN),
        (released(ARM).replace("values:", "valuesFrom: [{kind: Secret, name: arc}]\n  values:"), PLAIN),
        (released("").replace("template: {spec: {}}", "template: '${TEMPLATE}'"), PLAIN),
    ],
)
def test_runners_that_tell_nothing(runners, workflow):
    assert on_runners(runners, workflow) == []


def test_runners_that_a_command_installs_and_commands_that_build_on_them():
    values = "githubConfigUrl: https://github.com/shop\ntemplate: {spec: {nodeSelector: {kubernetes.io/arch: arm64}}}\n"
    workflow = run(f"docker buildx create --use && docker build -t {IMAGE} .", "kiln")
    (finding,) = on_runners("a: 1\n", workflow, arc__values=values, **{".github__workflows__arc": INSTALLED})
    assert "is built for `arm64` only" in finding.message


def test_a_run_for_each_of_two_runners_is_a_build_for_both():
    pair = scale_set(ARM) + scale_set("nodeSelector: {kubernetes.io/arch: amd64}", "forge")
    matrix = build(f"tags: '{IMAGE}'", "'${{ matrix.on }}'", "strategy: {matrix: {on: [kiln, forge]}}")
    assert on_runners(pair, matrix) == []
    assert len(on_runners(pair, matrix.replace("[kiln, forge]", "[kiln]"))) == 1


def test_the_runner_that_callers_of_a_reusable_workflow_name():
    called = build(f"tags: '{IMAGE}'", "'${{ inputs.on }}'").replace(
        "on: push", "on: {workflow_call: {inputs: {on: {type: string}}}}"
    )
    caller = "on: push\njobs: {image: {uses: ./.github/workflows/image.yaml, with: {on: kiln}}}\n"
    assert len(on_runners(scale_set(ARM), called, **{".github__workflows__push": caller})) == 1
    other = caller.replace("jobs: {", "jobs: {b: {uses: ./.github/workflows/image.yaml, with: {on: forge}}, ")
    assert on_runners(scale_set(ARM), called, **{".github__workflows__push": other}) == []


def test_runners_in_a_cluster_whose_nodes_are_alike():
    files = {
        "clusters/shop/pod.yaml": pod(IMAGE),
        "clusters/shop/nodes.yaml": "".join(
            f"---\napiVersion: v1\nkind: Node\nmetadata: {{name: {arch}, labels: {{kubernetes.io/arch: {arch}}}}}\n"
            for arch in ("amd64", "arm64")
        ),
        "clusters/ci/nodes.yaml": "apiVersion: v1\nkind: Node\n"
        "metadata: {name: alder, labels: {kubernetes.io/arch: amd64}}\n",
        "clusters/ci/runners.yaml": scale_set("containers: [{name: runner, image: ghcr.io/actions/actions-runner:2}]"),
        ".github/workflows/image.yaml": PLAIN,
    }
    (finding,) = lint_texts(files, select=(RULE,)).findings
    assert "is built for `amd64` only" in finding.message


def many_builds(size):
    workloads = "---\n".join(pod(f"registry.example/shop/web{index}:1", f"web{index}") for index in range(size))
    steps = ", ".join(
        f"{{uses: docker/build-push-action@v6, with: {{push: true, tags: 'registry.example/shop/web{index}:1', "
        "platforms: linux/amd64}}"
        for index in range(size)
    )
    return found(workloads, f"on: push\njobs: {{image: {{runs-on: ubuntu-latest, steps: [{steps}]}}}}\n")


def test_work_grows_with_the_builds_and_not_with_their_product():
    assert len(many_builds(12)) == 12
    assert grows_linearly(many_builds, 25)
