"""`kubelint rules`: every rule in one table."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from kubelint.checks import RuleMeta, load_rules
from kubelint.cli.console import wants_color
from kubelint.reporters.style import Style

_LEGEND = """
incident N  the production failure, of ten, that the rule would have caught; `--select incident:N` runs its rules
            1 rotated credentials that never arrive    6 an alert that is noise
            2 jobs that no runner takes                7 an image on a node of another architecture
            3 a deployer without the rights it needs   8 an upgrade that waits until its timeout
            4 cluster DNS that one drain takes down    9 storage planned with a node that is gone
            5 a control plane that loses its quorum   10 a credential in git
fix         there is a fix: `kubelint --fix`, or with --unsafe-fixes
off         runs only where it is selected or configured, or under `profile: strict`"""


@click.command("rules")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto")
def command(form: str, color: str) -> int:
    """List every rule: id, category, severity, whether it can fix, the incident it would have caught, and a summary."""
    rules = list(load_rules())
    if form == "json":
        sys.stdout.write(json.dumps([rule_data(rule.meta) for rule in rules], indent=2) + "\n")
        return 0
    style = Style(wants_color(color, sys.stdout))
    size = max(len(rule.meta.id) for rule in rules)
    category = ""
    for rule in rules:
        meta = rule.meta
        if meta.category.value != category:
            category = meta.category.value
            print(style.paint(category, bold=True))
        marks = (
            [f"incident {meta.incident}"] * bool(meta.incident) + ["fix"] * meta.fixable + ["off"] * (not meta.default)
        )
        extra = f" ({', '.join(marks)})" if marks else ""
        severity = style.severity(meta.severity, f"{meta.severity.value:<7}")
        print(f"  {meta.id:<{size}}  {severity}  {meta.summary}{extra}")
    print(_LEGEND)
    return 0


def rule_data(meta: RuleMeta) -> dict[str, Any]:
    """A rule's metadata as plain data."""
    return {
        "id": meta.id,
        "category": meta.category.value,
        "severity": meta.severity.value,
        "default": meta.default,
        "fixable": meta.fixable,
        "incident": meta.incident,
        "since": meta.since,
        "aliases": list(meta.aliases),
        "summary": meta.summary,
    }
