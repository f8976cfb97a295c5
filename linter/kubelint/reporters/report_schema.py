"""The JSON Schema of the JSON report, version 1. tools/generate_schema.py writes it to docs/report.schema.json.

Within version 1 fields may be added; none is taken away, renamed or given another meaning.
"""

from __future__ import annotations

from typing import Any, Final

from kubelint.checks import Applicability, Category, Severity

Schema = dict[str, Any]


def _object(properties: Schema, **keywords: Any) -> Schema:
    """An object that has all of `properties` and nothing else."""
    return {
        "type": "object",
        **keywords,
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }


def _array(items: Schema, description: str) -> Schema:
    return {"type": "array", "description": description, "items": items}


def _string(description: str, **keywords: Any) -> Schema:
    return {"type": "string", "description": description, **keywords}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _count(description: str) -> Schema:
    return {"type": "integer", "minimum": 0, "description": description}


def _position(description: str) -> Schema:
    return {"type": "integer", "minimum": 1, "description": description}


PLACE: Final[Schema] = {
    "path": _string("Relative to the project root, with forward slashes.", minLength=1),
    "line": _position("First line, from 1."),
    "column": _position("First column, from 1, in code points."),
    "end_line": _position("Line of the end."),
    "end_column": _position("Column after the last character."),
}

SKIPPED: Final[Schema] = _object(
    {"path": PLACE["path"], "reason": _string("Why: `helm-template`, `unrecognised`, …", minLength=1)}
)

OBJECT: Final[Schema] = _object(
    {
        "api_version": _string("Group and version as written."),
        "kind": _string("Kind as written."),
        "namespace": _or_null({"type": "string"}),
        "name": _or_null({"type": "string"}),
    },
    description="The Kubernetes object that the finding is about.",
)

FIX: Final[Schema] = _object(
    {
        "title": _string("What the fix does, as an imperative."),
        "applicability": {"enum": [each.value for each in Applicability], "description": "How far it may be trusted."},
    },
    description="The first remedy that the rule offers.",
)

FINDING: Final[Schema] = _object(
    {
        "rule": _string("Id of the rule.", pattern="^[a-z0-9]+(-[a-z0-9]+)*$"),
        "severity": {"enum": [each.value for each in Severity]},
        "category": {"enum": [each.value for each in Category]},
        "incident": _or_null(_position("Number of the production failure that the rule would have caught.")),
        "message": _string("What is wrong.", minLength=1),
        "help": _string("What to do; may be empty."),
        **PLACE,
        "object": _or_null(OBJECT),
        "field": _or_null(_string("Path of the field in the object, or in the document where there is no object.")),
        "related": _array(_object({**PLACE, "message": _string("What is there.")}), "The other ends of a chain."),
        "fix": _or_null(FIX),
        "fingerprint": _string("Identity of the finding across runs; holds no line and no value.", minLength=1),
    }
)

SUMMARY: Final[Schema] = _object(
    {
        "files": _count("Files that were linted."),
        "objects": _count("Kubernetes objects in them."),
        "findings": _count("Findings of all severities."),
        "errors": _count("Findings of severity error."),
        "warnings": _count("Findings of severity warning."),
        "infos": _count("Findings of severity info."),
        "suppressed": _count("Findings left out by suppressions and by the configuration."),
        "baselined": _count("Findings left out since a baseline knows them."),
        "skipped": _array(SKIPPED, "Files that were passed over."),
        "duration_ms": _count("How long it took; the only value that differs between two runs over the same input."),
    }
)

REPORT_SCHEMA: Final[Schema] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://kubelint.dev/report.schema.json",
    "title": "kubelint report",
    **_object(
        {
            "version": {"const": 1},
            "tool": _object({"name": {"const": "kubelint"}, "version": _string("Version of kubelint.")}),
            "summary": SUMMARY,
            "findings": _array(FINDING, "Sorted by path, line, column and rule."),
        },
        description="What `kubelint check --format json` prints.",
    ),
}
