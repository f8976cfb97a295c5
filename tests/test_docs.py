"""What the written pages show works."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from linting import REGISTRY, ids, lint_texts

from kubelint.checks.pages import example_files
from kubelint.checks.registry import Registry, RuleEntry, rules_in
from kubelint.config.load import load_config
from kubelint.engine.linter import Input, Linter
from kubelint.sources.reading import read_bytes

ROOT = Path(__file__).parents[1]
DNS = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: coredns
  namespace: kube-system
spec:
  replicas: 1
"""


def blocks(page, language):
    return re.findall(
        rf"^```{language}\n(.*?)^```$", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )


def block(page, language, text):
    [found] = [each for each in blocks(page, language) if text in each]
    return found


def test_the_configuration_that_is_shown_is_valid(tmp_path):
    for number, page in enumerate(("docs/configuration.md", "docs/suppressions.md")):
        path = tmp_path / f"{number}.yaml"
        path.write_text(block(page, "yaml", "reason: "), encoding="utf-8")
        assert load_config(path, REGISTRY).ignore


def test_every_key_of_the_configuration_is_explained():
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"^\| `([a-z-]+)", text, re.MULTILINE))
    from kubelint.config.schema import build_schema

    assert shown == set(build_schema(REGISTRY)["properties"])


@pytest.mark.parametrize("page", ["README.md", "docs/suppressions.md"])
def test_the_comment_that_is_shown_silences(page):
    [line] = {line.strip() for text in blocks(page, "yaml") for line in text.splitlines() if "replicas: 1" in line}
    assert "dns-single-replica" in ids(lint_texts({"dns.yaml": DNS}))
    assert "dns-single-replica" not in ids(lint_texts({"dns.yaml": DNS.replace("replicas: 1", line)}))


def test_the_annotation_that_is_shown_silences():
    annotation = block("docs/suppressions.md", "yaml", "annotations:").split("metadata:\n")[1]
    report = lint_texts({"dns.yaml": DNS.replace("metadata:\n", f"metadata:\n{annotation}")})
    assert "dns-single-replica" not in ids(report)
    assert report.suppressed == 1


def test_every_suppression_that_is_shown_is_understood():
    comments = re.findall(r"# kubelint: ignore.*", "\n".join(blocks("docs/suppressions.md", "yaml")))
    assert len(comments) >= 4
    for comment in comments:
        found = ids(lint_texts({"a.yaml": f"{comment}\nkind: ConfigMap\napiVersion: v1\nmetadata: {{name: a}}\n"}))
        assert not {"malformed-suppression", "unknown-suppression"} & set(found), comment


def test_the_rule_that_is_shown_is_one(tmp_path, monkeypatch):
    (tmp_path / "kubelint_rules_shown.py").write_text(
        block("docs/writing-a-rule.md", "python", "RuleMeta("), encoding="utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import kubelint_rules_shown

    [rule] = rules_in(kubelint_rules_shown)
    for title, expected in (("Example", ["paused-rollout"]), ("Use instead", [])):
        files = [read_bytes(file.name, file.text.encode()) for file in example_files(rule, title)]
        report = Linter(Registry([RuleEntry.of(rule)])).run(Input(files))
        assert ids(report) == expected
    monkeypatch.delitem(sys.modules, "kubelint_rules_shown")


def shown_commands():
    lines = re.findall(r"^    (kubelint .*)", (ROOT / "docs" / "usage.md").read_text(encoding="utf-8"), re.MULTILINE)
    commands = [line.partition("#")[0].partition("<")[0].split()[1:] for line in lines]
    return [words for words in commands if "ID" not in words and "[PATH...]" not in words]


@pytest.mark.parametrize("words", shown_commands(), ids=" ".join)
def test_every_command_that_is_shown_runs(words, tmp_path):
    (tmp_path / "dns.yaml").write_text(DNS, encoding="utf-8")
    command = [sys.executable, "-m", "kubelint", *words]
    result = subprocess.run(command, cwd=tmp_path, input=DNS, capture_output=True, text=True)
    assert result.returncode in (0, 1), result.stderr
    assert "kubelint:" not in result.stderr
