"""Where a suppression counts: beside any line of a finding, above it, on its object, in texts. And where not."""

import pytest
from invented import invented
from linting import REGISTRY, TODAY, ids, lint_texts

from kubelint.checks import Category, ProjectRule, RuleMeta, Severity
from kubelint.checks.registry import Registry, RuleEntry
from kubelint.config.model import IgnoreEntry, Settings
from kubelint.engine.linter import Linter
from kubelint.engine.reading import Input
from kubelint.sources import SourceFile, read_documents
from kubelint.sources.text_files import TextFile, text_kind

SAYS = "# kubelint: ignore[{}] a test"
DOUBLE = SAYS.format("duplicate-key")
APART = SAYS.format("test-apart")


class Apart(ProjectRule):
    """Finds the image of the first pod, and the name of every other one belongs to it."""

    meta = RuleMeta("test-apart", "a test", Category.DNS, Severity.WARNING, "0.1.0", aliases=("test-former",))

    def check(self, project):
        first, *others = sorted(project.objects("Pod"), key=lambda pod: pod.file)
        finding = self.finding("they are apart", at=first.field("spec", "containers", 0, "image"))
        for other in others:
            finding = finding.label(other.field("metadata", "name"), "the other")
        yield finding


POD = """\
{above}apiVersion: v1{first}
kind: Pod
metadata:
  {over}name: {name}{beside}
spec:
  containers:
    - name: web
      image: {image}{behind}
      command: [serve]{under}
"""
ENTRIES = [REGISTRY.get(name) for name in ("unused-suppression", "unknown-suppression", "malformed-suppression")]
APARTS = Registry([RuleEntry.of(Apart), *ENTRIES])


def pod(name="web", image="nginx:1.27", **comments):
    parts = {**dict.fromkeys(("above", "first", "over", "beside", "behind", "under"), ""), **comments}
    return POD.format(name=name, image=image, **parts)


def apart(reported=None, registry=APARTS, **files):
    sources = [read_documents(f"{name}.yaml", text) for name, text in files.items()]
    wanted = None if reported is None else frozenset(f"{name}.yaml" for name in reported)
    return Linter(registry, Settings(), TODAY).run(Input(sources, reported=wanted))


@pytest.mark.parametrize(
    ("here", "there", "silenced"),
    [
        ({"behind": f"  {APART}"}, {}, True),
        ({"under": f"  {APART}"}, {}, False),
        ({"first": f"  {APART}"}, {}, True),
        ({"above": f"{APART}\n"}, {}, True),
        ({"above": f"--- {APART}\n"}, {}, True),
        ({"over": f"{APART}\n  "}, {}, False),
        ({"behind": "  # kubelint: ignore[test-former] a test"}, {}, True),
        ({}, {"beside": f"  {APART}"}, True),
        ({}, {"over": f"{APART}\n  "}, True),
        ({}, {"behind": f"  {APART}"}, False),
        ({}, {"above": f"{APART}\n"}, False),
        ({}, {"first": f"  {APART}"}, False),
        ({}, {"above": "# kubelint: ignore-file[test-apart] a test\n"}, False),
    ],
)
def test_both_ends_of_a_finding(here, there, silenced):
    report = apart(a=pod(**here), b=pod("side", **there))
    wrong = ["unused-suppression"] if here or there else []
    assert sorted(ids(report)) == ([] if silenced else sorted(["test-apart", *wrong]))
    assert report.suppressed == silenced


def test_what_silences_a_finding_elsewhere_is_used_in_a_part_of_the_tree_too():
    files = {"a": pod(), "b": pod("side", beside=f"  {APART}")}
    assert ids(apart(["a"], **files)) == ids(apart(["b"], **files)) == []
    assert ids(apart(["b"], a=pod(), b=pod("side", under=f"  {APART}"))) == ["unused-suppression"]


def test_any_line_of_a_finding_counts():
    lines = f'"nginx:\\\n        1.27"  {APART}'
    assert ids(apart(a=pod(image=lines))) == []
    assert ids(apart(a=pod(image=lines.replace("  #", "\n      #")))) == ["test-apart", "unused-suppression"]


