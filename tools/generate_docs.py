"""Writes docs/rules/ (a page for every rule, and their list) and docs/cli.md (the help of every command)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import click
from generated import Files, own_rules, run

from kubelint.checks import Registry, Rule, RuleMeta
from kubelint.checks.pages import page
from kubelint.cli.main import cli

WIDTH = 100
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
    return {**pages, "docs/rules/README.md": index, "docs/cli.md": MADE.format("the commands") + manual()}


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
