"""Every command on trees and words full of text that wants to be more: nothing but text reaches a terminal or a log."""

import json
import unicodedata

import pytest
import yaml
from adversarial import NASTY, quoted, runner_commands, tree

from kubelint.cli.main import run

NAMES = {name: text.replace("/", "∕")[:60] for name, text in NASTY.items() if "\ud800" not in text}
CLEAN = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\ndata: {a: '1'}\n"
DNS = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations: {a: TEXT}
  name: coredns
  namespace: kube-system
  labels:
    a: |-
      ::error::x
      ##[error]y
    b: TEXT
spec:
  paused: false
  minReadySeconds: 1
  revisionHistoryLimit: 1
  replicas: 1
"""


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """A folder for each nasty text, in one tree."""
    root = tmp_path_factory.mktemp("everything")
    for number, text in enumerate(NAMES.values()):
        for name, content in {**tree(text), f"dns {text}.yaml": DNS.replace("TEXT", quoted(text))}.items():
            path = root / f"n{number}" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode(errors="replace"))
    return root


@pytest.fixture
def told(monkeypatch, capsys):
    """Runs a command in a job of GitHub, and gives its code, what it printed and what it complained of."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("NO_COLOR", "1")

    def tell(*arguments):
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        log = captured.out + captured.err
        assert tricks(log) == set() and runner_commands(log) == [] and "this is a bug" not in log
        return code, captured.out, captured.err

    return tell


def tricks(log):
    return {one for one in log if unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp", "Cs")} - {"\n"}


@pytest.mark.parametrize("text", ["\x1b", "\x9b", "\u202e", "\u2066", "\u200b", "\ufeff", "\u2028", "\r", "\x7f"])
def test_a_trick_is_seen(text):
    assert tricks(f"a{text}b\n") == {text} and tricks("a b\té漢\n") == {"\t"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["check", "-v", "--show-files", "--statistics", "--format", "full", "--select", "ALL"], 1),
        (["check", "-q", "--format", "grouped"], 1),
        (["check", "--diff", "--unsafe-fixes", "--select", "ALL"], 1),
        (["check", "--diff", "--add-ignores", "reason"], 1),
        (["config", "show"], 0),
        (["config", "show", "--facts"], 0),
        (["rbac", "explain", "ServiceAccount/a/a"], 0),
        (["rbac", "can-i", "User/a", "get", "pods"], None),
    ],
)
def test_commands_on_a_tree_of_such_names(everything, monkeypatch, told, arguments, code):
    monkeypatch.chdir(everything)
    got, out, err = told(*arguments)
    assert out + err and (got == code or code is None)
    if "--unsafe-fixes" in arguments:
        assert out.count("+  replicas: 2") > len(NAMES) / 2


def test_a_baseline_of_such_findings(everything, tmp_path, monkeypatch, told):
    monkeypatch.chdir(everything)
    baseline = tmp_path / "baseline.json"
    assert told("baseline", "write", "--baseline", baseline)[0] == 0
    code, out, _ = told("baseline", "show", "--baseline", baseline)
    assert code == 0 and out.count("\n") > 3 * len(NAMES)
    (tmp_path / "clean.yaml").write_text(CLEAN)
    told("check", "--root", tmp_path, tmp_path, "--baseline", baseline, "--format", "full")
    told("baseline", "prune", "--root", tmp_path, tmp_path, "--baseline", baseline)


