"""Kustomizations as they are understood without a binary: who includes what, names, namespaces, counts, images."""

import pytest
from effort import grows_linearly
from linting import REGISTRY  # noqa: F401 - imports the rule packages in the order that a run does

from kubelint.manifests import Document, Project
from kubelint.sources import read_documents

COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"


def project(files):
    sources = [read_documents(name, text) for name, text in files.items()]
    return Project(Document(document) for source in sources for document in source.documents)


def deployment(name="web", metadata="", image="nginx:1.27"):
    more = f", {metadata}" if metadata else ""
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}{more}}}
spec: {{template: {{spec: {{containers: [{{name: main, image: "{image}"}}]}}}}}}
"""


def flux(name, path, more="", source="GitRepository"):
    return f"""\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: {name}, namespace: flux-system}}
spec:
  path: {path}
  sourceRef: {{kind: {source}, name: fleet}}
{more}"""


def the(found, kind="Deployment", name=None):
    objects = [obj for obj in found.objects(kind) if not obj.partial and name in (None, obj.name)]
    assert len(objects) == 1
    return objects[0]


def spelled(chains):
    return [" > ".join(member.display for member in chain) for chain in chains]


BASE = {"base/kustomization.yaml": "resources: [web.yaml]\n", "base/web.yaml": deployment()}


def overlay(name, text=""):
    return {f"{name}/kustomization.yaml": f"resources: [../base]\n{text}"}


def test_inclusion_through_several_overlays():
    found = project({**BASE, **overlay("dev"), **overlay("prod"), **overlay("alone", "namespace: x\n")})
    kustomizations = found.kustomizations
    assert spelled(kustomizations.inclusions("base/web.yaml")) == [
        f"base/kustomization.yaml > {name}/kustomization.yaml" for name in ("dev", "prod", "alone")
    ]
    assert kustomizations.includes("prod", "base/web.yaml") and not kustomizations.includes("prod", "other.yaml")
    assert [root.folder for root in kustomizations.roots] == ["dev", "prod", "alone"]
    assert kustomizations.inclusions("nowhere.yaml") == ()


@pytest.mark.parametrize("resource", ["web.yaml", "./web.yaml", "../base/web.yaml", "../base/../base/./web.yaml"])
def test_how_a_resource_is_spelled(resource):
    found = project({"base/kustomization.yml": f"resources: ['{resource}']\n", "base/web.yaml": deployment()})
    assert len(found.kustomizations.inclusions("base/web.yaml")) == 1


@pytest.mark.parametrize("name", ["kustomization.yaml", "kustomization.yml", "Kustomization"])
def test_the_names_of_kustomizations(name):
    found = project({f"a/{name}": "namespace: shop\nbases: [../b]\n", f"b/{name}": "resources: [w.yaml]\n",
                     "b/w.yaml": deployment()})  # fmt: skip
    assert found.kustomizations.namespaces(the(found)) == {"shop"}


def test_cycles_end():
    files = {
        "a/kustomization.yaml": "resources: [../b, x.yaml]\nnamespace: one\n",
        "b/kustomization.yaml": "resources: [../c, ../b]\n",
        "c/kustomization.yaml": "resources: [../a]\ncomponents: [../d]\n",
        "d/kustomization.yaml": f"{COMPONENT}components: [../d, ../e]\n",
        "e/kustomization.yaml": f"{COMPONENT}components: [../d]\nnamespace: two\n",
        "a/x.yaml": deployment(),
    }
    found = project(files)
    obj = the(found)
    assert spelled(found.kustomizations.inclusions("a/x.yaml")) == [
        "a/kustomization.yaml > c/kustomization.yaml > b/kustomization.yaml"
    ]
    assert found.kustomizations.namespaces(obj) == {"two"}
    assert not found.may_be_patched(obj, "spec")


def test_diamonds_upon_diamonds_stay_cheap():
    files = {"l0/kustomization.yaml": "resources: [w.yaml]\n", "l0/w.yaml": deployment("web", "namespace: x")}
    for layer in range(1, 40):
        below = [f"../l{layer - 1}"] if layer == 1 else [f"../l{layer - 1}", f"../m{layer - 1}"]
        for name in "lm":
            files[f"{name}{layer}/kustomization.yaml"] = f"resources: [{', '.join(below)}]\n"
    found = project(files)
    assert found.kustomizations.namespaces(the(found)) == frozenset()
    assert not found.may_be_patched(the(found), "spec", "replicas")


@pytest.mark.parametrize(
    ("written", "layers", "expected"),
    [
        ("", ["", ""], set()),
        ("namespace: mine", ["", ""], {"mine"}),
        ("namespace: mine", ["namespace: inner", ""], {"inner"}),
        ("", ["namespace: inner", "namespace: outer"], {"outer"}),
        ("", ["", "namespace: ${NS}"], set()),
        ("namespace: mine", ["namespace: '{{ ns }}'", "namespace: outer"], {"outer"}),
        ("", ["namespace: inner", "transformers: [plugin.yaml]"], set()),
        ("namespace: mine", ["namePrefix: a-", "nameSuffix: -b"], {"mine"}),
        ("namespace: mine", ["namespace: [odd]", ""], set()),
        ("namespace: 7", ["", ""], set()),
    ],
)
def test_namespaces(written, layers, expected):
    files = {**BASE, "base/web.yaml": deployment(metadata=written), **overlay("over", f"{layers[1]}\n")}
    files["base/kustomization.yaml"] += f"{layers[0]}\n"
    found = project(files)
    assert found.kustomizations.namespaces(the(found)) == expected


@pytest.mark.parametrize(
    ("kind", "version", "expected"),
    [
        ("ClusterRole", "rbac.authorization.k8s.io/v1", set()),
        ("Namespace", "v1", set()),
        ("ClusterIssuer", "cert-manager.io/v1", set()),
        ("Cluster", "postgresql.cnpg.io/v1", {"shop"}),
        ("Role", "rbac.authorization.k8s.io/v1", {"shop"}),
        ("Widget", "example.com/v1", {"shop"}),
    ],
)
def test_what_lives_in_no_namespace_gets_none(kind, version, expected):
    text = f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: x}}\n"
    found = project({"kustomization.yaml": "resources: [a.yaml]\nnamespace: shop\n", "a.yaml": text})
    assert found.kustomizations.namespaces(found.objects(kind)[0]) == expected


def test_namespaces_of_several_roots_and_of_what_no_kustomization_includes():
    found = project({**BASE, **overlay("dev", "namespace: dev\n"), **overlay("prod", "namespace: prod\n"),
                     "plain.yaml": deployment("plain", "namespace: here"),
                     "open.yaml": deployment("open")})  # fmt: skip
    namespaces = found.kustomizations.namespaces
    assert namespaces(the(found, name="web")) == {"dev", "prod"}
    assert namespaces(the(found, name="plain")) == {"here"} and namespaces(the(found, name="open")) == set()
    one_open = project({**BASE, **overlay("dev", "namespace: dev\n"), **overlay("bare")})
    assert one_open.kustomizations.namespaces(the(one_open)) == set()


def test_a_component_changes_what_includes_it():
    part = f"{COMPONENT}namespace: part\nresources: [more.yaml]\n"
    files = {**BASE, "part/kustomization.yaml": part, "part/more.yaml": deployment("more")}
    alone = project({**files, **overlay("over", "components: [../part]\n")})
    assert alone.kustomizations.namespaces(the(alone, name="web")) == {"part"}
    assert alone.kustomizations.namespaces(the(alone, name="more")) == {"part"}
    beaten = project({**files, **overlay("over", "components: [../part]\nnamespace: over\n")})
    assert beaten.kustomizations.namespaces(the(beaten, name="web")) == {"over"}


@pytest.mark.parametrize(
    ("kind", "version", "expected"),
    [
        ("Deployment", "apps/v1", {"a-x-z"}),
        ("ClusterRole", "rbac.authorization.k8s.io/v1", {"a-x-z"}),
        ("Namespace", "v1", {"shop"}),
        ("CustomResourceDefinition", "apiextensions.k8s.io/v1", {"x"}),
        ("APIService", "apiregistration.k8s.io/v1", {"x"}),
    ],
)
def test_names(kind, version, expected):
    text = f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: x}}\n"
    head = "namePrefix: a-\nnameSuffix: -z\nnamespace: shop\nresources: [a.yaml]\n"
    found = project({"kustomization.yaml": head, "a.yaml": text})
    obj = found.objects(kind)[0]
    assert found.kustomizations.names(obj) == expected
    assert found.may_be_patched(obj, "metadata", "name") == (expected != {"x"})


def test_names_that_are_not_known():
    found = project({**BASE, **overlay("over", "namePrefix: ${CLUSTER}-\n")})
    assert found.kustomizations.names(the(found)) == set()
    patch = "patches: [{patch: '[{op: replace, path: /metadata/name, value: y}]', target: {kind: Deployment}}]\n"
    renamed = project({**BASE, **overlay("over", patch)})
    assert renamed.kustomizations.names(the(renamed)) == set()


@pytest.mark.parametrize(
    ("base", "over", "expected"),
    [
        ("", "replicas: [{name: web, count: 3}]", [("over/kustomization.yaml", 3)]),
        ("", "replicas: [{name: api, count: 3}]", []),
        ("replicas: [{name: web, count: 2}]", "", [("base/kustomization.yaml", 2)]),
        ("replicas: [{name: web, count: 2}]", "replicas: [{name: web, count: 5}]", [("over/kustomization.yaml", 5)]),
        ("namePrefix: a-", "replicas: [{name: a-web, count: 3}]", [("over/kustomization.yaml", 3)]),
        ("namePrefix: a-", "replicas: [{name: web, count: 3}]", [("over/kustomization.yaml", 3)]),
        ("", "namePrefix: b-\nreplicas: [{name: b-web, count: 3}]", [("over/kustomization.yaml", 3)]),
        ("replicas: [{name: b-web, count: 3}]", "namePrefix: b-", []),
        ("", "replicas: [{name: web, count: '${N}'}]", [("over/kustomization.yaml", "${N}")]),
        ("", "replicas: {name: web}", []),
        (
            "replicas: [{name: web, count: 2}]",
            "patches: [{patch: '[{op: replace, path: /spec/replicas, value: 9}]', target: {name: web}}]",
            [("over/kustomization.yaml", 9)],
        ),
    ],
)
def test_replicas(base, over, expected):
    files = {**BASE, **overlay("over", f"{over}\n")}
    files["base/kustomization.yaml"] += f"{base}\n"
    found = project(files)
    given = found.kustomizations.replicas(the(found))
    assert [(setting.field.document.file, setting.field.value) for setting in given] == expected
    assert all(setting.field.path[-1] in ("count", "value") for setting in given)
    known_by = ("replicas: [{name: web" in base + over, "a-web" in over, "b-web" in base + over, "patches" in over)
    assert found.may_be_patched(the(found), "spec", "replicas") == any(known_by)


def test_replicas_by_chain():
    found = project({**BASE, **overlay("dev"), **overlay("prod", "replicas: [{name: web, count: 3}]\n")})
    (setting,) = found.kustomizations.replicas(the(found))
    assert [member.folder for member in setting.chain] == ["base", "prod"]


@pytest.mark.parametrize(
    ("image", "entry", "expected"),
    [
        ("nginx:1.27", "{name: nginx, newTag: '1.28'}", "nginx:1.28"),
        ("nginx", "{name: nginx, newTag: 1.28}", "nginx:1.28"),
        ("nginx:1.27", "{name: nginx, newName: mirror.example/nginx}", "mirror.example/nginx:1.27"),
        ("nginx:1.27", "{name: nginx, digest: 'sha256:aa'}", "nginx@sha256:aa"),
        ("nginx:1.27@sha256:bb", "{name: nginx, newTag: '2'}", "nginx:2"),
        ("docker.io/nginx:1.27", "{name: nginx, newTag: '2'}", "docker.io/nginx:1.27"),
        ("host:5000/nginx:1.27", "{name: 'host:5000/nginx', newTag: '2'}", "host:5000/nginx:2"),
        ("nginx:1.27", "{name: 'ngin(', newTag: '2'}", "nginx:1.27"),
        ("nginx:1.27", "{name: '', newTag: '2'}", "nginx:1.27"),
        ("nginx:1.27", "odd", "nginx:1.27"),
    ],
)
def test_images(image, entry, expected):
    found = project({**BASE, **overlay("over", f"images: [{entry}]\n")})
    (setting,) = found.kustomizations.image(the(found), image)
    assert setting.text == expected
    assert (setting.field is not None) == (expected != image)


def test_generated():
    files = {
        **BASE,
        "base/values.yaml": "replicaCount: 2\n",
        "over/kustomization.yaml": """\
