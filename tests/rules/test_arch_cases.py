"""Workloads and architectures as people write them: each case with the findings that it deserves."""

from __future__ import annotations

import json

import pytest
from linting import ids, lint_texts, lint_tree

from kubelint.manifests import ClusterSettings, NodeFacts

FREE, ONLY, WRONG, WISH, CLASH, UNKNOWN, OLD, BUILD = (
    "missing-arch-constraint",
    "single-arch-image-unconstrained",
    "image-arch-mismatch",
    "preferred-only-arch",
    "unsatisfiable-arch",
    "unknown-arch-value",
    "deprecated-node-label",
    "single-platform-image-build",
)
ARCH, HOST = "kubernetes.io/arch", "kubernetes.io/hostname"
AMD = {"nodeSelector": {ARCH: "amd64"}}
IMAGE = "registry.example/shop/web:1"
POD = {"containers": [{"name": "web", "image": IMAGE}]}


def node(name, architecture, *taints):
    labels = {ARCH: architecture, HOST: name}
    body = {"metadata": {"name": name, "labels": labels}, "spec": {"taints": list(taints)}}
    return {"apiVersion": "v1", "kind": "Node", **body}


def of(version, kind, spec, **more):
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "web", "namespace": "shop"}, "spec": spec, **more}


def workload(name="web", image=IMAGE, **spec):
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "a", "image": image}], **spec}}
    found = of("apps/v1", "Deployment", {"selector": {"matchLabels": {"app": name}}, "template": template})
    return {**found, "metadata": {"name": name, "namespace": "shop"}}


def expression(key, operator, *values):
    return {"matchExpressions": [{"key": key, "operator": operator, **({"values": list(values)} if values else {})}]}


def required(*terms):
    holder = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": list(terms)}}
    return {"affinity": {"nodeAffinity": holder}}


def texts(*documents):
    return "\n---\n".join(map(json.dumps, documents))


MIXED = (node("pve1", "amd64"), node("lima", "arm64"))
TAINT = {"key": "arch", "value": "arm64", "effect": "NoSchedule"}
TAINTED = (node("pve1", "amd64"), node("lima", "arm64", TAINT))
FAR = (node("pve1.example.org", "amd64"), node("lima.example.org", "arm64"))
FOR_AMD = "registry.example/shop/web-amd64:1"


def reported(files, **settings):
    report = lint_texts(
        {"apps/all.yaml": files} if isinstance(files, str) else files, select=("scheduling",), **settings
    )
    assert not report.crashed, [finding.message for finding in report.findings]
    return sorted(ids(report))


BOUND = [
    ("nothing", {}, [FREE]),
    ("a selector", AMD, []),
    ("a selector that is a list", {"nodeSelector": [ARCH]}, [FREE]),
    ("a selector that is text", {"nodeSelector": "a=b"}, []),
    ("a selector of a number", {"nodeSelector": {ARCH: 386}}, []),
    ("a selector of a variable", {"nodeSelector": {ARCH: "${ARCH}"}}, []),
    ("a selector that a template makes", {"nodeSelector": "{{ selector }}"}, []),
    ("its host", {"nodeSelector": {HOST: "pve1"}}, []),
    ("another label", {"nodeSelector": {"pool": "media"}}, []),
    ("the system", {"nodeSelector": {"kubernetes.io/os": "linux"}}, [FREE]),
    ("the maker of the processor", {"nodeSelector": {"feature.node.kubernetes.io/cpu-model.vendor_id": "Intel"}}, []),
    ("one of both", required(expression(ARCH, "In", "amd64", "arm64")), []),
    ("not the other", required(expression(ARCH, "NotIn", "arm64")), []),
    ("not what is not there", required(expression(ARCH, "NotIn", "riscv64")), []),  # it speaks of architectures
    ("any", required(expression(ARCH, "Exists")), [FREE]),
    ("one, or any", required(expression(ARCH, "In", "amd64"), expression(ARCH, "Exists")), [FREE]),
    ("one, or nobody knows", required(expression(ARCH, "In", "amd64"), expression("zone", "In", "a")), []),
    ("a kind of machine", required(expression("node.kubernetes.io/instance-type", "In", "m7")), []),
    ("no such operator", required(expression(ARCH, "Is", "amd64")), []),
    ("affinity that is a list", {"affinity": []}, [FREE]),
    ("no terms", required(), []),
    ("a device", {"containers": [{"image": "a", "resources": {"limits": {"nvidia.com/gpu": 1}}}]}, []),
    ("containers that are a mapping", {"containers": {"web": IMAGE}}, []),
]


