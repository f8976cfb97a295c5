"""Writes kubelint.schema.json (of kubelint.yaml) and the schemas of JSON output, docs/*.schema.json."""

from __future__ import annotations

import json

from generated import Files, own_rules, run

from kubelint.cli.rbac.schemas import SCHEMAS
from kubelint.config.schema import build_schema
from kubelint.reporters.report_schema import REPORT_SCHEMA


def generate() -> Files:
    """All schemas by path."""
    schemas = {"kubelint.schema.json": build_schema(own_rules()), "docs/report.schema.json": REPORT_SCHEMA}
    schemas |= {f"docs/rbac-{name}.schema.json": schema for name, schema in SCHEMAS.items()}
    return {name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n" for name, schema in schemas.items()}


if __name__ == "__main__":
    raise SystemExit(run(__doc__, generate))
