"""The JSON Schema of kubelint.yaml, made from the rules that are installed."""

from __future__ import annotations

import types
import typing
from typing import Any

from kubelint.checks import Category, Registry, Rule, Severity
from kubelint.checks.pages import option_defaults
from kubelint.config.model import Profile

_GOARCH = ["386", "amd64", "arm", "arm64", "loong64", "mips64le", "ppc64le", "riscv64", "s390x"]
_STRINGS = {"type": "array", "items": {"type": "string"}}
_LEVELS = [*(severity.value for severity in Severity), "off", False]  # YAML reads a bare off as false


def build_schema(registry: Registry) -> dict[str, Any]:
    """The schema, draft 2020-12. Every object in it refuses keys that it does not know."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://kubelint.dev/kubelint.schema.json",
        "title": "kubelint.yaml",
        "description": "Settings of kubelint.",
        **_object(
            {
                "cluster": _cluster(),
                "deployers": _list("Identities that deploy, such as ServiceAccount/ci/runner."),
                "external": _list(
                    "Objects that exist outside this tree, such as Secret/longhorn-system/s3-credentials."
                ),
                "profile": {"enum": [profile.value for profile in Profile], "description": "Which rules run."},
                "rules": _rules(registry),
                "exclude": _list("Paths that are not linted, as gitignore patterns."),
                "per-file-ignores": {
                    "type": "object",
                    "description": "Rules and categories not reported in files that match a gitignore pattern.",
                    "additionalProperties": {"type": "array", "items": {"enum": _selectors(registry)}},
                },
                "ignore": {
                    "type": "array",
                    "description": "Findings that are not reported, and why.",
                    "items": _ignore(registry),
                },
                "require-reasons": {
                    "type": "boolean",
                    "description": "Whether a suppression silences nothing unless it gives a reason.",
                },
                "fail-on": {
                    "enum": [*(severity.value for severity in Severity), "never"],
                    "description": "The mildest finding that fails a run.",
                },
            }
        ),
    }


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": properties}
    return {**schema, "required": required} if required else schema


def _list(description: str) -> dict[str, Any]:
    return {**_STRINGS, "description": description}


def _cluster() -> dict[str, Any]:
    architecture = {"enum": _GOARCH}
    return {
        "description": "What no file shows of the cluster.",
        **_object(
            {
                "architectures": {"type": "array", "items": architecture, "uniqueItems": True},
                "default-arch": {**architecture, "description": "What most images are built for, if it is one."},
                "nodes": {"type": "object", "additionalProperties": _object({"architecture": architecture})},
                "images": _images(),
                "kubernetes": {"type": "string", "pattern": r"^\d+\.\d+$", "examples": ["1.33"]},
            }
        ),
    }


def _images() -> dict[str, Any]:
    each = {name: dict(_STRINGS) for name in _GOARCH}
    return {
        "description": "What images are built for, as patterns such as registry.example/shop/*.",
        **_object(
            {
                "multi-arch": _list("Images that are built for every architecture of the cluster."),
                "single-arch": {"description": "By architecture, images that are built for it alone.", **_object(each)},
            }
        ),
    }


def _selectors(registry: Registry) -> list[str]:
    return [*(category.value for category in Category), *(rule.meta.id for rule in registry)]


def _ignore(registry: Registry) -> dict[str, Any]:
    return _object(
        {
            "rules": {"type": "array", "items": {"enum": _selectors(registry)}, "minItems": 1},
            "paths": _STRINGS,
            "objects": {**_STRINGS, "description": "Kind/namespace/name, or Kind/name."},
            "reason": {"type": "string"},
            "until": {
                "type": "string",
                "format": "date",
                "pattern": r"^\d{4}-\d\d-\d\d$",
                "examples": ["2027-01-31"],
            },
        },
        ["rules"],
    )


def _rules(registry: Registry) -> dict[str, Any]:
    return {
        "description": "Per rule: a severity, off, or a severity with options.",
        **_object({entry.meta.id: _rule(entry.rule) for entry in registry}),
    }


def _rule(rule: type[Rule]) -> dict[str, Any]:
    level = {"enum": _LEVELS}
    hints = typing.get_type_hints(rule.Options)
    options = {
        name.replace("_", "-"): {
            **_type(hints[name]),
            "default": list(default) if isinstance(default, tuple) else default,
        }
        for name, default in option_defaults(rule).items()
    }
    return {"description": rule.meta.summary, "anyOf": [level, _object({"severity": level, **options})]}


def _type(hint: Any) -> dict[str, Any]:
    """The schema of an option's type: bool, int, str, one of them or None, or a tuple of strings."""
    if typing.get_origin(hint) is tuple:
        return dict(_STRINGS)
    if isinstance(hint, types.UnionType):
        return {"anyOf": [_type(member) for member in typing.get_args(hint)]}
    names = {bool: "boolean", int: "integer", str: "string", types.NoneType: "null"}
    return {"type": names[hint]}
