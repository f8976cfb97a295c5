"""Writes kubelint.schema.json (of kubelint.yaml) and docs/report.schema.json (of the JSON report)."""

from __future__ import annotations

import json

from generated import Files, own_rules, run

from kubelint.config.schema import build_schema
from kubelint.reporters.report_schema import REPORT_SCHEMA


def generate() -> Files:
    """Both schemas by path."""
    schemas = {"kubelint.schema.json": build_schema(own_rules()), "docs/report.schema.json": REPORT_SCHEMA}
    return {name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n" for name, schema in schemas.items()}


if __name__ == "__main__":
    raise SystemExit(run(__doc__, generate))
