"""What stays of a finding when its file is edited elsewhere: by that it is known again."""

from __future__ import annotations

from kubelint.checks import Finding
from kubelint.engine.report import ObjectRef
from kubelint.manifests import Field, KubeObject
from kubelint.manifests.field import display_path
from kubelint.sources import Inside, Path, SourceText

_NAMES = ("name", "alert", "record")
"""The keys by whose value an item of a list is known."""


def kinship(finding: Finding, obj: KubeObject | None, at: str, source: SourceText, *, is_secret: bool) -> str:
    """The rule, the object and the structure `at` which a finding lies; of one about some text of `source`, that text,
    unless it is a secret: that says neither where it stands nor how a rule puts it. Of one that speaks of everything
    the rule alone.
    """
    if finding.is_of_all:
        return finding.rule
    owner = ObjectRef.of(obj).display if obj is not None else ""
    span = finding.location.span
    if span is not None and not finding.location.path:
        at = "" if is_secret else " ".join(source.text[span.start : span.end].split())
    return "\0".join((finding.rule, owner, at))


def structure(root: Field, path: Path) -> str:
    """A path below `root` with the names of list items: `spec.containers[web].env[TOKEN].value`, and `rules[].verbs`
    where items have none.
    """
    shown, here = "", root
    for step in path:
        if isinstance(step, Inside):
            documents = here.embedded()
            here = documents[step.document] if step.document < len(documents) else here
        else:
            here = here.get(step)
        text = f"[{_name(here)}]" if isinstance(step, int) else display_path((step,))
        apart = shown and isinstance(step, str) and not text.startswith("[") and not shown.endswith(" › ")
        shown += f".{text}" if apart else text
    return shown


def _name(item: Field) -> str:
    found = (item.get(key).value for key in _NAMES) if isinstance(item.value, dict) else ()
    return next((name for name in found if isinstance(name, str)), "")
