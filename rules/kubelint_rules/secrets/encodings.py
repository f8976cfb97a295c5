"""Text inside text: base64, docker configuration, and what is encrypted already."""

import base64
import binascii
import json
import re
from collections.abc import Iterator

MAX_ENCODED = 1_500_000  # a Secret holds at most 1 MiB, which is 1.4 MB of base64

_WHITESPACE = re.compile(r"\s+")
_ENCRYPTED = re.compile(
    r"\s*(?:ENC\[AES256_GCM,|\$ANSIBLE_VAULT;|-----BEGIN (?:AGE ENCRYPTED FILE|PGP MESSAGE|PKCS7)-----|\x00GITCRYPT)"
)


def is_encrypted(text: str) -> bool:
    """Whether a value is ciphertext: SOPS, ansible-vault, age, PGP, hiera-eyaml, git-crypt."""
    return _ENCRYPTED.match(text) is not None


def decode_base64(text: str) -> bytes | None:
    """The bytes of strict, padded, standard base64 as `encoding/json` reads `[]byte`; None for anything else."""
    if len(text) > MAX_ENCODED:
        return None
    try:
        return base64.b64decode(_WHITESPACE.sub("", text), validate=True)
    except (binascii.Error, ValueError):
        return None


def decode_text(text: str) -> str | None:
    """The text that base64 `text` stands for; None if it is no base64, or not text."""
    raw = decode_base64(text)
    if not raw:
        return None
    try:
        decoded = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return decoded if "\x00" not in decoded else None


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
