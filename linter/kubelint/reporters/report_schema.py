"""The JSON Schema of the JSON report, version 1. tools/generate_schema.py writes it to docs/report.schema.json.

Within version 1 fields may be added; none is taken away, renamed or given another meaning.
"""

from __future__ import annotations

from typing import Final

from kubelint.checks import Applicability, Category, Severity
from kubelint.reporters.schema_parts import Schema, array, closed, count, document, or_null, position, string

PLACE: Final[Schema] = {
    "path": string("Relative to the project root, with forward slashes.", minLength=1),
    "line": position("First line, from 1."),
    "column": position("First column, from 1, in code points."),
    "end_line": position("Line of the end."),
    "end_column": position("Column after the last character."),
}

SKIPPED: Final[Schema] = closed(
    {"path": PLACE["path"], "reason": string("Why: `helm-template`, `unrecognised`, …", minLength=1)}
)

OBJECT: Final[Schema] = closed(
    {
        "api_version": string("Group and version as written."),
        "kind": string("Kind as written."),
        "namespace": or_null({"type": "string"}),
        "name": or_null({"type": "string"}),
    },
    description="The Kubernetes object that the finding is about.",
)

FIX: Final[Schema] = closed(
    {
        "title": string("What the fix does, as an imperative."),
        "applicability": {"enum": [each.value for each in Applicability], "description": "How far it may be trusted."},
    },
    description="The first remedy that the rule offers.",
)

FINDING: Final[Schema] = closed(
    {
        "rule": string("Id of the rule.", pattern="^[a-z0-9]+(-[a-z0-9]+)*$"),
        "severity": {"enum": [each.value for each in Severity]},
        "category": {"enum": [each.value for each in Category]},
        "incident": or_null(position("Number of the production failure that the rule would have caught.")),
        "message": string("What is wrong.", minLength=1),
        "help": string("What to do; may be empty."),
        **PLACE,
        "object": or_null(OBJECT),
        "field": or_null(string("Path of the field in the object, or in the document where there is no object.")),
        "related": array(closed({**PLACE, "message": string("What is there.")}), "The other ends of a chain."),
        "fix": or_null(FIX),
        "fingerprint": string("Identity of the finding across runs; holds no line and no value.", minLength=1),
    }
)

SUMMARY: Final[Schema] = closed(
    {
        "files": count("Files that were linted."),
        "objects": count("Kubernetes objects in them."),
        "findings": count("Findings of all severities."),
        "errors": count("Findings of severity error."),
        "warnings": count("Findings of severity warning."),
        "infos": count("Findings of severity info."),
        "suppressed": count("Findings left out by suppressions and by the configuration."),
        "baselined": count("Findings left out since a baseline knows them."),
        "skipped": array(SKIPPED, "Files that were passed over."),
        "duration_ms": count("How long it took; the only value that differs between two runs over the same input."),
    }
)

REPORT_SCHEMA: Final[Schema] = document(
    "report",
    "kubelint report",
    "What `kubelint check --format json` prints.",
    {
        "tool": closed({"name": {"const": "kubelint"}, "version": string("Version of kubelint.")}),
        "summary": SUMMARY,
        "findings": array(FINDING, "Sorted by path, line, column and rule."),
    },
)
