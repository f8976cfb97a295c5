"""Text inside text: base64, gzip, docker configuration, and what is encrypted already."""

import base64
import binascii
import json
import zlib
from collections.abc import Iterator

from kubelint.regexes import regex

MAX_UNPACKED = 1_048_576
"""How many bytes of what is compressed are looked at: a Secret holds no more than 1 MiB."""

_WHITESPACE = regex(r"\s+")
_ENCRYPTED = regex(
    r"\s*+(?:ENC\[AES256_GCM,|ENC\[PKCS7,|ENC\([A-Za-z0-9+/]{16,}={0,2}\)|\$ANSIBLE_VAULT;|age-encryption\.org/v1\n|\x00GITCRYPT"
    r"|-----BEGIN (?:AGE ENCRYPTED FILE|PGP MESSAGE|PKCS7|CMS)-----)"
)
# base64 of ASCII has a `+` or `/` only for `>`, `?` and `~`: what is long and has none is enough to look closer
_MAY_BE_PACKED = regex(r"H4sI|[A-Za-z0-9]{24}")
_RUN = regex(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_TO_STANDARD = str.maketrans("-_", "+/")
_CONTROL = regex(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def is_encrypted(text: str) -> bool:
    """Whether a value is ciphertext: SOPS, ansible-vault, age, PGP, hiera-eyaml, git-crypt."""
    return _ENCRYPTED.match(text) is not None


def decode_base64(text: str) -> bytes | None:
    """The bytes of strict, padded, standard base64 as `encoding/json` reads `[]byte`; None for anything else."""
    try:
        return base64.b64decode(_WHITESPACE.sub("", text), validate=True)
    except (binascii.Error, ValueError):
        return None


def decode_text(text: str) -> str | None:
    """The text that base64 `text` stands for, compressed or not; None if it is no base64, or not text."""
    raw = decode_base64(text)
    return text_of(raw) if raw else None


def text_of(raw: bytes) -> str | None:
    """The text that bytes are: UTF-8, UTF-16 under a byte order mark, either one compressed by gzip; else None."""
    if raw.startswith(b"\x1f\x8b"):
        raw = _decompressed(raw)
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        decoded = raw.decode(encoding)
    except UnicodeDecodeError:
        return None
    return decoded if "\x00" not in decoded else None


def _decompressed(raw: bytes) -> bytes:
    """The beginning of what gzip packed, which may be a thousand times as long; empty where it is broken at once."""
    try:
        beginning = zlib.decompressobj(wbits=31).decompress(raw, MAX_UNPACKED)
    except zlib.error:
        return b""
    return beginning if len(beginning) < MAX_UNPACKED else beginning[: beginning.rfind(b"\n") + 1]


def may_be_packed(text: str) -> bool:
    """Whether a part of `text` can be base64 of text long enough to hold a credential."""
    return _MAY_BE_PACKED.search(text) is not None


def packed(text: str) -> Iterator[tuple[int, str]]:
    """What base64 in `text` stands for, and where it starts: standard or URL-safe, padded or not, compressed or not.

    Only text that is base64 as a whole may be wrapped; elsewhere a line's end is the end of it.
    """
    if not may_be_packed(text):
        return
    whole = _WHITESPACE.sub("", text)
    inner = _unpacked(whole) if _RUN.fullmatch(whole) else None
    if inner:
        yield 0, inner
        return
    for run in _RUN.finditer(text):
        inner = _unpacked(run.group())
        if inner:
            yield run.start(), inner


def _unpacked(run: str) -> str | None:
    bare = run.rstrip("=").translate(_TO_STANDARD)
    if len(bare) % 4 == 1:
        return None
    decoded = text_of(base64.b64decode(bare + "=" * (-len(bare) % 4)))
    return decoded if decoded and not _CONTROL.search(decoded[:4096]) else None


def registry_passwords(docker_config: str) -> Iterator[str]:
    """Passwords of a `.dockerconfigjson` or `.dockercfg`: `auths.*.auth` is base64 of `user:password`.

    Follows kubernetes `pkg/credentialprovider/config.go`.
    """
    try:
        document = json.loads(docker_config)
    except (ValueError, RecursionError):
        return
    registries = document.get("auths", document) if isinstance(document, dict) else None
    for entry in registries.values() if isinstance(registries, dict) else ():
        if isinstance(entry, dict):
            yield from _entry_passwords(entry)


def _entry_passwords(entry: dict[str, object]) -> Iterator[str]:
    auth, password = entry.get("auth"), entry.get("password")
    pair = decode_text(auth) if isinstance(auth, str) else None
    from_auth = pair.partition(":")[2].rstrip("\x00\n") if pair else ""
    if from_auth:
        yield from_auth
    if isinstance(password, str) and password and password != from_auth:
        yield password