@pytest.mark.parametrize(("spec", "rules"), [row[1:] for row in BOUND], ids=[row[0] for row in BOUND])
def test_what_binds_a_workload(spec, rules):
    assert reported(texts(*MIXED, workload(**spec))) == rules


PLACES = [
    ("kept off by a taint", [*TAINTED, workload()], []),
    ("the taint is tolerated", [*TAINTED, workload(tolerations=[{"key": "arch", "operator": "Exists"}])], [FREE]),
    ("tolerations that are a mapping", [*TAINTED, workload(tolerations={"operator": "Exists"})], []),
    ("long names, a short selector", [*FAR, workload(nodeSelector={HOST: "pve1"})], []),
    ("on the wrong node, by its short name", [*FAR, workload(image=FOR_AMD, nodeSelector={HOST: "lima"})], [WRONG]),
    ("on the wrong node", [*MIXED, workload(image=FOR_AMD, nodeName="lima")], [WRONG]),
    (
        "on any node but the wrong one",
        [*MIXED, workload(image=FOR_AMD, **required(expression(HOST, "NotIn", "lima")))],
        [],
    ),
    ("the old label", [*MIXED, workload(nodeSelector={"beta.kubernetes.io/arch": "amd64"})], [OLD]),
    ("no such architecture", [*MIXED, workload(nodeSelector={ARCH: "x86_64"})], [UNKNOWN]),
    ("one right, one wrong", [*MIXED, workload(**required(expression(ARCH, "In", "amd64", "x86_64")))], [UNKNOWN]),
    ("two at once", [workload(**AMD, **required(expression(ARCH, "In", "arm64")))], [CLASH]),
    ("a list of nodes and workloads", [of("v1", "List", None, items=[*MIXED, workload()])], [FREE]),
]


@pytest.mark.parametrize(("documents", "rules"), [row[1:] for row in PLACES], ids=[row[0] for row in PLACES])
def test_where_a_workload_may_be_placed(documents, rules):
    assert reported(texts(*documents)) == rules


def test_declared_nodes_go_by_their_long_and_short_names():
    nodes = ClusterSettings(nodes={"pve1": NodeFacts("amd64"), "lima": NodeFacts("arm64")})
    for name, rules in (("pve1.example.org", []), ("lima.example.org", [WRONG]), ("pine.example.org", [])):
        assert reported(texts(workload(image=FOR_AMD, nodeSelector={HOST: name})), cluster=nodes) == rules


POOL = {"template": {"spec": {"requirements": [{"key": ARCH, "operator": "In", "values": ["amd64", "arm64"]}]}}}
INVENTORY = "k3s_cluster:\n  hosts:\n    a: {arch: amd64}\n    b: {arch: arm64}\n"
TOLD = [
    ("nodes", {"nodes.yaml": texts(*MIXED)}, [FREE]),
    ("node pools", {"pool.yaml": texts(of("karpenter.sh/v1", "NodePool", POOL))}, [FREE]),
    ("an inventory", {"inventory/hosts.yml": INVENTORY}, [FREE]),
    ("nodes of one architecture", {"nodes.yaml": texts(node("pve1", "amd64"))}, []),
    ("another cluster", {"clusters/away/nodes.yaml": texts(*MIXED)}, [FREE]),  # the one note of those in the dark
]


@pytest.mark.parametrize(("files", "rules"), [row[1:] for row in TOLD], ids=[row[0] for row in TOLD])
def test_what_tells_of_nodes(files, rules):
    files = {("clusters/home/" if "clusters/away/nodes.yaml" in files else "") + "all.yaml": texts(workload()), **files}
    assert reported(files) == rules
    severe = [finding.severity for finding in lint_texts(files, select=(FREE,)).findings]
    assert severe in ([], ["info" if "clusters/away/nodes.yaml" in files else "warning"])


def test_clusters_whose_nodes_share_a_name_stay_apart():
    home = [node("n1", "amd64"), workload(image="registry.example/shop/web-arm64:1", nodeName="n1")]
    away = [node("n1", "arm64"), workload(image="registry.example/shop/web-arm64:1", nodeName="n1")]
    assert reported({"clusters/home/a.yaml": texts(*home), "clusters/away/a.yaml": texts(*away)}) == [WRONG]


