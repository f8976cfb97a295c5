"""Which fields of which objects a patch, a replacement or an entry of a kustomization may set."""

import pytest
from linting import REGISTRY  # noqa: F401 - imports the rule packages in the order that a run does

from kubelint.manifests import Document, Project
from kubelint.manifests.kustomize.selecting import meets_selector
from kubelint.sources import read_documents

COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {app: web, tier: front}, annotations: {team: a}}
spec: {replicas: 1, template: {spec: {containers: [{name: main, image: nginx:1.27}]}}}
"""
PATCH = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n"
HELM = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: redis}\nspec: {interval: 1h}\n"


def project(files):
    sources = [read_documents(name, text) for name, text in files.items()]
    return Project(Document(document) for source in sources for document in source.documents)


def web(found):
    return next(obj for obj in found.objects("Deployment") if obj.file == "base/web.yaml")


def patched(patch, head="", **files):
    """The project of a base and an overlay with that entry of `patches`."""
    over = f"resources: [../base]\n{head}\npatches: [{patch}]\n"
    given = {
        "base/kustomization.yaml": "resources: [web.yaml]\n",
        "base/web.yaml": WEB,
        "over/kustomization.yaml": over,
    }
    return project({**given, **{f"over/{name}.yaml": text for name, text in files.items()}})


@pytest.mark.parametrize(
    ("target", "reached"),
    [
        ("{kind: Deployment}", True),
        ("{kind: Deploy}", False),
        ("{kind: 'Deploy.*'}", True),
        ("{name: web}", True),
        ("{name: we}", False),
        ("{name: 'w|web'}", True),
        ("{group: apps, version: v1}", True),
        ("{group: batch}", False),
        ("{version: v2}", False),
        ("{namespace: shop}", True),
        ("{namespace: prod}", False),
        ("{labelSelector: 'app=web'}", True),
        ("{labelSelector: 'app!=web'}", False),
        ("{labelSelector: 'tier in (back, front),app'}", True),
        ("{labelSelector: '!tier'}", False),
        ("{annotationSelector: 'team=b'}", False),
        ("{name: '${NAME}'}", True),
        ("{name: '('}", True),
        ("{name: '~[1--'}", True),
        ("{name: '(w+)+x'}", True),
        ("{}", True),
    ],
)
def test_targets(target, reached):
    found = patched(f"{{patch: '[{{op: add, path: /spec/x, value: 1}}]', target: {target}}}")
    assert found.may_be_patched(web(found), "spec", "x") is reached
    assert not found.may_be_patched(web(found), "spec", "y")


@pytest.mark.parametrize(
    ("head", "target", "reached"),
    [
        ("namePrefix: p-", "{name: web}", True),
        ("namePrefix: p-", "{name: p-web}", True),
        ("namePrefix: p-", "{name: q-web}", False),
        ("namePrefix: ${P}", "{name: q-web}", True),
        ("namespace: prod", "{namespace: shop}", True),
        ("namespace: prod", "{namespace: prod}", True),
        ("namespace: prod", "{namespace: test}", False),
        ("namespace: ${NS}", "{namespace: test}", True),
        ("commonLabels: {x: y}", "{labelSelector: 'x=y'}", True),
        ("transformers: [mine.yaml]", "{name: other}", True),
    ],
)
def test_targets_know_objects_by_every_name_on_the_way(head, target, reached):
    found = patched(f"{{patch: '[{{op: add, path: /spec/x, value: 1}}]', target: {target}}}", head)
    assert found.may_be_patched(web(found), "spec", "x") is reached


@pytest.mark.parametrize(
    ("operation", "steps", "reached"),
    [
        ("{op: replace, path: /spec/replicas, value: 3}", ("spec", "replicas"), True),
        ("{op: test, path: /spec/replicas, value: 3}", ("spec", "replicas"), False),
        ("{op: remove, path: /spec/replicas}", ("spec", "replicas"), True),
        ("{op: move, from: /spec/replicas, path: /spec/x}", ("spec", "replicas"), True),
        ("{op: copy, from: /spec/replicas, path: /spec/x}", ("spec", "replicas"), False),
        ("{op: copy, from: /spec/replicas, path: /spec/x}", ("spec", "x"), True),
        ("{op: add, path: /spec, value: {}}", ("spec", "replicas"), True),
        ("{op: add, path: /spec/template/spec/containers/0/env/-, value: {}}", ("spec", "template"), True),
        ("{op: add, path: /spec/a~1b, value: 1}", ("spec", "a/b"), True),
        ("{op: add, path: '', value: {}}", ("spec", "replicas"), True),
        ("{op: add, path: 7}", ("spec",), False),
        ("text", ("spec",), False),
    ],
)
def test_operations(operation, steps, reached):
    found = patched(f'{{patch: "[{operation}]", target: {{kind: Deployment}}}}')
    assert found.may_be_patched(web(found), *steps) is reached


@pytest.mark.parametrize(
    ("spec", "steps", "reached"),
    [
        ("spec: {replicas: 3}", ("spec", "replicas"), True),
        ("spec: {replicas: null}", ("spec", "replicas"), True),
        ("spec: {template: null}", ("spec", "template", "spec", "affinity"), True),
        ("spec: {template: {$patch: replace}}", ("spec", "template", "spec", "affinity"), True),
        ("$patch: delete", ("spec", "replicas"), True),
        ("spec: {replicas: 3}", ("metadata", "name"), False),
        ("spec: {replicas: 3}", ("metadata", "namespace"), False),
        ("spec: {template: {spec: {containers: [{name: main}]}}}", ("spec", "template", "spec", "affinity"), False),
        ("spec: {template: {spec: {containers: [{name: main}]}}}",
         ("spec", "template", "spec", "containers", 0, "image"), True),
    ],
)  # fmt: skip
def test_strategic_merge(spec, steps, reached):
    head = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\n"
    found = patched("{path: p.yaml}", p=f"{head}{spec}\n")
    assert found.may_be_patched(web(found), *steps) is reached


@pytest.mark.parametrize(
    ("head", "reached"),
    [
        ("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}", False),
        ("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}", True),
        ("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: other, namespace: shop}", False),
        ("apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: web, namespace: shop}", False),
    ],
)
def test_a_strategic_merge_patch_finds_its_object_by_its_own_name(head, reached):
    found = patched("{path: p.yaml}", p=f"{head}\nspec: {{paused: true}}\n")
    assert found.may_be_patched(web(found), "spec", "paused") is (reached or "namespace" not in head)


def test_patch_files():
    two = f"{PATCH}---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: api}}\nspec: {{paused: true}}\n"
    found = patched("{path: p.yaml}", p=two)
    assert [(obj.file, obj.partial) for obj in found.objects("Deployment")] == [
        ("base/web.yaml", False), ("over/p.yaml", True), ("over/p.yaml", True)
    ]  # fmt: skip
    assert found.may_be_patched(web(found), "spec", "replicas")
    assert not found.may_be_patched(web(found), "spec", "paused")
    assert found.kustomizations.files == {"over/p.yaml"}
    (patch,) = found.kustomizations.setting_patches(web(found), "spec", "replicas")
    assert patch.content.document.file == "over/p.yaml"
    assert [field.get("spec", "replicas").value for field, _ in patch.gives(("spec", "replicas"))] == [3]


def test_a_file_that_is_a_resource_too_is_whole():
    over = "resources: [../base, p.yaml]\npatchesStrategicMerge: [p.yaml]\n"
    base = {"base/kustomization.yaml": "resources: [web.yaml]\n", "base/web.yaml": WEB}
    found = project({**base, "over/kustomization.yaml": over, "over/p.yaml": PATCH})
    assert [obj.partial for obj in found.objects("Deployment")] == [False, False]


def test_a_patch_reaches_only_what_its_kustomization_includes():
    files = {
        "base/kustomization.yaml": "resources: [web.yaml]\n",
        "base/web.yaml": WEB,
        "else/kustomization.yaml": "patches: [{path: p.yaml}]\nresources: [own.yaml]\n",
        "else/p.yaml": PATCH,
        "else/own.yaml": WEB,
    }
    found = project(files)
    own = next(obj for obj in found.objects("Deployment") if obj.file == "else/own.yaml")
    assert not found.may_be_patched(web(found), "spec", "replicas")
    assert found.may_be_patched(own, "spec", "replicas")


@pytest.mark.parametrize(("used", "reached"), [(True, True), (False, False)])
def test_patches_of_components(used, reached):
    files = {
        "base/kustomization.yaml": "resources: [web.yaml]\n",
        "base/web.yaml": WEB,
        "part/kustomization.yaml": f"{COMPONENT}patches: [{{path: p.yaml}}]\n",
        "part/p.yaml": PATCH,
        "over/kustomization.yaml": f"resources: [../base]\ncomponents: [{'../part' if used else ''}]\n",
        "more/kustomization.yaml": "components: [../part]\n",
    }
    found = project(files)
    assert found.may_be_patched(web(found), "spec", "replicas") is reached


def test_a_component_that_nothing_includes_may_be_meant_for_anything():
    files = {"base/web.yaml": WEB, "part/kustomization.yaml": f"{COMPONENT}patches: [{{path: p.yaml}}]\n"}
    found = project({**files, "part/p.yaml": PATCH})
    assert found.may_be_patched(web(found), "spec", "replicas")
    assert not found.may_be_patched(web(found), "spec", "paused")


def flux(name, path, patches):
    return (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        f"metadata: {{name: {name}, namespace: flux-system}}\nspec:\n  path: {path}\n  patches:\n{patches}"
    )


def test_patches_of_flux():
    inline = "  - patch: '[{op: add, path: /spec/values, value: {}}]'\n    target: {kind: HelmRelease}\n"
    files = {"flux/a.yaml": flux("apps", "./apps", inline), "apps/r.yaml": HELM, "else/r.yaml": HELM}
    found = project(files)
    apps, other = sorted(found.objects("HelmRelease"), key=lambda obj: obj.file)
    assert found.may_be_patched(apps, "spec", "values")
    assert not found.may_be_patched(apps, "spec", "chart") and not found.may_be_patched(other, "spec", "values")


@pytest.mark.parametrize(
    "patch",
    [
        """\
  - patch: |
      apiVersion: kustomize.toolkit.fluxcd.io/v1
      kind: Kustomization
      metadata: {name: _}
      spec:
        patches:
          - {patch: '[{op: add, path: /spec/values, value: {}}]', target: {kind: HelmRelease}}
    target: {kind: Kustomization}