resources: [../base]
namespace: shop
namePrefix: p-
configMapGenerator:
  - name: settings
    literals: [mode=fast, 'quoted="a b"', '${KEY}']
    files: [values.yaml=../base/values.yaml, notes.txt]
  - {name: plain, behavior: merge, options: {disableNameSuffixHash: true}, literals: [a=b]}
  - odd
secretGenerator: [{name: token, envs: [token.env]}]
""",
    }
    kustomizations = project(files).kustomizations
    settings, plain = kustomizations.generated("ConfigMap")
    (secret,) = kustomizations.generated("Secret")
    assert (settings.name, settings.names, settings.namespaces) == ("settings", {"p-settings"}, {"shop"})
    assert (settings.hashed, plain.hashed, plain.behavior, secret.is_open) == (True, False, "merge", True)
    assert [(key.name, key.text, key.file) for key in settings.keys] == [
        ("mode", "fast", None),
        ("quoted", "a b", None),
        ("", "", None),
        ("values.yaml", None, "base/values.yaml"),
        ("notes.txt", None, "over/notes.txt"),
    ]
    (values,) = settings.key("values.yaml").documents
    assert values.root.get("replicaCount").value == 2
    assert settings.is_open and not plain.is_open
    assert settings.field.path == ("configMapGenerator", 0)


def test_flux_builds_a_folder_without_a_kustomization():
    files = {
        "clusters/home/apps.yaml": flux("apps", "./apps", "  targetNamespace: shop\n"),
        "apps/web.yaml": deployment(),
        "apps/inner/deep.yml": deployment("deep"),
        "apps/kustomized/kustomization.yaml": "resources: [used.yaml]\nnamespace: beaten\n",
        "apps/kustomized/used.yaml": deployment("used"),
        "apps/kustomized/unused.yaml": deployment("unused"),
        "other/out.yaml": deployment("out"),
    }
    found = project(files)
    namespaces = {obj.name: found.kustomizations.namespaces(obj) for obj in found.objects("Deployment")}
    assert namespaces == {"web": {"shop"}, "deep": {"shop"}, "used": {"shop"}, "unused": set(), "out": set()}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("./apps", {"shop"}),
        ("apps/", {"shop"}),
        ("/apps", {"shop"}),
        ("apps/../apps", set()),
        ("${PATH}", set()),
        ("./elsewhere", set()),
    ],
)
def test_paths_of_flux(path, expected):
    files = {
        "flux.yaml": flux("apps", path, "  targetNamespace: shop\n"),
        "apps/kustomization.yaml": "resources: [w.yaml]\n",
        "apps/w.yaml": deployment(),
    }
    found = project(files)
    assert found.kustomizations.namespaces(the(found)) == expected


def test_flux_where_the_tree_is_a_part_of_the_repository():
    files = {
        "flux.yaml": flux("web", "./kubernetes/apps/web", "  targetNamespace: shop\n"),
        "apps/web/w.yaml": deployment(),
    }
    found = project(files)
    assert found.kustomizations.namespaces(the(found)) == {"shop"}


def test_the_root_is_built_only_from_a_source_that_is_this_tree():
    outer = flux("vendor", "./", "  targetNamespace: vendor\n", source="OCIRepository")
    files = {"flux.yaml": f"{flux('apps', 'apps')}---\n{outer}", "apps/w.yaml": deployment("web", "namespace: x")}
    found = project(files)
    assert found.kustomizations.namespaces(the(found)) == {"x"}


def test_flux_components_and_prefixes():
    more = "  components: [../part]\n  namePrefix: flux-\n"
    files = {
        "flux.yaml": flux("apps", "apps", more),
        "apps/kustomization.yaml": "resources: [w.yaml]\nnamePrefix: own-\n",
        "apps/w.yaml": deployment(),
        "part/kustomization.yaml": f"{COMPONENT}namespace: part\n",
    }
    found = project(files)
    assert found.kustomizations.names(the(found)) == {"flux-web"}
    assert found.kustomizations.namespaces(the(found)) == {"part"}


def test_a_patched_target_namespace_is_not_known():
    patch = (
        "  patches: [{target: {kind: Kustomization}, patch: '[{op: add, path: /spec/targetNamespace, value: x}]'}]\n"
    )
    files = {
        "flux.yaml": flux("all", "apps", patch),
        "apps/ks.yaml": flux("web", "web", "  targetNamespace: shop\n"),
        "web/w.yaml": deployment(),
    }
    found = project(files)
    assert found.kustomizations.namespaces(the(found)) == set()


def test_what_is_not_in_the_tree():
    files = {
        **BASE,
        **overlay("remote", "components: ['https://example.com/part?ref=v1']\n"),
        "closed/kustomization.yaml": "resources: [../shop/w.yaml]\n",
        "shop/w.yaml": deployment("closed"),
    }
    kustomizations = project(files).kustomizations
    assert kustomizations.is_open("base/web.yaml") and not kustomizations.is_open("shop/w.yaml")
    (remote,) = [member for member in kustomizations if member.unresolved]
    assert [field.value for field in remote.unresolved] == ["https://example.com/part?ref=v1"]


def test_repositories_stay_apart():
    flow = "on: push\njobs: {a: {runs-on: x, steps: []}}\n"
    files = {
        "one/.github/workflows/ci.yaml": flow,
        "one/flux.yaml": flux("apps", "apps", "  targetNamespace: mine\n"),
        "one/apps/w.yaml": deployment(),
        "apps/kustomization.yaml": "resources: [../one/apps/w.yaml]\nnamespace: theirs\n",
    }
    found = project(files)
    assert found.kustomizations.namespaces(the(found)) == {"mine"}


@pytest.mark.parametrize(
    "text",
    [
        "resources: {a: b}\npatches: text\nreplicas: [1, null]\nimages: {}\nconfigMapGenerator: 3\n",
        "resources: [[x], {y: z}, 7, '', '/', '../../../..', '{{ x }}']\ncomponents: [null, '']\n",
        "namespace: 5\nnamePrefix: [a]\ntransformers: {}\nreplacements: [x, {targets: [y, {fieldPaths: 5}]}]\n",
        "patches: [{path: 5, target: []}, {patch: '{{ x }}'}, {patch: '[', target: {name: '('}}, null]\n",
        "configMapGenerator: [{name: [], literals: [5, =], files: [=, a=], envs: {}}]\n",
        "[]\n",
        "text\n",
    ],
)
def test_odd_kustomizations_never_raise(text):
    found = project({**BASE, **overlay("over"), "base/kustomization.yaml": f"{text}", "z.yaml": flux("z", "[]")})
    for obj in found.all_objects:
        kustomizations = found.kustomizations
        kustomizations.may_set(obj, "spec", "replicas")
        kustomizations.namespaces(obj), kustomizations.names(obj), kustomizations.replicas(obj)
        kustomizations.image(obj, "nginx"), kustomizations.is_open(obj.file)
    assert list(found.kustomizations.generated("ConfigMap")) is not None


def test_nothing_is_imported_for_a_tree_without():
    found = project({"a.yaml": deployment()})
    assert "kustomizations" not in vars(found)
    assert not found.may_be_patched(the(found), "spec")


def ask_a_large_tree(count):
    files = {"flux.yaml": flux("all", "apps", "  targetNamespace: x\n")}
    for number in range(count):
        json = "[{op: add, path: /spec/x, value: 1}]"
        patch = f"patches: [{{path: patch.yaml}}, {{patch: '{json}', target: {{name: w{number}.*}}}}]\n"
        files[f"apps/a{number}/kustomization.yaml"] = f"resources: [w.yaml]\n{patch}"
        files[f"apps/a{number}/w.yaml"] = deployment(f"w{number}")
        files[f"apps/a{number}/patch.yaml"] = deployment(f"w{number}")
    found = project(files)
    kustomizations = found.kustomizations
    for obj in found.all_objects:
        kustomizations.may_set(obj, "spec", "template", "spec", "affinity")
        kustomizations.may_set(obj, "spec", "replicas")
        kustomizations.namespaces(obj)


def test_a_large_tree():
    assert grows_linearly(ask_a_large_tree, 60)
