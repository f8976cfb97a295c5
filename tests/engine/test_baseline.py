"""Findings are known again whatever becomes of the lines, and a new one beside them is not."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from invented import INVENTED, invented
from linting import REGISTRY, TODAY, lint_texts

from kubelint.config.model import Settings
from kubelint.engine.baseline import BrokenBaseline, Entry, dumped, entries_of, loaded, match
from kubelint.engine.linter import Linter
from kubelint.engine.reading import Input
from kubelint.sources import SourceFile, read_documents
from kubelint.sources.text_files import TextFile, text_kind

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    spec:
      containers:
      - name: web
        image: registry.example/web:1
        env:
        - {name: MODE, value: fast}
        - {name: API_TOKEN, value: <0>}
      - name: side
        image: registry.example/side:1
        env:
        - {name: API_TOKEN, value: <1>}
"""
ROLE = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: deployer}
rules:
- {apiGroups: [""], resources: [pods], verbs: [get], resourceNames: ["*"]}
- {apiGroups: [apps], resources: [deployments], verbs: [get], resourceNames: ["*"]}
"""
SELECT = ("provider-token", "resource-names-wildcard", "wrong-node-removal-command")
RUNBOOK = "# Remove a node\n\n```sh\nkubectl delete node pi-4 -n longhorn-system\n```\n"


def web(*names):
    for number, name in enumerate(names or ("github_token", "gitlab_token")):
        yield f"<{number}>", invented(name)


def filled(text, *names):
    for placeholder, value in web(*names):
        text = text.replace(placeholder, value)
    return text


TREE = {"apps/web.yaml": filled(WEB), "rbac/role.yaml": ROLE, "docs/nodes.md": RUNBOOK}


def report(files):
    texts = tuple(text_file(name, text) for name, text in files.items() if text_kind(name))
    sources = [read_documents(name, text) for name, text in files.items() if not text_kind(name)]
    return Linter(REGISTRY, Settings()._replace(select=SELECT), TODAY).run(Input(sources, texts=texts))


def text_file(name, text):
    return TextFile(name, text_kind(name), lambda: SourceFile(name, text))


def held(before, after):
    """What the baseline of one tree says of another."""
    entries = loaded(dumped(entries_of(report(before).findings)))
    return match(entries, report(after).findings, after)


def test_the_tree_itself_is_known():
    result = held(TREE, TREE)
    assert len(result.known) == 5 and not result.new and not result.left


def shuffled(value, order):
    """The same data with the keys of every mapping in another order."""
    if isinstance(value, dict):
        return {key: shuffled(value[key], order) for key in order.draw(st.permutations(list(value)))}
    return [shuffled(item, order) for item in value] if isinstance(value, list) else value


@effort(max_examples=40, deadline=None)
@given(st.data())
def test_formatting_makes_nothing_new(data):
    tree = {}
    for name, text in TREE.items():
        if name.endswith(".yaml"):
            value = shuffled(yaml.safe_load(text), data)
            flow = data.draw(st.sampled_from([True, False, None]))
            text = yaml.safe_dump(value, sort_keys=False, default_flow_style=flow, indent=data.draw(st.integers(2, 6)))
        lead = data.draw(st.lists(st.sampled_from(["", "# a comment"]), max_size=4))
        lines = (
            [line for raw in text.splitlines() for line in (*lead, raw)] if not name.endswith(".md") else [*lead, text]
        )
        folder, _, base = name.rpartition("/")
        base = data.draw(st.sampled_from([base, f"a-{base}", f"z.{base}"]))
        tree[f"{folder}/{base}"] = data.draw(st.sampled_from(["\n", "\r\n"])).join(lines) + "\n"
    result = held(TREE, tree)
    assert not result.new and not result.left and len(result.known) == 5


NEW = {
    "in another container": (
        "apps/web.yaml",
        "- name: side",
        "- name: third\n        image: x\n        env: [{name: API_TOKEN, value: <2>}]\n      - name: side",
    ),
    "in another variable": ("apps/web.yaml", "{name: MODE, value: fast}", "{name: MODE_TOKEN, value: <2>}"),
    "in another item without a name": (
        "rbac/role.yaml",
        "rules:\n",
        'rules:\n- {apiGroups: [batch], resources: [jobs], verbs: [get], resourceNames: ["*"]}\n',
    ),
    "in a text": ("docs/nodes.md", "```\n", "kubectl delete node pi-5 -n longhorn-system\n```\n"),
}


@pytest.mark.parametrize(("path", "old", "new"), NEW.values(), ids=NEW)
def test_a_new_finding_of_the_rule_in_the_object_is_new(path, old, new):
    text = TREE[path].replace(old, new.replace("<2>", invented("npm_token")))
    if path.endswith(".md"):
        text = TREE[path].removesuffix("```\n") + new
    result = held(TREE, {**TREE, path: text})
    assert len(result.new) == 1 and len(result.known) == 5 and not result.left


@pytest.mark.parametrize(
    ("tree", "new", "left"),
    [
        ({"apps/web.yaml": TREE["apps/web.yaml"]}, 0, 3),  # the rest is gone
        ({**TREE, "clusters/web.yaml": TREE["apps/web.yaml"]}, 2, 0),  # the same object of another folder
        ({"other/web.yaml": TREE["apps/web.yaml"], "rbac/role.yaml": ROLE, "docs/nodes.md": RUNBOOK}, 2, 2),
        ({**TREE, "docs/more.md": RUNBOOK}, 1, 0),  # text beside the file, which is still there
        ({**TREE, "apps/copy.yaml": TREE["apps/web.yaml"]}, 2, 0),
        ({**TREE, "apps/web.yaml": "{}\n", "apps/moved.yaml": TREE["apps/web.yaml"]}, 0, 0),
    ],
)
def test_files_that_come_and_go(tree, new, left):
    result = held(TREE, tree)
    assert (len(result.new), sum(entry.number for entry in result.left)) == (new, left)


def test_what_speaks_of_everything_is_known_wherever_it_points():
    spec = "{containers: [{name: a, image: registry.example/a}]}"
    pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: NAME}}\nspec: {spec}\n"
    pods = {f"{name}/pod.yaml": pod.replace("NAME", name) for name in ("one", "two")}
    before, after = (
        lint_texts(files, select=("missing-arch-constraint",)).findings
        for files in (pods, {"two/pod.yaml": pods["two/pod.yaml"]})
    )
    assert len(before) == len(after) == 1 and before[0].object != after[0].object
    [entry] = entries_of(before)
    assert (entry.object, entry.path) == (None, None)
    assert not match([entry], after, pods).new
    assert len(match([entry], [*before, *after], pods).new) == 1


def test_an_object_in_a_file_that_nobody_looked_at_is_none_that_moved():
    entries = entries_of(report(TREE).findings)
    tree = {"apps/web.yaml": "{}\n", "apps/moved.yaml": TREE["apps/web.yaml"]}
    found = match(entries, report(tree).findings, tree, lambda file: file == "apps/moved.yaml")
    assert len(found.new) == 2


@pytest.mark.parametrize("name", sorted(INVENTED))
def test_no_secret_is_in_it(name):
    value = INVENTED[name]()
    text = filled(WEB, name, name) if "\n" not in value else filled(WEB)
    secret = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\nstringData: {json.dumps({'token': value})}\n"
    files = {
        "apps/web.yaml": text,
        "apps/secret.yaml": secret,
        "apps/key.yaml": f"{json.dumps(value)}: {json.dumps(value)}\n",
    }
    written = dumped(entries_of(lint_texts(files).findings))
    assert value not in written and value not in json.dumps(json.loads(written), ensure_ascii=False)


def test_an_entry_stands_on_a_line_of_its_own_and_names_no_line():
    lines = dumped(entries_of(report(TREE).findings)).splitlines()[3:-2]
    assert len(lines) == 4
    first = json.loads(lines[0].rstrip(","))
    assert list(first) == ["rule", "file", "object", "path", "fingerprint", "count"]
    assert first["object"] == "Deployment/shop/web"
    assert first["path"] == "spec.template.spec.containers[side].env[API_TOKEN].value"
    assert [json.loads(line.rstrip(","))["count"] for line in lines] == [1, 1, 1, 2]


@given(
    st.lists(
        st.builds(
            Entry,
            st.text(max_size=5),
            st.text(max_size=5),
            st.none() | st.text(max_size=5),
            st.none() | st.text(max_size=5),
            st.text(max_size=5),
            st.integers(1, 9),
        )
    )
)
def test_what_is_written_is_read(entries):
    once = loaded(dumped(entries))
    assert loaded(dumped(once)) == once
    assert sum(entry.number for entry in once) == sum(entry.number for entry in entries)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "JSON"),
        ("<<<<<<< ours\n{}", "JSON"),
        ("[" * 100_000, "JSON"),
        ("[]", "findings"),
        ("{}", "findings"),
        ('{"version": 2, "findings": []}', "version"),
        ('{"version": 1, "findings": [{}]}', "entry 1"),
        ('{"version": 1, "findings": [null]}', "entry 1"),
        (dumped([Entry("a", "b", None, None, "c", 1)]).replace('"count": 1', '"count": 0'), "entry 1"),
        (dumped([Entry("a", "b", None, None, "c", 1)]).replace('"count": 1', '"count": true'), "entry 1"),
        (dumped([Entry("a", "b", None, None, "c", 1)]).replace('"b"', "1"), "entry 1"),
    ],
)
def test_what_is_no_baseline(text, said):
    with pytest.raises(BrokenBaseline, match=said):
        loaded(text)


def test_a_line_that_a_merge_repeats_counts_once():
    text = dumped([Entry("a", "b", None, None, "c", 2)])
    line = text.splitlines()[3]
    assert loaded(text.replace(line, f"{line},\n{line}")) == loaded(text)