@pytest.mark.parametrize(
    ("text", "suppressed"),
    [
        (f"a: 1\n{DOUBLE}\na: 2\n", 1),
        (f"a: 1\n{DOUBLE}\n\n# more\n\na: 2\n", 1),
        (f"a: 1\n\n{DOUBLE}\nb: 1\na: 2\n", 0),
        (f"x: {{\n  {DOUBLE}\n  a: 1, a: 2\n}}\n", 1),
        (f"x: {{\n  a: 1, a: 2  {DOUBLE}\n}}\n", 1),
        (f"x: {{  {DOUBLE}\n  a: 1, a: 2\n}}\n", 0),
        (f"{DOUBLE}\nx: {{\n  a: 1,\n  b: {{a: 1, a: 2}}\n}}\n", 1),
        (f"x:\n- a: 1\n  {DOUBLE}\n  a: 2\n", 1),
        (f"x:\n{DOUBLE}\n- a: 1\n  a: 2\n- a: 1\n  a: 2\n", 1),
        (f"{DOUBLE}\nx:\n- a: 1\n  a: 2\n- a: 1\n  a: 2\n", 2),
        (f"x:\n- - a: 1\n    a: 2  {DOUBLE}\n", 1),
        (f"a: 1\na: |  {DOUBLE}\n  text\n", 1),
        (f"a: 1\n{DOUBLE}\na: |\n  text\n", 1),
        (f"a: 1\na: |\n  text\n{DOUBLE}\nb: 2\n", 0),
        (f"a: 1\na: &x 2  {DOUBLE}\n", 1),
        (f"a: 1\n? a  {DOUBLE}\n: 2\n", 1),
        ("a: 1\na: 2\n# kubelint: ignore-file[duplicate-key] a test", 1),
        (f"a: 1\na: 2\n---  {DOUBLE}\na: 1\na: 2\n", 1),
        (f"{DOUBLE}\n%YAML 1.1\n---\na: 1\na: 2\n", 1),
    ],
)
def test_comments_of_every_form_of_yaml(text, suppressed):
    head = "" if "---" in text else "apiVersion: v1\nkind: Test\nmetadata: {name: a}\n"
    report = lint_texts({"map.yaml": head + text}, select=("duplicate-key", "unused-suppression"))
    assert report.suppressed == suppressed
    assert ("unused-suppression" in ids(report)) is (suppressed == 0)


LIST = """\
apiVersion: v1
kind: List
items:
- apiVersion: v1  # kubelint: ignore[duplicate-key] a test
  kind: ConfigMap
  data: {a: '1', a: '2'}
- apiVersion: v1
  kind: ConfigMap
  data: {a: '1', a: '2'}
"""


def test_the_first_line_of_an_object_in_a_list():
    report = lint_texts({"list.yaml": LIST}, select=("duplicate-key",))
    assert [finding.place.start.line for finding in report.findings] == [9] and report.suppressed == 1


def test_the_first_line_of_what_is_no_object():
    report = lint_texts({"a.yaml": f"a: 1  {DOUBLE}\nb: 1\nb: 2\n"}, select=("duplicate-key",))
    assert ids(report) == ["duplicate-key"]


INNER = """\
apiVersion: v1
kind: ConfigMap
metadata: {{name: a}}
data:
  config.yaml: |
    {above}groups:
    {over}- name: a{behind}
      token: {token}{beside}
    # kubelint: ignore[a-rule-of-somebody] it is their text
    # kubelint: what this is about
"""


@pytest.mark.parametrize(
    ("place", "silenced"), [("above", False), ("over", True), ("behind", False), ("beside", True), ("file", True)]
)
def test_comments_in_yaml_in_a_string(place, silenced):
    comment = SAYS.format("provider-token")
    parts = dict.fromkeys(("above", "over", "behind", "beside"), "")
    if place == "file":
        parts["above"] = "# kubelint: ignore-file[provider-token] a test\n    "
    else:
        parts[place] = f"{comment}\n    " if place in ("above", "over") else f"  {comment}"
    text = INNER.format(token=invented("github_token"), **parts)
    if place == "above":
        text = text.replace("groups:", "groups: []\n    more:")
    report = lint_texts({"map.yaml": text}, select=("provider-token", "inputs"))
    assert ids(report) == ([] if silenced else ["provider-token"])
    assert report.suppressed == silenced


SCRIPT = """\
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: |
          {above}curl -H "Authorization: {token}" \\
            https://example.org
          echo done
"""


def test_comments_in_a_script_in_a_workflow():
    script = SCRIPT.replace("{token}", invented("github_token"))
    path = ".github/workflows/ci.yaml"
    before = lint_texts({path: script.replace("{above}", "")}, select=("provider-token",))
    assert ids(before) == ["provider-token"]
    comment = f"{SAYS.format('provider-token')}\n          "
    assert ids(lint_texts({path: script.replace("{above}", comment)}, select=("provider-token", "inputs"))) == []


def text_report(path, text, select=("provider-token", "inputs")):
    file = TextFile(path, text_kind(path), lambda: SourceFile(path, text))
    other = read_documents("other.yaml", "a: 1\n")
    return Linter(REGISTRY, Settings()._replace(select=select), TODAY).run(Input([other], texts=(file,)))


