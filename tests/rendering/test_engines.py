"""The programs that render, and what they may answer."""

import pytest
from rendering.trees import CHART, fake_helm, tree, without_helm

from kubelint.rendering.engines import HelmBinary, Job, NotRendered, find_engine, split_output
from kubelint.rendering.sdk import WORKER, HelmLibrary

OUTPUT = """\
---
# Source: web/templates/a.yaml
a: 1
---
# Source: web/templates/b.yaml
b: 1
---
# Source: web/templates/a.yaml
a: 2
"""


def test_output_is_split_by_template():
    assert split_output(OUTPUT) == {
        "web/templates/a.yaml": "a: 1\n---\na: 2\n",
        "web/templates/b.yaml": "b: 1\n",
    }
    assert split_output(OUTPUT.replace("\n", "\r\n")) == split_output(OUTPUT)
    assert split_output("") == {}


@pytest.mark.parametrize("text", ["hello", "kind: Pod\n", "# Source: a\n", "\x00\x01", "usage: helm\n" + OUTPUT])
def test_output_that_is_no_chart(text):
    with pytest.raises(NotRendered, match="the output of helm is not a rendered chart"):
        split_output(text)


def test_the_binary_goes_first(tmp_path, monkeypatch):
    fake_helm(tmp_path / "bin", monkeypatch, "print()")
    engine = find_engine()
    assert isinstance(engine, HelmBinary) and engine.program == tmp_path / "bin/helm"


def test_programs_of_the_linted_tree_are_none(tmp_path, monkeypatch):
    fake_helm(tmp_path, monkeypatch, "print()")
    monkeypatch.chdir(tmp_path)
    for path in ("", ".", ":", "bin:."):
        assert not isinstance(find_engine({"PATH": path}), HelmBinary)


def test_helm_is_asked_for_a_template(tmp_path, monkeypatch):
    script = "print('---\\n# Source: web/templates/a.yaml\\na: ' + repr((arguments, text)))"
    fake_helm(tmp_path, monkeypatch, script)
    engine = find_engine()
    folder = tmp_path / "web"
    told = engine.render(Job(folder))["web/templates/a.yaml"]
    assert told == f"a: {(['template', 'release-name', str(folder), '--namespace', 'default'], '')!r}\n"
    told = engine.render(Job(folder, "b: 1\n", "shop", "apps", "1.33"))["web/templates/a.yaml"]
    more = ["--values", "-", "--kube-version", "1.33"]
    assert told == f"a: {(['template', 'shop', str(folder), '--namespace', 'apps', *more], 'b: 1' + chr(10))!r}\n"


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("sys.exit('Error: bad\\n\\nUse --debug flag to render out invalid YAML')", "bad"),
        ("sys.exit('WARNING: this\\nError: one\\ntwo')", "one\ntwo"),
        ("sys.exit('panic')", "panic"),
        ("sys.exit(7)", "helm ended with exit code 7"),
        ("os.kill(os.getpid(), 9)", "helm ended with exit code -9"),
        ("print('garbage')", "the output of helm is not a rendered chart"),
        ("time.sleep(60)", "timed out after 1 s"),
    ],
)
def test_helm_fails(tmp_path, monkeypatch, script, reason):
    fake_helm(tmp_path, monkeypatch, script)
    with pytest.raises(NotRendered) as error:
        HelmBinary(tmp_path / "helm", timeout=1).render(Job(tmp_path))
    assert str(error.value) == reason


@pytest.fixture
def library(monkeypatch, tmp_path):
    without_helm(monkeypatch, tmp_path)
    engine = find_engine()
    assert isinstance(engine, HelmLibrary)
    yield engine
    engine.close()


def chart(tmp_path, template, values="who: you\n"):
    return tree(tmp_path / "web", {"Chart.yaml": CHART, "values.yaml": values, "templates/a.yaml": template})


def test_the_library_renders(library, tmp_path):
    folder = chart(tmp_path, "a: {{ .Values.who }} {{ .Release.Name }} {{ .Release.Namespace }}\n")
    assert library.render(Job(folder)) == {"web/templates/a.yaml": "a: you release-name default\n"}
    child = library._child
    told = library.render(Job(folder, "who: 'me: ü'\n", "shop", "apps"))
    assert told == {"web/templates/a.yaml": "a: me: ü shop apps\n"}
    assert library._child is child


def test_the_library_knows_the_version(library, tmp_path):
    folder = chart(tmp_path, "a: {{ .Capabilities.KubeVersion.Minor }}\n")
    assert library.render(Job(folder, kubernetes="1.29"))["web/templates/a.yaml"] == "a: 29\n"


def test_charts_learn_nothing_of_this_machine(library, tmp_path, monkeypatch):
    monkeypatch.setenv("HELM_NAMESPACE", "from-the-user")
    template = """a: {{ lookup "v1" "Secret" "" "" | toJson }} {{ getHostByName "localhost" | quote }}\n"""
    assert library.render(Job(chart(tmp_path, template))) == {"web/templates/a.yaml": 'a: {} ""\n'}
    for function in ('env "HOME"', 'expandenv "$HOME"'):
        with pytest.raises(NotRendered, match="not defined"):
            library.render(Job(chart(tmp_path, f"a: {{{{ {function} }}}}\n")))


@pytest.mark.parametrize(
    ("template", "values", "reason"),
    [
        ('{{ required "who is it" .Values.nobody }}', "", "who is it"),
        ("{{ if }}", "", "missing value for if"),
        ("a: 1", "a: [", "did not find expected node content"),
        ('{{ define "x" }}{{ template "x" . }}{{ end }}{{ template "x" . }}', "", "maximum template depth"),
    ],
)
def test_the_library_fails(library, tmp_path, template, values, reason):
    with pytest.raises(NotRendered, match=reason):
        library.render(Job(chart(tmp_path, template), values))
    assert library.render(Job(chart(tmp_path, "a: 1\n"))) == {"web/templates/a.yaml": "a: 1\n"}


def test_a_chart_without_end_is_given_up_and_the_next_one_rendered(library, tmp_path):
    library.timeout = 2
    loop = "{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}"
    with pytest.raises(NotRendered, match="timed out after 2 s"):
        library.render(Job(chart(tmp_path, loop)))
    library.timeout = 20
    assert library.render(Job(chart(tmp_path, "a: 1\n"))) == {"web/templates/a.yaml": "a: 1\n"}


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ("raise ImportError('no library here')", "no library here"),
        ("import os; os._exit(3)", "crashed, ran out of memory, or wrote too much"),
        ("import time; time.sleep(60)", "timed out after 1 s"),
        ("values_from_yaml = None\nclass Chart:\n    load = None", "not callable"),
    ],
)
def test_a_library_that_is_broken(tmp_path, module, reason):
    tree(tmp_path, {"site/helm_python.py": module})
    engine = HelmLibrary(tmp_path / "site", timeout=1)
    try:
        with pytest.raises(NotRendered, match=reason):
            engine.render(Job(tmp_path))
    finally:
        engine.close()


def test_the_worker_imports_nothing_of_ours():
    text = WORKER.read_text()
    assert "import kubelint" not in text and "from kubelint" not in text
