"""Private keys in PEM and PuTTY form, with a real body.

Armour as in RFC 7468, RFC 4880 section 6.2 and OpenSSH's PROTOCOL.key. Documentation shows keys whose body is
`...`; they are no keys, so the body has to be base64 of a believable length.
"""

import re
from typing import NamedTuple

from .encodings import decode_base64

_BEGIN = re.compile(r"-----BEGIN ((?:[A-Z0-9]{1,12} ){0,3})PRIVATE KEY(?: BLOCK)?-----")
_PUTTY = re.compile(r"PuTTY-User-Key-File-[23]:")
_HEADER = re.compile(r"[A-Za-z-]{2,20}: ")
_BASE64_LINE = re.compile(r"[A-Za-z0-9+/]+={0,2}|=[A-Za-z0-9+/]{4}")
_ENCODED_BEGIN = re.compile(r"LS0tLS1CRUdJTi[A-Za-z0-9+/]*(?:\s+[A-Za-z0-9+/]{16,})*")  # wrapped or not
_NOT_NEWLINE = re.compile(r"[^\n]")
_FORMATS = {"": "PKCS #8", "ENCRYPTED": "PKCS #8, under a passphrase", "OPENSSH": "OpenSSH"}
_MIN_BODY = 60  # the shortest real key: Ed25519 in PKCS #8 has 64 characters, an EC P-192 key more
_MIN_VARIETY = 16
_MAX_BODY = 32_768
_MAX_ENCODED = 1_500_000


class PrivateKey(NamedTuple):
    """`kind` names the format, `length` counts the body's characters, `start` is where the armour, or the base64 of all
    of it, starts; `locked` if a passphrase protects it.
    """

    kind: str
    length: int
    start: int
    locked: bool


def find_private_keys(text: str) -> list[PrivateKey]:
    """Every private key in `text`, also where the key stands there as base64."""
    found = [key for begin in _BEGIN.finditer(text) if (key := _read(text, begin)) is not None]
    for encoded in _ENCODED_BEGIN.finditer(text):
        decoded = _decoded(encoded.group())
        found += [key._replace(start=encoded.start()) for key in find_private_keys(decoded)]
    putty = _PUTTY.search(text)
    if putty and "Private-Lines:" in text:
        found.append(PrivateKey("PuTTY", len(text), putty.start(), "Encryption: none" not in text))
    return found


def _decoded(encoded: str) -> str:
    """The armour in base64 that may go on into other text, or stop short of its padding."""
    compact = "".join(encoded[:_MAX_ENCODED].split())
    raw = decode_base64(compact[: len(compact) // 4 * 4]) or b""
    return raw.decode("ascii", "replace")


def without_private_keys(text: str) -> str:
    """`text` with blanks for the bodies of PEM blocks, so that no other detector trips over their base64."""
    pieces, position = [], 0
    for begin in _BEGIN.finditer(text):
        end = max(begin.end(), _end_of_body(text, begin.end()))
        pieces += [text[position : begin.end()], _NOT_NEWLINE.sub(" ", text[begin.end() : end])]
        position = end
    return "".join([*pieces, text[position:]]) if pieces else text


def _end_of_body(text: str, start: int) -> int:
    end = text.find("-----", start, start + _MAX_BODY)
    return end if end >= 0 else min(len(text), start + _MAX_BODY)


def _read(text: str, begin: re.Match[str]) -> PrivateKey | None:
    body = text[begin.end() : _end_of_body(text, begin.end())].replace("\\n", "\n").replace("\\r", "")
    lines = [line.strip() for line in body.split("\n")]
    headers = [line for line in lines if _HEADER.match(line)]
    encoded = "".join(_leading_base64(" ".join(line for line in lines if line not in headers).split()))
    if len(encoded) < _MIN_BODY or len(set(encoded)) < _MIN_VARIETY:
        return None
    label = begin.group(1).strip()
    locked = "ENCRYPTED" in label or any("ENCRYPTED" in header for header in headers)
    return PrivateKey(_FORMATS.get(label, label), len(encoded), begin.start(), locked)


def _leading_base64(lines: list[str]) -> list[str]:
    """The lines up to the first one that is no base64 (the next key of a file, or prose)."""
    for index, line in enumerate(lines):
        if not _BASE64_LINE.fullmatch(line):
            return lines[:index]
    return lines
