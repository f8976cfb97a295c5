"""Writes docs/rules/ (every rule's page, their list), docs/cli.md (every command's help), and the README's excerpt."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import groupby

import click
from generated import ROOT, Files, own_rules, run

from kubelint.checks import Registry, Rule, RuleMeta
from kubelint.checks.pages import page
from kubelint.cli.main import cli

WIDTH = 100
EXCERPT = ("dns-single-replica", "missing-arch-constraint")
EXCERPT_START = "<!-- excerpt: made by tools/generate_docs.py from a real run -->\n"
EXCERPT_END = "<!-- end of excerpt -->"
MADE = "<!-- made by tools/generate_docs.py; edit {} instead -->\n\n"

INTRODUCTION = """\
# Rules

`kubelint rules` prints this list, `kubelint rule ID` a rule's page. A rule can be selected by its id, by its category
(the headings below) or, with `incident:N`, by the production failure that it would have caught: the numbers are those
of [the ten failures](../../examples/homelab/README.md). *Fix* says that its findings propose a change, *off* that the
rule runs only when it is selected, configured, or under `profile: strict`.
"""
TABLE = "| rule | severity | incident | notes | what is wrong |\n|---|---|---|---|---|\n"


def generate() -> Files:
    """All pages by path."""
    registry = own_rules()
    pages = {f"docs/rules/{entry.meta.id}.md": _rule_page(entry.rule) for entry in registry}
    index = MADE.format("the rules") + rule_index(registry)
    return {**pages, "docs/rules/README.md": index, "docs/cli.md": MADE.format("the commands") + manual(), **readme()}


def _rule_page(rule: type[Rule]) -> str:
    return MADE.format("the rule's docstring") + page(rule)


def rule_index(registry: Registry) -> str:
    """The list of rules, a table per category."""
    parts = [INTRODUCTION]
    for category, entries in groupby(registry, lambda entry: entry.meta.category.value):
        rows = "".join(_row(entry.meta) for entry in entries)
        parts.append(f"## {category}\n\n{TABLE}{rows}")
    return "\n".join(parts)


def _row(meta: RuleMeta) -> str:
    marks = ", ".join(["fix"] * meta.fixable + ["off"] * (not meta.default))
    cells = [f"[{meta.id}]({meta.id}.md)", meta.severity.value, str(meta.incident or ""), marks, cell(meta.summary)]
    return f"| {' | '.join(cells)} |\n"


def cell(text: str) -> str:
    """`text`, which is Markdown, as the cell of a table: only a bar ends a cell, in code too."""
    return text.replace("|", "\\|").replace("\n", " ")


def manual() -> str:
    """The help of every command, as the terminal shows it."""
    parts = [f"## `{name}`\n\n```text\n{text}\n```\n" for name, text in _helps(cli, None, "kubelint")]
    return "\n".join(["# Command line\n\nExit codes and formats are described in [usage.md](usage.md).\n", *parts])


def readme() -> Files:
    """The README with some findings of a real run over the example, and the run's last line."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    before, _, rest = text.partition(EXCERPT_START)
    _, _, after = rest.partition(EXCERPT_END)
    shown = f"```text\n$ kubelint examples/homelab\n{excerpt()}\n```\n"
    return {"README.md": f"{before}{EXCERPT_START}{shown}{EXCERPT_END}{after}"}


def excerpt() -> str:
    """The first finding of each rule in EXCERPT, in the order of the report, and the totals."""
    command = [sys.executable, "-m", "kubelint", "examples/homelab", "--color", "never"]
    command += ["--format", "full", "--render", "never"]  # as where there is no Helm, whatever this machine has
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=False)
    if result.returncode != 1:
        raise SystemExit(f"the example run ended with {result.returncode}: {result.stderr.strip()}")
    findings = result.stdout.strip().split("\n\n")
    chosen = (next(finding for finding in findings if f"[{rule}]: " in finding.splitlines()[0]) for rule in EXCERPT)
    totals = re.sub(r" \d[^.]* not rendered .*", "", findings[-1])  # which depends on the machine
    return "\n\n".join([*sorted(chosen, key=findings.index), "...", totals])


def _helps(command: click.Command, parent: click.Context | None, name: str) -> Iterator[tuple[str, str]]:
    settings = {"terminal_width": WIDTH, "max_content_width": WIDTH, **command.context_settings}
    context = click.Context(command, parent, name, **settings)
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for child_name in command.list_commands(context):
            child = command.get_command(context, child_name)
            if child is not None:
                yield from _helps(child, context, child_name)


if __name__ == "__main__":
    raise SystemExit(run(__doc__, generate, owned="docs/rules/*.md"))