def test_a_first_configuration_from_such_a_tree_is_yaml(everything, tmp_path, told):
    for path in sorted(everything.rglob("*.yaml")):
        target = tmp_path / path.relative_to(everything)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    assert told("init", tmp_path)[0] == 0
    text = (tmp_path / "kubelint.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(text) is not None and tricks(text) == set()


@pytest.mark.parametrize("form", ["text", "json", "yaml"])
@pytest.mark.parametrize("number", range(len(NAMES)), ids=list(NAMES))
def test_roles_for_what_has_such_names(everything, monkeypatch, told, number, form):
    monkeypatch.chdir(everything)
    code, out, _ = told("rbac", "needs", f"n{number}", "--format", form, "--render", "never")
    assert code == 0
    text = list(NAMES.values())[number]
    if form != "text":
        names = {*strings(list(yaml.safe_load_all(out)) if form == "yaml" else json.loads(out))}
        is_plain = text.encode(errors="replace").decode().isprintable() and "${" not in text
        assert text in names or not (is_plain or "\u202e" in text)


def strings(data):
    """Every text in plain data."""
    if isinstance(data, str):
        yield data
    for item in data if isinstance(data, list) else data.values() if isinstance(data, dict) else ():
        yield from strings(item)


def test_settings_of_such_words(tmp_path, told):
    (tmp_path / "a.yaml").write_text(CLEAN)
    for text in NAMES.values():
        settings = {"exclude": [text], "external": [f"Secret/a/{text}"], "per-file-ignores": {text: ["dns"]}}
        (tmp_path / "kubelint.yaml").write_text(json.dumps(settings))
        code, _, err = told("config", "show", tmp_path)
        assert code == 0 or err.startswith("kubelint: ")
        told("check", tmp_path, "--show-files")


WORDS = [
    ["check", "{}"],
    ["check", "--select", "{}"],
    ["check", "--config", "{}"],
    ["check", "--root", "{}"],
    ["check", "--since", "{}"],
    ["check", "--format", "{}"],
    ["check", "--output", "gone/{}"],
    ["check", "--baseline", "{}"],
    ["check", "--{}"],
    ["rule", "{}"],
    ["rules", "{}"],
    ["config", "show", "{}"],
    ["baseline", "show", "--baseline", "{}"],
    ["rbac", "explain", "{}"],
    ["rbac", "can-i", "{}", "{}", "{}"],
    ["rbac", "needs", "{}"],
    ["completion", "{}"],
]


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_a_complaint_about_such_a_word_is_one_line(tmp_path, monkeypatch, told, words):
    (tmp_path / "a.yaml").write_text(CLEAN)
    monkeypatch.chdir(tmp_path)
    for text in (*NASTY.values(), "\ud800"):
        code, out, err = told(*(word.replace("{}", text) for word in words))
        assert (code, out) == (2, "") and err.count("\n") == 1 and err.startswith("kubelint: ") and len(err) < 3000


@pytest.mark.parametrize("name", NAMES)
def test_a_configuration_of_such_words_is_refused_with_its_place(tmp_path, told, name):
    text = NAMES[name]
    (tmp_path / "a.yaml").write_text(CLEAN)
    quoted = yaml.safe_dump(text, default_style='"', width=1 << 30).strip()
    for broken in (
        f"{quoted}: 1\n",
        f"fail-on: {quoted}\n",
        f"rules: {{{quoted}: error}}\n",
        f"ignore: [{{rules: [x], reason: {quoted}, until: {quoted}}}]\n",
    ):
        (tmp_path / "kubelint.yaml").write_text(broken, encoding="utf-8", errors="replace")
        code, out, err = told("check", tmp_path)
        assert (code, out) == (2, "") and err.startswith("kubelint: ")


def test_a_baseline_of_such_words(tmp_path, monkeypatch, told):
    (tmp_path / "a.yaml").write_text(CLEAN)
    monkeypatch.chdir(tmp_path)
    for text in NAMES.values():
        escaped = text.encode("utf-16-le", "surrogatepass").hex()
        quoted = "".join(f"\\u{escaped[at + 2 : at + 4]}{escaped[at : at + 2]}" for at in range(0, len(escaped), 4))
        entry = "{" + ", ".join(f'"{key}": "{quoted}"' for key in ("rule", "file", "object", "path", "fingerprint"))
        (tmp_path / "b.json").write_text(f'{{"version": 1, "findings": [\n{entry}, "count": 1}}\n]}}\n')
        code, out, err = told("baseline", "show", "--baseline", "b.json")
        assert code in (0, 2) and out + err
        told("check", "--baseline", "b.json", "--format", "full")
