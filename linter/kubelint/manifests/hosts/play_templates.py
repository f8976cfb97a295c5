"""Templates in the head of a play that say what they are where nobody gives another value.

`hosts` and `serial` are filled in before any host is known: by the play's own variables and by those of the command
line (ansible `lib/ansible/executor/playbook_executor.py`). So `{{ target | default('all') }}` is `all` unless somebody
asks for something else.
"""

from __future__ import annotations

import re

from kubelint.cluster.templates import has_template
from kubelint.manifests.field import Field

_TEMPLATE = re.compile(
    r"\s*\{\{\s*(?P<name>[A-Za-z_]\w*)\s*"
    r"(?:\|\s*d(?:efault)?\(\s*(?P<default>'[^'{}]*'|\"[^\"{}]*\"|\d{1,9})\s*(?:,\s*[Tt]rue\s*)?\)\s*)?"
    r"(?:\|\s*(?:int|string|trim)\s*)?\}\}\s*"
)
_LONGEST = 500


def filled(value: object, play: Field, unknown: object = None) -> object:
    """The value with its template filled in; `unknown` where that is not known."""
    if not isinstance(value, str) or not has_template(value):
        return value
    match = _TEMPLATE.fullmatch(value) if len(value) <= _LONGEST else None
    if match is None:
        return unknown
    own = play.get("vars", match["name"])
    if own.exists:
        return unknown if isinstance(own.value, str) and has_template(own.value) else own.value
    if match["default"] is None or any(play.get(name).exists for name in ("vars_files", "vars_prompt")):
        return unknown
    return match["default"].strip("'\"")
