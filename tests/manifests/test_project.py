"""What a project knows of its objects: by kind, name, labels, scope; and which of them are patches."""

import pytest
from effort import grows_linearly
from linting import REGISTRY  # noqa: F401 - imports the rule packages in the order that a run does

from kubelint.manifests import Document, Project, same_cluster
from kubelint.manifests.scopes import scope_of
from kubelint.sources import read_documents


def project(**files):
    sources = [read_documents(name.replace("__", "/") + ".yaml", text) for name, text in files.items()]
    return Project(Document(document) for source in sources for document in source.documents)


def config_map(name, **metadata):
    more = "".join(f", {key}: {value}" for key, value in metadata.items())
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}{more}}}\n"


def names(objects):
    return [obj.name for obj in objects]


def test_by_kind_group_and_name():
    found = project(
        a=config_map("one", namespace="x") + "---\n" + config_map("two"),
        b="apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: one}\n",
        c="apiVersion: example.com/v1\nkind: Deployment\nmetadata: {name: theirs}\n",
    )
    assert names(found.objects("ConfigMap")) == ["one", "two"]
    assert names(found.objects(["Deployment", "ConfigMap"])) == ["one", "two", "one", "theirs"]
    assert names(found.objects("Deployment", group="apps")) == ["one"]
    assert names(found.find("ConfigMap", "one", "x")) == ["one"] and found.find("ConfigMap", "one", "y") == []
    assert names(found.find("ConfigMap", "two", "anywhere")) == ["two"]


def test_by_labels():
    found = project(
        a=config_map("one", labels="{app: web, tier: front}") + "---\n" + config_map("two", labels="{app: web}"),
        b=config_map("three", labels="{app: 7, tier: front}"),
    )
    assert names(found.labelled("ConfigMap", {"app": "web"})) == ["one", "two"]
    assert names(found.labelled("ConfigMap", {"app": "web", "tier": "front"})) == ["one"]
    assert found.labelled("ConfigMap", {"app": "7"}) == [] and found.labelled("ConfigMap", {}) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "kind: List\napiVersion: v1\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n- null\n- 3\n",
            ["a"],
        ),
        ("kind: RoleList\napiVersion: rbac.authorization.k8s.io/v1\nitems:\n- metadata: {name: a}\n", ["a"]),
        ("kind: List\napiVersion: v1\nitems:\n- {metadata: {name: a}}\n", []),
        ("kind: List\napiVersion: v1\nitems: {a: 1}\n", [None]),
        ("kind: [Pod]\napiVersion: v1\n", []),
        ("kind: Pod\napiVersion: 1\n", []),
        ("- kind: Pod\n", []),
        ("just text\n", []),
    ],
)
def test_lists_and_what_is_no_object(text, expected):
    assert names(project(a=text).all_objects) == expected


def test_items_of_a_typed_list_have_its_kind():
    found = project(a="kind: RoleList\napiVersion: rbac.authorization.k8s.io/v1\nitems: [{metadata: {name: a}}]\n")
    assert (found.all_objects[0].kind, found.all_objects[0].group) == ("Role", "rbac.authorization.k8s.io")


def test_patches_are_partial_and_make_fields_unknown():
    found = project(
        base__web="apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {}}}\n",
        over__kustomization="""\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../base]
patches:
  - path: arch.yaml
  - target: {kind: Deployment, name: web.*}
    patch: |-
      - op: replace
        path: /spec/replicas
        value: 3
""",
        over__arch="""\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {nodeSelector: {kubernetes.io/arch: amd64}}}}
""",
    )
    base, patch = found.objects("Deployment")
    assert (base.partial, patch.partial) == (False, True)
    assert found.may_be_patched(base, "spec", "replicas")
    assert found.may_be_patched(base, "spec", "template", "spec", "nodeSelector")
    assert not found.may_be_patched(base, "spec", "template", "spec", "affinity")


@pytest.mark.parametrize(
    ("file", "repository", "scope"),
    [
        ("apps/web.yaml", "", ""),
        ("clusters/home/apps/web.yaml", "", "clusters/home"),
        ("kubernetes/overlays/prod/web.yaml", "", "kubernetes/overlays/prod"),
        ("clusters/home.yaml", "", ""),
        ("one/apps/web.yaml", "one", "one//"),
        ("one/clusters/home/web.yaml", "one", "one//clusters/home"),
    ],
)
def test_scopes(file, repository, scope):
    assert scope_of(file, repository) == scope


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("", "", True),
        ("", "clusters/a", True),
        ("clusters/a", "clusters/b", False),
        ("one//", "one//clusters/a", True),
        ("one//", "two//", False),
        ("", "one//", False),
        ("one//clusters/a", "clusters/a", False),
    ],
)
def test_which_scopes_meet_in_a_cluster(one, other, same):
    assert same_cluster(one, other) is same and same_cluster(other, one) is same


def test_repositories_inside_the_tree_stay_apart():
    flow = "on: push\njobs: {a: {runs-on: self-hosted, steps: []}}\n"
    found = project(**{"one__.github__workflows__ci": flow, "one__a": config_map("a"), "two__a": config_map("a")})
    assert [obj.document.repository for obj in found.objects("ConfigMap")] == ["one", ""]


def look_up_patches(count):
    head = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: "
    files = {}
    for number in range(count):
        named, by_pattern = "{path: patch.yaml}", f"{{path: json.yaml, target: {{name: 'x{number}.*'}}}}"
        files[f"d{number}__kustomization"] = f"resources: [../all.yaml]\npatches: [{named}, {by_pattern}]\n"
        files[f"d{number}__patch"] = f"{head}web-{number}}}\nspec: {{replicas: 2}}\n"
        files[f"d{number}__json"] = "[{op: add, path: /spec/paused, value: true}]\n"
    objects = "---\n".join(f"{head}{name}}}\n" for name in ("web-7", "web-7b", "web.7", "x1234", "{{ x }}", "api"))
    found = project(all=objects, **files)
    written = [obj for obj in found.objects("Deployment") if not obj.partial]
    for _ in range(20):
        replicas = [found.may_be_patched(obj, "spec", "replicas") for obj in written]
        paused = [found.may_be_patched(obj, "spec", "paused") for obj in written]
    assert replicas == [count > 7, False, False, False, True, False]
    assert paused == [False, False, False, count > 1, True, False]


def test_patches_are_looked_up_by_name():
    assert grows_linearly(look_up_patches, 50)
