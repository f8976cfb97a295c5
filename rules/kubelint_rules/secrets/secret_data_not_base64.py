"""Rule: secret-data-not-base64."""

import json
from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ObjectRule, RuleMeta, Severity
from kubelint.manifests import Edit, Field, KubeObject
from kubelint.manifests.orders import SECRET

from .encodings import is_encrypted
from .literals import is_filled_elsewhere
from .plausibility import is_placeholder, is_reference
from .secret_objects import is_sealed
from .standard_base64 import is_base64, meant_base64

_LONGEST = 4096
"""How much of a value is looked at for a template or a placeholder."""


class SecretDataNotBase64(ObjectRule):
    """`data` of a Secret holds text that is not base64.

    ## What it does
    Reads every entry of `data` as the API server does: standard base64, padded, line breaks left out. Anything
    else is reported: plain text, the URL-safe alphabet, missing padding, spaces, numbers. Templates,
    placeholders, ciphertext and Secrets that a controller fills are left alone.

    ## Why it matters
    The API server refuses the whole object, and with it whatever else is applied in the same step. And the
    value, which was meant to be hidden a little, is in the repository as it is.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: wiki-mail
      namespace: wiki
    data:
      username: wiki@mail.internal
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: wiki-mail
      namespace: wiki
    stringData:
      username: wiki@mail.internal
    ```

    ## Fix
    Moves the entries to `stringData`, as they are. What `stringData` gives already wins, so such an entry is
    only deleted. What is nearly base64 of some text is written as standard base64 instead, which is unsafe.

    ## When to ignore
    Where something that is not in the repository replaces the value before it is applied.

    ## References
    - [Constraints on Secret names and data](https://kubernetes.io/docs/concepts/configuration/secret/#restriction-names-data)
    - Go's [encoding/base64](https://pkg.go.dev/encoding/base64), `StdEncoding`, by which the API server decodes
    """

    meta = RuleMeta(
        id="secret-data-not-base64",
        summary="data of a Secret holds text that is not base64",
        category=Category.SECRETS,
        severity=Severity.ERROR,
        incident=10,
        since="0.1.0",
        fixable=True,
    )
    kinds = frozenset({"Secret"})

    def check(self, obj: KubeObject) -> Iterator[Finding]:
        """One finding per Secret, at the first such entry by name: the fix moves all of them."""
        if obj.api_version != "v1" or is_sealed(obj.document.root) or is_filled_elsewhere(obj.root):
            return
        wrong = sorted((item for item in obj.field("data").items() if _is_wrong(item[1])), key=lambda item: item[0])
        if not wrong:
            return
        key, first = wrong[0]
        what = "is not base64" if isinstance(first.value, str) else "is not a string"
        finding = self.finding(
            f"`{key}` in `data` of `{obj.display}` {what}; the API server refuses the Secret", at=first
        )
        for _, other in wrong[1:]:
            finding = finding.label(other, "and so is this")
        fix = _fix(obj, dict(wrong))
        yield finding.help("write base64 with padding and without spaces, or use `stringData`").fix(fix)


def _is_wrong(field: Field) -> bool:
    value = field.value
    if isinstance(value, bool | int | float):
        return True
    if type(value) is not str or field.unknown or is_encrypted(value):
        return False
    if is_base64(value):
        return False
    start = value[:_LONGEST]
    return value.isdecimal() or not (is_reference(start) or is_placeholder(start))


def _fix(obj: KubeObject, wrong: dict[str, Field]) -> Fix | None:
    """Moves plain text; puts right what nearly is base64. Numbers stay: how they were written is not known."""
    strings = obj.field("stringData")
    if not all(isinstance(field.value, str) for field in wrong.values()) or strings.unknown:
        return None
    if strings.exists and not isinstance(strings.value, dict | None):
        return None
    encoded = {key: text for key, field in wrong.items() if (text := meant_base64(field.value)) is not None}
    edits = [wrong[key].replace(_quoted(text)) for key, text in encoded.items()]
    plain = {key: field for key, field in wrong.items() if key not in encoded}
    if encoded:
        return Fix.unsafe("write it as standard base64", *edits, *_moves(obj, strings, plain))
    return Fix.safe("move to `stringData`", *_moves(obj, strings, plain))


def _moves(obj: KubeObject, strings: Field, plain: dict[str, Field]) -> Iterator[Edit]:
    data = obj.field("data")
    if len(plain) == len(data.value):
        yield data.delete()
    else:
        yield from (field.delete() for field in plain.values())
    moved = {key: str(field.value) for key, field in plain.items() if not strings.get(key).exists}
    if strings.value:
        yield from (strings.insert(key, _quoted(text)) for key, text in moved.items())
    elif moved:
        text = _quoted(moved)
        yield strings.replace(text) if strings.exists else obj.root.insert("stringData", text, SECRET)


def _quoted(value: str | dict[str, str]) -> str:
    return json.dumps(value, ensure_ascii=False)