KINDS = [
    ("v1", "Pod", POD),
    ("v1", "ReplicationController", {"template": {"spec": POD}}),
    ("batch/v1", "Job", {"template": {"spec": POD}}),
    ("batch/v1", "CronJob", {"jobTemplate": {"spec": {"template": {"spec": POD}}}}),
    ("argoproj.io/v1alpha1", "Rollout", {"template": {"spec": POD}}),
    ("apps.kruise.io/v1alpha1", "CloneSet", {"template": {"spec": POD}}),
    ("serving.knative.dev/v1", "Service", {"template": {"spec": POD}}),
    ("actions.github.com/v1alpha1", "AutoscalingRunnerSet", {"template": {"spec": POD}}),
    ("elasticsearch.k8s.elastic.co/v1", "Elasticsearch", {"nodeSets": [{"podTemplate": {"spec": POD}}]}),
    ("ray.io/v1", "RayCluster", {"headGroupSpec": {"template": {"spec": POD}}}),
    ("batch.volcano.sh/v1alpha1", "Job", {"tasks": [{"template": {"spec": POD}}]}),
    ("argoproj.io/v1alpha1", "Workflow", {"templates": [{"name": "a", "container": {"image": IMAGE}}]}),
    (
        "apps.kruise.io/v1alpha1",
        "UnitedDeployment",
        {"template": {"deploymentTemplate": {"spec": {"template": {"spec": POD}}}}},
    ),
]


@pytest.mark.parametrize(("version", "kind", "spec"), KINDS, ids=[row[1] for row in KINDS])
def test_every_kind_of_workload(version, kind, spec):
    assert reported(texts(*MIXED, of(version, kind, spec))) == [FREE]
    bound = json.loads(json.dumps(spec).replace(json.dumps(POD), json.dumps({**POD, **AMD})))
    if kind == "Workflow":
        bound = {**spec, **AMD}
    if kind == "UnitedDeployment":
        bound = {**spec, "topology": {"subsets": [{"nodeSelectorTerm": expression(ARCH, "In", "amd64")}]}}
    assert reported(texts(*MIXED, of(version, kind, bound))) == []


OPERATED = [
    ("monitoring.coreos.com/v1", "Prometheus", {"image": FOR_AMD}, AMD),
    ("postgresql.cnpg.io/v1", "Cluster", {"imageName": FOR_AMD, "affinity": {"tolerations": []}}, {"affinity": AMD}),
]


@pytest.mark.parametrize(("version", "kind", "spec", "bound"), OPERATED, ids=[row[1] for row in OPERATED])
def test_an_image_that_an_operator_runs(version, kind, spec, bound):
    assert reported(texts(*MIXED, of(version, kind, spec))) == [ONLY]
    assert reported(texts(*MIXED, of(version, kind, {**spec, **bound}))) == []
    other = json.loads(json.dumps(bound).replace("amd64", "arm64"))
    assert reported(texts(*MIXED, of(version, kind, {**spec, **other}))) == [WRONG]


ADD = "{op: add, path: /spec/template/spec/nodeSelector%s, value: %s}"
PATCHES = [
    ("it all", ADD % ("", "{kubernetes.io/arch: x86_64}"), UNKNOWN, "x86_64"),
    ("one label", ADD % ("/kubernetes.io~1arch", "x86_64"), UNKNOWN, "x86_64"),
    ("the old label", ADD % ("", "{beta.kubernetes.io/arch: amd64}"), OLD, "beta.kubernetes.io/arch"),
    ("the old label alone", ADD % ("/beta.kubernetes.io~1arch", "amd64"), OLD, "beta.kubernetes.io~1arch"),
]


@pytest.mark.parametrize(("operation", "rule", "text"), [row[1:] for row in PATCHES], ids=[row[0] for row in PATCHES])
def test_json_patches_of_selectors(operation, rule, text):
    entry = f"resources: [a.yaml]\npatches:\n  - target: {{kind: Deployment}}\n    patch: |-\n      - {operation}\n"
    inline = {"app/kustomization.yaml": entry, "app/a.yaml": texts(workload())}
    named = {**inline, "app/patch.yaml": f"- {operation}\n"}
    named["app/kustomization.yaml"] = "resources: [a.yaml]\npatches: [{path: patch.yaml, target: {kind: Deployment}}]\n"
    for files in (inline, named):
        (finding,) = lint_texts(files, select=(UNKNOWN, OLD)).findings
        written = files[finding.place.path].split("\n")[finding.place.start.line - 1]
        place = written[finding.place.start.column - 1 : finding.place.end.column - 1]
        assert (finding.meta.id, place, len(finding.fixes)) == (rule, text, 1)
    fine = operation.replace("x86_64", "amd64").replace("beta.", "")
    assert reported({"app/patch.yaml": f"- {fine}\n"}) == []