""",
        """\
  - patch: |
      - op: add
        path: /spec/patches
        value:
          - {patch: '[{op: add, path: /spec/values, value: {}}]', target: {kind: HelmRelease}}
    target: {kind: Kustomization}
""",
    ],
)
def test_patches_that_flux_gives_to_the_kustomizations_below(patch):
    files = {
        "flux/a.yaml": flux("all", "./apps", patch),
        "apps/redis/ks.yaml": flux("redis", "./charts/redis", "    []\n"),
        "charts/redis/r.yaml": HELM,
        "charts/other/r.yaml": HELM,
    }
    found = project(files)
    other, redis = sorted(found.objects("HelmRelease"), key=lambda obj: obj.file)
    assert found.may_be_patched(redis, "spec", "values") and not found.may_be_patched(other, "spec", "values")


@pytest.mark.parametrize(
    ("entry", "steps", "reached"),
    [
        ("commonLabels: {a: b}", ("metadata", "labels", "a"), True),
        ("commonLabels: {a: b}", ("spec", "selector", "matchLabels", "a"), True),
        ("commonLabels: {a: b}", ("metadata", "labels", "c"), False),
        ("labels: [{pairs: {a: b}}]", ("metadata", "labels"), True),
        ("commonAnnotations: {a: b}", ("metadata", "annotations", "a"), True),
        ("commonAnnotations: {a: b}", ("metadata", "labels", "a"), False),
        ("images: [{name: nginx, newTag: '2'}]", ("spec", "template", "spec", "containers", 0, "image"), True),
        ("images: [{name: redis, newTag: '2'}]", ("spec", "template", "spec", "containers", 0, "image"), False),
        ("images: [{name: nginx, newTag: '2'}]", ("spec", "template", "spec"), False),
        ("namespace: x", ("metadata", "namespace"), True),
        ("namePrefix: x-", ("metadata", "name"), True),
        ("namePrefix: x-", ("metadata", "namespace"), False),
        ("transformers: [x.yaml]", ("anything",), True),
        ("replacements: [{path: r.yaml}]", ("spec", "replicas"), True),
        ("replacements: [{path: r.yaml}]", ("spec", "paused"), False),
        ("replacements: [{path: gone.yaml}]", ("spec", "paused"), True),
    ],
)
def test_entries_of_kustomizations(entry, steps, reached):
    replacement = "- targets: [{select: {kind: Deployment}, fieldPaths: [spec.replicas]}]\n"
    found = patched("", entry, r=replacement)
    assert found.may_be_patched(web(found), *steps) is reached


@pytest.mark.parametrize(
    ("path", "steps", "reached"),
    [
        ("spec.template.spec.containers.[name=main].image",
         ("spec", "template", "spec", "containers", 0, "image"), True),
        ("spec.template.spec.containers.*.image", ("spec", "template", "spec", "containers", 0, "env"), False),
        ("metadata.labels.app\\.kubernetes\\.io/name", ("metadata", "labels", "app.kubernetes.io/name"), True),
    ],
)  # fmt: skip
def test_paths_of_replacements(path, steps, reached):
    entry = f"replacements: [{{targets: [{{select: {{name: web}}, fieldPaths: ['{path}']}}]}}]"
    found = patched("", entry)
    assert found.may_be_patched(web(found), *steps) is reached
    other = patched("", entry.replace("name: web", "name: api"))
    assert not other.may_be_patched(web(other), *steps)


@pytest.mark.parametrize(
    ("selector", "met"),
    [
        ("app=web", True),
        ("app==web , tier = front", True),
        ("app in (web,api), tier notin (back)", True),
        ("app in (api)", False),
        ("other notin (x)", True),
        ("other!=x", True),
        ("other", False),
        ("other=", False),
        ("a=b=c", True),
        ("${SELECTOR}", True),
        ("", True),
        ("hidden=x", True),
    ],
)
def test_label_selectors(selector, met):
    assert meets_selector(selector, {"app": "web", "tier": "front", "hidden": "${X}"}) is met
