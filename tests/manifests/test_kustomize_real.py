"""What is understood natively against what kustomize itself builds, where a binary is present."""

import random
import shutil
import subprocess

import pytest
import yaml
from linting import REGISTRY

from kubelint.cli.workspace import Request, Workspace
from kubelint.manifests import Document, Project
from kubelint.manifests.kustomize.effects import counts, retagged

KUSTOMIZE = shutil.which("kustomize")
KUBECTL = shutil.which("kubectl")
COMMAND = [KUSTOMIZE, "build"] if KUSTOMIZE else [KUBECTL, "kustomize"]

pytestmark = pytest.mark.skipif(not (KUSTOMIZE or KUBECTL), reason="neither kustomize nor kubectl is on PATH")

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME}
spec:
  replicas: 1
  template:
    metadata: {labels: {app: NAME}}
    spec:
      initContainers: [{name: wait, image: "docker.io/library/busybox:1.36"}]
      containers:
        - {name: main, image: "registry.example:5000/shop/NAME:1.0"}
        - {name: side, image: "envoy@sha256:0123456789abcdef"}
"""
OTHERS = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: listed}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: thing, namespace: elsewhere}
spec: {replicas: 1, containers: [{name: x, image: envoy}]}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec: {scope: Namespaced}
"""


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def read(root):
    workspace = Workspace(Request((str(root),), root=str(root)), REGISTRY)
    given = workspace.read()
    return Project(Document(document) for file in given.files for document in file.documents)


def built(root, folder):
    """What kustomize makes of the kustomization in `folder`: kind, name, namespace, replicas, images."""
    done = subprocess.run([*COMMAND, str(root / folder)], capture_output=True, check=True, timeout=60)
    found = []
    for document in yaml.safe_load_all(done.stdout):
        metadata, spec = document["metadata"], document.get("spec") or {}
        pod = spec.get("template", {}).get("spec", {}) if document["kind"] == "Deployment" else spec
        images = [item["image"] for key in ("initContainers", "containers") for item in pod.get(key) or []]
        found.append((document["kind"], metadata["name"], metadata.get("namespace"), spec.get("replicas"), images))
    return sorted(found, key=str)


def understood(project, folder):
    """The same as the project understands it, generated ConfigMaps without their hash included."""
    kustomizations = project.kustomizations
    found = []
    for obj in project.all_objects:
        for way in kustomizations.journeys(obj) if kustomizations.inclusions(obj.file) else ():
            if way.chain[-1].folder == folder:
                found.append((obj.kind, way.name, way.namespace, *amounts(obj, way)))
    for made in kustomizations.generated("ConfigMap"):
        if made.name and any(chain[-1].folder == folder for chain in chains(kustomizations, made)):
            found.append(("ConfigMap", *made.names, next(iter(made.namespaces), None), None, []))
    return sorted(found, key=str)


def chains(kustomizations, made):
    return kustomizations.graph.chains_from(made.kustomization).found


def amounts(obj, way):
    spec = obj.field("spec")
    pod = spec.get("template", "spec") if obj.kind == "Deployment" else spec
    given = counts(way, obj.kind)
    images = [item.get("image") for key in ("initContainers", "containers") for item in pod.get(key).elements()]
    texts = [retagged(way, image.text).text for image in images]
    return (given.field if given is not None else spec.get("replicas")).value, texts


BASE = {
    "base/kustomization.yaml": "resources: [web.yaml, api.yaml, others.yaml]\n",
    "base/web.yaml": DEPLOYMENT.replace("NAME", "web"),
    "base/api.yaml": DEPLOYMENT.replace("NAME", "api"),
    "base/others.yaml": OTHERS,
}
OVERLAYS = {
    "plain": "resources: [../base]\n",
    "namespace": "resources: [../base]\nnamespace: prod\n",
    "names": "resources: [../base]\nnamePrefix: prod-\nnameSuffix: -v2\nreplicas: [{name: prod-web-v2, count: 3}]\n",
    "by original name": "resources: [../base]\nnamePrefix: prod-\nreplicas: [{name: web, count: 3}]\n",
    "images": """\
resources: [../base]
images:
  - {name: "registry.example:5000/shop/web", newTag: "2.0"}
  - {name: "registry.example:5000/shop/a.*", newName: mirror.example/api, digest: "sha256:feed"}
  - {name: envoy, newName: mirror.example/envoy, newTag: "1"}
  - {name: busybox, newTag: nothing}
""",
    "generator": """\
resources: [../base]
namespace: prod
nameSuffix: -x
generatorOptions: {disableNameSuffixHash: true}
configMapGenerator: [{name: settings, literals: [a=b]}]
""",
    "component": "resources: [../base]\nnamespace: mine\nnamePrefix: k-\ncomponents: [../part]\n",
}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_overlays(tmp_path, overlay):
    part = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamespace: inner\nnameSuffix: -c\n"
    extra = {"part/kustomization.yaml": part + "replicas: [{name: api, count: 5}]\nresources: [more.yaml]\n"}
    extra["part/more.yaml"] = DEPLOYMENT.replace("NAME", "more")
    used = {**BASE, **(extra if overlay == "component" else {}), "over/kustomization.yaml": OVERLAYS[overlay]}
    write(tmp_path, used)
    assert understood(read(tmp_path), "over") == built(tmp_path, "over")


def random_tree(seed):
    """A base under some layers, each with a component or none, all with whatever chance gives them."""
    chance = random.Random(seed)
    files = dict(BASE)

    def entries():
        lines = []
        if chance.random() < 0.5:
            lines.append(f"namespace: ns{chance.randrange(3)}")
        if chance.random() < 0.4:
            lines.append(f"namePrefix: p{chance.randrange(9)}-")
        if chance.random() < 0.3:
            lines.append(f"nameSuffix: -s{chance.randrange(9)}")
        if chance.random() < 0.4:
            lines.append(f"replicas: [{{name: web, count: {chance.randrange(2, 9)}}}]")
        if chance.random() < 0.5:
            name = chance.choice(["envoy", "registry.example:5000/shop/.*", "docker.io/library/busybox"])
            change = chance.choice(["newTag: t1", "newName: other", "digest: 'sha256:abc'", "newTag: t2, digest: d2"])
            lines.append(f"images: [{{name: '{name}', {change}}}]")
        return lines

    below = "base"
    for layer in range(chance.randrange(1, 4)):
        lines = [f"resources: [../{below}]", *entries()]
        if chance.random() < 0.5:
            head = ["apiVersion: kustomize.config.k8s.io/v1alpha1", "kind: Component"]
            files[f"part{layer}/kustomization.yaml"] = "\n".join([*head, *(entries() or ["nameSuffix: -e"]), ""])
            lines.append(f"components: [../part{layer}]")
        files[f"layer{layer}/kustomization.yaml"] = "\n".join([*lines, ""])
        below = f"layer{layer}"
    return files, below


@pytest.mark.parametrize("seed", range(25))
def test_random_trees(tmp_path, seed):
    files, top = random_tree(seed)
    write(tmp_path, files)
    assert understood(read(tmp_path), top) == built(tmp_path, top)
