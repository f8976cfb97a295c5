"""A rule's page: its docstring, with what its metadata says on top. The same text serves terminal, documentation and
SARIF.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
from dataclasses import dataclass
from typing import Any

from kubelint.checks.rule import Rule

_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
_BLOCK = re.compile(r'^```yaml(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
DEFAULT_NAME = "manifest.yaml"


@dataclass(frozen=True)
class ExampleFile:
    """A file of an example: where it stands and what it holds."""

    name: str
    text: str


def page(rule: type[Rule]) -> str:
    """The page in Markdown."""
    meta = rule.meta
    facts = [f"category {meta.category.value}", f"default severity {meta.severity.value}"]
    facts += ["off by default"] * (not meta.default) + ["fixable"] * meta.fixable
    facts += [f"incident {meta.incident}"] * bool(meta.incident) + [f"since {meta.since}"]
    return f"# {meta.id}\n\n{', '.join(facts)}\n\n{documentation(rule)}\n{_options(rule)}"


def documentation(rule: type[Rule]) -> str:
    """The rule's docstring, without its indentation."""
    return inspect.cleandoc(rule.__doc__ or "")


def section(rule: type[Rule], title: str) -> str:
    """The text below the heading `## title` of the rule's documentation; empty where there is none."""
    text = documentation(rule)
    heads = list(_SECTION.finditer(text))
    for index, head in enumerate(heads):
        if head.group(1).strip() == title:
            end = heads[index + 1].start() if index + 1 < len(heads) else len(text)
            return text[head.end() : end].strip()
    return ""


def example_files(rule: type[Rule], title: str) -> list[ExampleFile]:
    """The files that the code blocks of a section stand for."""
    return [ExampleFile(name or DEFAULT_NAME, text) for name, text in _BLOCK.findall(section(rule, title))]


def option_defaults(rule: type[Rule]) -> dict[str, Any]:
    """The options of a rule by name, each with its default."""
    if dataclasses.is_dataclass(rule.Options):
        return {field.name: field.default for field in dataclasses.fields(rule.Options)}
    return {}


def _options(rule: type[Rule]) -> str:
    """The options and their defaults, as YAML; nothing where the docstring speaks of them itself."""
    if section(rule, "Options"):
        return ""
    defaults = option_defaults(rule).items()
    lines = [f"- `{name.replace('_', '-')}` (default: `{json.dumps(default)}`)" for name, default in defaults]
    return "\n## Options\n" + "\n".join(lines) + "\n" if lines else ""
