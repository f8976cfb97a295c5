"""`kubelint rule ID`: a rule's page."""

from __future__ import annotations

import json
import sys

import click

from kubelint.checks import load_rules
from kubelint.checks.pages import page
from kubelint.cli import completion
from kubelint.cli.errors import UsageProblem
from kubelint.cli.rules import rule_data


@click.command("rule")
@click.argument("rule_id", metavar="ID", shell_complete=completion.rules)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def command(rule_id: str, form: str) -> int:
    """Show the page of the rule ID: what it does, why, an example, what to use instead, when to ignore it."""
    registry = load_rules()
    entry = registry.get(rule_id)
    if entry is None:
        near = registry.suggest(rule_id, categories=False)
        hint = f"did you mean `{near}`?" if near else "`kubelint rules` lists them"
        raise UsageProblem(f"no rule is called `{rule_id}`", hint)
    if form == "json":
        sys.stdout.write(json.dumps({**rule_data(entry.meta), "page": page(entry.rule)}, indent=2) + "\n")
    else:
        sys.stdout.write(page(entry.rule))
    return 0
