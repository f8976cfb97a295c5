"""What the entries of a Secret say once `data` is decoded.

Follows kubernetes `staging/src/k8s.io/api/core/v1/types.go`, `Secret`, and Go's `encoding/base64`.
"""

from __future__ import annotations

import base64
import binascii
import re

MAX_ENCODED = 1_500_000
"""Characters; a Secret holds at most 1 MiB, which is 1.4 MB of base64."""
_CIPHERTEXT = re.compile(r"\s*(?:ENC\[|\$ANSIBLE_VAULT;|-----BEGIN (?:AGE|PGP|PKCS7)|vault:)")
_LINE_BREAKS = re.compile(r"[\r\n]")


def is_ciphertext(text: str) -> bool:
    """Whether a value is encrypted, so that nobody can tell what it says: SOPS, ansible-vault, age, PGP."""
    return _CIPHERTEXT.match(text) is not None


def decoded(text: str) -> str | None:
    """The text that stands in base64 in `data`; None where that is no base64, no text, or ciphertext."""
    if len(text) > MAX_ENCODED or is_ciphertext(text):
        return None
    try:
        value = base64.b64decode(_LINE_BREAKS.sub("", text), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    return None if is_ciphertext(value) else value