NODE = "kubectl delete node pi-4 -n longhorn-system"
REMOVAL = SAYS.format("wrong-node-removal-command")
MARKED = f"<!-- {REMOVAL.removeprefix('# ')} -->"


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("a.sh", f"{NODE}\n", ["wrong-node-removal-command"]),
        ("a.sh", f"{NODE}  {REMOVAL}\n", []),
        ("a.sh", f"#!/bin/sh\n{REMOVAL}\n{NODE}\n", []),
        ("a.sh", f"#!/bin/sh\n{REMOVAL}\n\n{NODE}\n", []),
        ("a.sh", f"if true; then\n  {REMOVAL}\n  {NODE}\nfi\n", []),
        ("a.sh", f"{REMOVAL}\nif true; then\n  {NODE}\nfi\n", []),
        ("a.sh", f"{REMOVAL}\nkubectl \\\ndelete node pi-4 -n longhorn-system\n", []),
        ("a.sh", f"{REMOVAL}\nset -e\n{NODE}\n", ["unused-suppression", "wrong-node-removal-command"]),
        ("a.sh", f"{NODE}\n# kubelint: ignore-file[wrong-node-removal-command] a test\n", []),
        (
            "a.sh",
            f"{NODE}  # kubelint: ignore[no-such-rule] a\n",
            ["unknown-suppression", "wrong-node-removal-command"],
        ),
        ("a.sh", f"echo a  {REMOVAL}\n", ["unused-suppression"]),
        ("a.md", f"# Remove\n\n{MARKED}\n\n```sh\necho\n{NODE}\n```\n", []),
        ("a.md", f"# Remove\n\n{MARKED}\n```sh\n{NODE}\n```\n\n```sh\n{NODE}\n```\n", ["wrong-node-removal-command"]),
        (
            "a.md",
            f"# Remove\n\n```sh\n# <!-- kubelint: ignore[no-such-rule] -->\n{NODE}\n```\n",
            ["wrong-node-removal-command"],
        ),
        ("a.md", f"# How to\n\n```yaml\nreplicas: 1  {DOUBLE}\n```\n", []),
        ("a.md", f"# How to\n\n{MARKED}\n\nNothing.\n", ["unused-suppression"]),
    ],
)
def test_comments_in_files_of_text(path, text, found):
    assert sorted(ids(text_report(path, text, ("wrong-node-removal-command", "inputs")))) == found


def test_a_template_that_nothing_rendered():
    comment = "# kubelint: ignore[dns-single-replica] a test\n"
    template = f"{comment}{{{{- if .Values.a }}}}\napiVersion: v1\n{{{{ end }}}}\n"
    assert ids(lint_texts({"charts/a/templates/a.yaml": template, "a.yaml": "a: 1\n"})) == []


OTHERS = "# kubelint: ignore-file[{}] a test\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{OTHERS.format('unused-suppression')}a: 1  {DOUBLE}\n", []),
        (f"{OTHERS.format('unknown-suppression')}a: 1  {SAYS.format('no-such-rule')}\n", []),
        (f"{OTHERS.format('malformed-suppression')}a: 1  # kubelint: ignore\n", []),
        (f"{OTHERS.format('unused-suppression')}a: 1\n", ["unused-suppression"]),
        (f"{OTHERS.format('unknown-suppression')}a: 1\n", ["unused-suppression"]),
        ("a: 1  # kubelint: ignore[no-such-rule, unknown-suppression] a test\n", []),
    ],
)
def test_suppressions_of_what_is_said_about_suppressions(text, found):
    assert ids(lint_texts({"a.yaml": text})) == found


def test_who_is_not_asked_for_says_nothing():
    text = f"a: 1  {DOUBLE}\n"
    assert ids(lint_texts({"a.yaml": text}, select=("dns", "unused-suppression"))) == []
    assert ids(lint_texts({"a.yaml": text}, select=("duplicate-key", "unused-suppression"))) == ["unused-suppression"]
    assert ids(lint_texts({"a.yaml": text}, select=("duplicate-key",))) == []
    assert ids(lint_texts({"a.yaml": text}, suppressions=False)) == []


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ({}, []),
        ({"paths": ("apps/**",)}, []),
        ({"paths": ("web/**",)}, ["duplicate-key"]),
        ({"objects": ("ConfigMap/a",)}, []),
        ({"objects": ("ConfigMap/shop/a",)}, []),
        ({"objects": ("ConfigMap/other/a",)}, ["duplicate-key"]),
        ({"objects": ("ConfigMap/b",)}, ["duplicate-key"]),
        ({"objects": ("Secret/a", "ConfigMap/a")}, []),
        ({"objects": ("ConfigMap/a",), "paths": ("web/**",)}, ["duplicate-key"]),
        ({"until": TODAY}, []),
        ({"until": TODAY.replace(day=TODAY.day - 1)}, ["duplicate-key"]),
        ({"until": TODAY.replace(day=TODAY.day + 1)}, []),
        ({"rules": ("inputs",)}, []),
        ({"rules": ("dns",)}, ["duplicate-key"]),
        ({"rules": ("incident:4",)}, ["duplicate-key"]),
        ({"rules": ("ALL",)}, []),
    ],
)
@pytest.mark.parametrize("suppressions", [True, False])
def test_entries_of_the_configuration(entry, found, suppressions):
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\ndata: {a: '1', a: '2'}\n"
    ignore = (IgnoreEntry(**{"rules": ("duplicate-key",), **entry}),)
    report = lint_texts({"apps/map.yaml": text}, ignore=ignore, suppressions=suppressions)
    assert ids(report) == found and report.suppressed == (not found)