def kustomized(count, entry, **more):
    files = {"app/kustomization.yaml": f"resources: [a.yaml]\npatches:\n  - {entry}\n"}
    files["app/a.yaml"] = texts(*(workload(f"web{number}") for number in range(count)))
    return {**files, **{f"app/{name}.yaml": text for name, text in more.items()}}


TO_TWO = "target: {kind: Deployment, name: web0|web1}"
WHOLE = texts(
    {**of("apps/v1", "Deployment", {"template": {"spec": AMD}}), "metadata": {"name": "web0", "namespace": "shop"}}
)


@pytest.mark.parametrize(
    ("files", "share"),
    [
        (kustomized(3, f"{{{TO_TWO}, patch: '[{ADD % ('', '{kubernetes.io/arch: amd64}')}]'}}"), "2 of 3"),
        (kustomized(3, f"{{{TO_TWO}, patch: '[{ADD % ('/kubernetes.io~1arch', 'amd64')}]'}}"), "2 of 3"),
        (kustomized(3, f"{{{TO_TWO}, patch: '{WHOLE}'}}"), "2 of 3"),
        (kustomized(3, f"{{{TO_TWO}, path: patch.yaml}}", patch=WHOLE), "2 of 3"),
        (kustomized(2, "{path: patch.yaml}", patch=WHOLE), "1 of 2"),
    ],
)
def test_workloads_that_patches_bind_make_a_convention(files, share):
    (finding,) = lint_texts(files, select=(FREE,)).findings
    assert finding.severity == "warning" and f"unlike {share} workloads" in finding.message


def test_a_build_of_which_the_workload_is_to_blame_is_not_reported_too():
    inputs = f"push: true, platforms: linux/amd64, tags: '{IMAGE}'"
    step = f"{{uses: docker/build-push-action@v6, with: {{{inputs}}}}}"
    build = {".github/workflows/web.yaml": f"on: push\njobs: {{a: {{runs-on: ubuntu-latest, steps: [{step}]}}}}\n"}
    wish = {"weight": 1, "preference": expression(ARCH, "In", "amd64")}
    preferred = {"affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [wish]}}}
    for spec, rules in (
        ({}, [ONLY]),
        (preferred, [WISH]),
        (AMD, []),
        ({"nodeSelector": {ARCH: "arm64"}}, [WRONG]),
        (required(expression(ARCH, "In", "amd64", "arm64")), [BUILD]),
    ):
        assert reported({**build, "all.yaml": texts(*MIXED, workload(**spec))}) == rules


LINE = "docker buildx build --platform linux/amd64 -t registry.example/shop/web:%s --push ."
BUILDS = [
    ("Makefile", "image: deps\n\t@" + LINE % "$(TAG)" + "\n", [ONLY]),
    (
        "Makefile",
        "image:\n\tdocker build \\\n\t  --platform linux/amd64 \\\n\t  -t registry.example/shop/web:1 .\n",
        [ONLY],
    ),
    ("Makefile", "image:\n\t" + LINE.replace("linux/amd64", "$(PLATFORMS)") % "1" + "\n", [FREE]),
    ("Makefile", "image:\n\t" + LINE.replace("linux/amd64", "linux/amd64,linux/arm64") % "1" + "\n", [FREE]),
    ("Makefile", "image:\n\tfor p in amd64 arm64; do " + LINE.replace("amd64", "$$p") % "1" + "; done\n", [FREE]),
    ("Makefile", "image:\n\tdocker build -t registry.example/shop/web:1 .\n", [FREE]),
    ("Makefile", "# " + LINE % "1" + "\n", [FREE]),
    ("justfile", "image tag:\n  " + LINE % "{{tag}}" + "\n", [ONLY]),
    ("Taskfile.yaml", "version: '3'\ntasks:\n  image:\n    cmds:\n      - " + LINE % "1" + "\n", [ONLY]),
    ("Taskfile.yml", "version: '3'\ntasks:\n  image:\n    - cmd: " + LINE % "{{.TAG}}" + "\n", [ONLY]),
    ("Taskfile.yml", "version: '3'\ntasks:\n  image: {cmds: [{task: other}, 1, null]}\n  other: text\n", [FREE]),
]


@pytest.mark.parametrize(("name", "text", "rules"), BUILDS)
def test_builds_of_make_just_and_task(name, text, rules, tmp_path):
    (tmp_path / "all.yaml").write_text(texts(*MIXED, workload()))
    (tmp_path / name).write_text(text)
    report = lint_tree(tmp_path, select=("scheduling",))
    assert (sorted(ids(report)), report.crashed) == (rules, False)
