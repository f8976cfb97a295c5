"""Edits to what runs cluster DNS."""

from __future__ import annotations

import json
from collections.abc import Mapping

from kubelint.manifests import Edit, Field
from kubelint.manifests.layered import Assigned, Layered
from kubelint.manifests.orders import POD_SPEC
from kubelint_rules.dns.view import ClusterDns


def set_key(dns: ClusterDns, name: str, text: str) -> Edit | None:
    """Put `text` at the key `name` of the pod spec or of the values; None where there is nothing to write it to."""
    field = dns.spec.get(name)
    if field.exists:
        return change(dns, field, text)
    holder = next((layer for layer in _layers(dns.spec) if _takes_keys(layer)), None)
    return None if holder is None or not dns.writable else holder.insert(name, text, POD_SPEC)


def change(dns: ClusterDns, field: Field, text: str) -> Edit | None:
    """Put `text` in place of `field`, as text where it is written as text (Argo CD's parameters)."""
    if not dns.writable or field.unknown:
        return None
    written = field.document.root.get(*field.path).value
    return field.replace(json.dumps(text) if isinstance(written, str) else text)


def labels_text(labels: Mapping[str, object]) -> str:
    """Labels as a flow mapping."""
    return "{" + ", ".join(f"{key}: {json.dumps(text)}" for key, text in labels.items()) + "}"


def _layers(field: Field) -> list[Field]:
    return [inner for layer in field.layers for inner in _layers(layer)] if isinstance(field, Layered) else [field]


def _takes_keys(field: Field) -> bool:
    return isinstance(field.value, dict) and not isinstance(field, Assigned) and not field.unknown
