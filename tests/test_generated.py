"""Generated files are current, rule pages keep their text as it is, and the scaffold of a rule is a rule."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kubelint.checks import Category, load_rules
from kubelint.checks.pages import documentation

ROOT = Path(__file__).parents[1]
TOOLS = sorted(path.name for path in (ROOT / "tools").glob("generate_*.py"))
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join([str(ROOT / "linter"), str(ROOT / "rules"), str(ROOT / "tools")]),
}


def python(*arguments, folder=ROOT):
    return subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True
    )


@pytest.mark.parametrize("tool", TOOLS)
def test_what_the_tools_make_is_committed(tool):
    result = python(f"tools/{tool}", "--check")
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_stale_file_a_missing_one_and_a_left_over_one_are_named_in_a_line_each(tmp_path):
    script = """
import sys, generated
from pathlib import Path
generated.ROOT = Path(sys.argv.pop(1))
raise SystemExit(generated.run("", lambda: {"docs/a.md": "one\\ntwo\\n", "docs/b.md": "new\\n"}, owned="docs/*.md"))
"""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("one\n2\n3\n")
    (tmp_path / "docs" / "old.md").write_text("old\n")
    checked = python("-c", script, tmp_path, "--check")
    assert checked.returncode == 1
    assert [line.split(" (")[0] for line in checked.stdout.splitlines()] == [
        "docs/a.md: stale, +1 -2 lines",
        "docs/b.md: missing",
        "docs/old.md: belongs to nothing",
    ]
    assert python("-c", script, tmp_path).returncode == 0
    assert sorted(path.name for path in (tmp_path / "docs").iterdir()) == ["a.md", "b.md"]
    again = python("-c", script, tmp_path, "--check")
    assert (again.returncode, again.stdout) == (0, "")


@pytest.mark.parametrize("entry", list(load_rules()), ids=lambda entry: entry.meta.id)
def test_a_page_holds_the_documentation_as_it_was_written(entry):
    text = (ROOT / "docs" / "rules" / f"{entry.meta.id}.md").read_text(encoding="utf-8")
    assert documentation(entry.rule) in text
    assert text.count("```") % 2 == 0
    outside = re.sub(r"```.*?```|`[^`\n]+`", "", text.partition("-->")[2], flags=re.DOTALL)
    assert not re.search(r"<(?!https?://)[A-Za-z]", outside), "Markdown would take this for HTML"


def test_every_link_between_our_pages_leads_somewhere():
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    assert len(pages) > 10
    for page in pages:
        prose = re.sub(r"```.*?```|`[^`\n]+`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", prose):
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}"


def test_the_scaffold_of_a_rule_is_a_rule(tmp_path):
    script = """
import sys
from pathlib import Path
from new_rule import Category, scaffold, write
write(scaffold("replicas-at-zero", Category(sys.argv[2])), Path(sys.argv[1]))
"""
    assert python("-c", script, tmp_path, Category.NODES.value).returncode == 0
    again = python("-c", script, tmp_path, Category.NODES.value)
    assert again.returncode and "FileExistsError" in again.stderr
    package = tmp_path / "rules" / "kubelint_rules" / "nodes"
    assert sorted(path.name for path in package.iterdir()) == ["__init__.py", "replicas_at_zero.py"]
    use = """
import sys
sys.path.insert(0, sys.argv[1])
from nodes.replicas_at_zero import ReplicasAtZero as rule
from kubelint.checks.pages import example_files, section
assert rule.meta.id == "replicas-at-zero" and rule.meta.category.value == "nodes"
assert all(section(rule, title) for title in ("What it does", "Why it matters", "When to ignore", "References"))
assert example_files(rule, "Example") and example_files(rule, "Use instead")
"""
    result = python("-c", use, package.parent)
    assert result.returncode == 0, result.stderr
    bad = tmp_path / "tests" / "fixtures" / "rules" / "replicas-at-zero" / "bad"
    assert (bad / "deployment.yaml").is_file()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["Upper-Case", "dns"], "kebab-case"),
        (["single", "dns"], "two or more words"),
        (["dns-single-replica", "dns"], "already"),
        (["some-rule", "nowhere"], "invalid choice"),
    ],
)
def test_a_bad_name_makes_no_rule(arguments, says):
    result = python("tools/new_rule.py", *arguments)
    assert result.returncode == 2
    assert says in result.stderr
