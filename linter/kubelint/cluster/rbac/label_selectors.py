"""What the API server rejects in label selectors, in its own words.

Follows kubernetes `staging/src/k8s.io/apimachinery`: `pkg/apis/meta/v1/validation/validation.go` for selectors,
`pkg/util/validation/validation.go` for keys and values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from kubelint.cluster.rbac.reading import as_list, as_mapping, is_template
from kubelint.cluster.templates import has_template

Reason: TypeAlias = tuple[tuple[str | int, ...], str]

_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_PREFIX = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LONGEST_PREFIX = 253
_LISTING, _ASKING = ("In", "NotIn"), ("Exists", "DoesNotExist")
_KEY = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', with an optional DNS subdomain prefix and '/'"
)
_VALUE = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.'"


def reject_selector(selector: object) -> Iterator[Reason]:
    """Every reason for which a label selector is rejected, with the path from it. Template text is never one."""
    fields = as_mapping(selector)
    for key, value in as_mapping(fields.get("matchLabels")).items():
        if not _is_key(key):
            yield ("matchLabels", str(key)), _KEY
        if not _is_value(value):
            yield ("matchLabels", str(key)), _VALUE
    for index, entry in enumerate(as_list(fields.get("matchExpressions"))):
        if not is_template(entry):
            for path, message in _reject_requirement(entry):
                yield ("matchExpressions", index, *path), message


def _reject_requirement(entry: object) -> Iterator[Reason]:
    fields = as_mapping(entry)
    operator, values = fields.get("operator"), fields.get("values")
    if operator in _LISTING and not values:
        yield ("values",), "must be specified when `operator` is 'In' or 'NotIn'"
    elif operator in _ASKING and values and not is_template(values):
        yield ("values",), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
    elif operator not in (*_LISTING, *_ASKING) and not is_template(operator):
        yield ("operator",), "not a valid selector operator"
    if not _is_key(fields.get("key") or ""):
        yield ("key",), _KEY
    for index, value in enumerate(as_list(values)):
        if not _is_value(value):
            yield ("values", index), _VALUE


def _is_key(key: object) -> bool:
    """Whether it may be a label's key; what is no string is another mistake."""
    if not isinstance(key, str) or has_template(key):
        return True
    prefix, slash, name = key.rpartition("/")
    known = not slash or (len(prefix) <= _LONGEST_PREFIX and _PREFIX.fullmatch(prefix) is not None)
    return known and _NAME.fullmatch(name) is not None


def _is_value(value: object) -> bool:
    if not isinstance(value, str) or not value or has_template(value):
        return True
    return _NAME.fullmatch(value) is not None
