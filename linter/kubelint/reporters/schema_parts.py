"""The parts that the JSON Schemas of our output are made of."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def closed(properties: Schema, **keywords: Any) -> Schema:
    """An object that has all of `properties` and nothing else."""
    return {
        "type": "object",
        **keywords,
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }


def array(items: Schema, description: str) -> Schema:
    """A list."""
    return {"type": "array", "description": description, "items": items}


def string(description: str, **keywords: Any) -> Schema:
    """A text."""
    return {"type": "string", "description": description, **keywords}


def or_null(schema: Schema) -> Schema:
    """What `schema` describes, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def count(description: str) -> Schema:
    """A number of things."""
    return {"type": "integer", "minimum": 0, "description": description}


def position(description: str) -> Schema:
    """A line or column, from 1."""
    return {"type": "integer", "minimum": 1, "description": description}


def choice(values: list[str], description: str) -> Schema:
    """One of some words."""
    return {"enum": values, "description": description}


def document(name: str, title: str, description: str, properties: Schema) -> Schema:
    """The schema of a whole output, version 1, which is committed as `docs/NAME.schema.json`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://kubelint.dev/{name}.schema.json",
        "title": title,
        **closed({"version": {"const": 1}, **properties}, description=description),
    }
