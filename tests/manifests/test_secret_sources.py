"""Which Secrets a tree makes, where they end up, and what is known of them."""

from release_projects import text_project

from kubelint.manifests.secret_sources import secret_sources

KUSTOMIZATION = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: keys, namespace: a}\n"
EXTERNAL = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: es, namespace: a}\n"


def only(project, name="keys", scope=""):
    (source,) = secret_sources(project, name, scope)
    return source


def test_a_secret_as_it_is_written():
    text = f"{SECRET}data: {{a: YQ==, b: '!'}}\nstringData: {{b: text, c: 'ENC[x]', d: '${{D}}'}}\nimmutable: true\n"
    source = only(text_project(keys=text))
    assert {key.name: (key.text, key.encoded) for key in source.keys} == {
        "a": ("a", True),
        "b": ("text", False),
        "c": (None, False),
        "d": (None, False),
    }
    assert (source.namespaces, source.open, source.rotates, source.immutable) == ({"a"}, False, False, True)
    assert source.kind == "Secret"


def test_keys_that_a_template_names_leave_it_open():
    assert only(text_project(keys=f"{SECRET}stringData: {{'${{KEY}}': x}}\n")).open
    assert only(text_project(keys=f"{SECRET}stringData: [a]\n")).open
    assert not only(text_project(keys=SECRET)).open


def test_a_kustomization_moves_and_renames_it():
    project = text_project(
        app__kustomization=f"{KUSTOMIZATION}namespace: b\nnamePrefix: home-\nresources: [keys.yaml]\n",
        app__keys=SECRET,
    )
    assert only(project, "home-keys").namespaces == {"b"}
    assert only(project, "keys").namespaces == {"b"}  # what refers to it in the same kustomization is renamed with it


def test_a_generator_makes_one():
    generator = "secretGenerator: [{name: keys, literals: [A=b, 'C= d ']}]\n"
    source = only(text_project(app__kustomization=f"{KUSTOMIZATION}namespace: b\n{generator}"))
    assert [(key.name, key.text) for key in source.keys] == [("A", "b"), ("C", " d ")]
    assert (source.namespaces, source.hashed, source.kind) == ({"b"}, True, "secretGenerator")


def test_an_operator_makes_one_that_rotates():
    source = only(text_project(es=f"{EXTERNAL}spec: {{target: {{name: keys}}, data: [{{secretKey: a}}]}}\n"))
    assert source.rotates and source.namespaces == {"a"}
    assert source.keys[0].field.path == ("spec", "data", 0, "secretKey")
    assert source.at.text == "keys"


def test_what_is_copied_may_be_anywhere():
    annotations = "annotations: {replicator.v1.mittwald.de/replicate-to: '*'}"
    assert only(text_project(keys=SECRET.replace("namespace: a", f"namespace: a, {annotations}"))).namespaces == set()
    cluster = EXTERNAL.replace("ExternalSecret", "ClusterExternalSecret")
    assert only(text_project(es=f"{cluster}spec: {{externalSecretSpec: {{}}}}\n"), "es").namespaces == set()


def test_other_clusters_have_their_own():
    project = text_project(clusters__a__keys=SECRET, clusters__b__keys=SECRET, shared=EXTERNAL)
    assert len(secret_sources(project, "keys", "clusters/a")) == 1
    assert len(secret_sources(project, "keys", "")) == 2
    assert len(secret_sources(project, "es", "clusters/b")) == 1
    assert secret_sources(project, "nothing", "") == []


def test_namespaces_narrow_it_down():
    project = text_project(
        keys=SECRET, other=SECRET.replace("namespace: a", "namespace: b"), es=f"{EXTERNAL}spec: {{}}\n"
    )
    copied = text_project(keys=SECRET.replace("namespace: a", "namespace: '${NAMESPACE}'"), other=SECRET)
    assert [each.namespaces for each in secret_sources(project, "keys", "", frozenset("b"))] == [{"b"}]
    assert len(secret_sources(project, "keys", "", frozenset("ab"))) == 2
    assert secret_sources(project, "keys", "", frozenset("c")) == []
    assert [each.namespaces for each in secret_sources(copied, "keys", "", frozenset("a"))] == [{"a"}, set()]


def test_what_another_controller_fills_is_open():
    for key in ("reflector.v1.k8s.emberstack.com/reflects", "replicator.v1.mittwald.de/replicate-from"):
        filled = SECRET.replace("namespace: a", f"namespace: a, annotations: {{{key}: b/keys}}")
        assert only(text_project(keys=filled)).open
