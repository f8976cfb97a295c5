"""`kubelint config`: what is configured, and what can be."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from kubelint.checks import load_rules
from kubelint.cli.errors import UsageProblem
from kubelint.cli.workspace import Request, Workspace
from kubelint.config.load import setting_names
from kubelint.config.schema import build_schema
from kubelint.reporters.json_text import dumps
from kubelint.reporters.style import clean


@click.group("config", no_args_is_help=False)
def command() -> None:
    """Show the configuration or its schema."""


@command.command("schema")
def schema() -> int:
    """Print the JSON Schema of kubelint.yaml."""
    sys.stdout.write(json.dumps(build_schema(load_rules()), indent=2) + "\n")
    return 0


@command.command("show")
@click.argument("path", default=".")
@click.option("--config", metavar="FILE", help="Use this configuration.")
@click.option("--facts", is_flag=True, help="Print what the files tell of nodes and architectures instead.")
def show(path: str, config: str | None, facts: bool) -> int:
    """Print the settings that hold for PATH, and where they come from."""
    if config and not Path(config).is_file():
        raise UsageProblem(f"no such file: {config}")
    workspace = Workspace(Request((path,), config=config), load_rules())
    settings = workspace.settings
    print(f"# root: {clean(str(workspace.root))}")
    print(f"# from: {clean(settings.origin or 'defaults (no kubelint.yaml found)')}")
    if facts:
        _print_facts(workspace)
        return 0
    shown = {name.replace("_", "-"): _plain(getattr(settings, name)) for name in setting_names()}
    for name in _APART:  # of what is outside of the files the configuration speaks at its top
        shown[name] = shown["cluster"].pop(name)
    for name, value in shown.items():
        print(f"{name}: {dumps(value)}")
    return 0


_APART = ("deployers", "external")


def _print_facts(workspace: Workspace) -> None:
    from kubelint.cli.facts import facts

    for line in facts(workspace):
        print(line)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        members = value._asdict().items()
        return {key.replace("_", "-"): _plain(item) for key, item in members if item is not None}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
