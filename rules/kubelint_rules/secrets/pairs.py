"""Credentials that a key and a value are together, as `DB_PASSWORD` and what it is given.

In manifests the two often stand on two lines, or in two scalars, where no scanner of lines can join them. Here they are
joined: detectors of assignments get the text `DB_PASSWORD = "..."`.
"""

import re
from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from typing import NamedTuple, cast

from .detectors import Plugin
from .encodings import is_encrypted
from .plausibility import (
    is_placeholder,
    is_plausible,
    is_public,
    is_random,
    is_reference,
    names_identity,
    names_reference,
    names_secret,
)
from .providers import KEYED, Keyed, plugin_class

_LONGEST_KEY, _LONGEST_VALUE = 128, 512
_MIN_VARIETY = 6
_NAME_OF_KEY = "secretKey"  # External Secrets' name of an entry, and in many charts the credential itself
_GENERATED = re.compile(
    r"(?=(?:[^0-9]*[0-9]){3})(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])[A-Za-z0-9+/]{20,}={0,2}|[0-9a-f]{32,}"
)
_ARMOUR = "-----BEGIN"  # a private key proves itself, anything else in armour is public
_KEYWORD = re.compile(
    r"(?:api|auth|service|account|db|database|priv|private|client)_?key|(?:db|database|key)_?pass|passw|pwd|secret"
)
_KINDS = (
    ("passphrase", "passphrase"),
    ("pass", "password"),
    ("pwd", "password"),
    ("pw", "password"),
    ("token", "token"),
    ("secret", "secret"),
    ("key", "key"),
)


class NamedCredential(NamedTuple):
    """A credential in clear under a key: its kind in words, its length; `proven` if its form is its provider's."""

    kind: str
    length: int
    proven: bool


class PairDetector(NamedTuple):
    """Finds a provider's credential in an assignment; `row` says what a pair must fulfil for `load`'s plugin to run."""

    row: Keyed
    load: Callable[[], Plugin]

    def trigger(self, key: str, value: str) -> bool:
        """Whether the plugin may find this value under this key."""
        folded = key.lower()
        return any(name in folded for name in self.row.names) and _compiled(self.row.value).fullmatch(value) is not None

    def finds(self, key: str, value: str) -> bool:
        """Whether the plugin finds this value under this key."""
        return self.trigger(key, value) and value in self.load().analyze_string(assignment(key, value))


_compiled = cache(re.compile)


def assignment(key: str, value: str) -> str:
    """The pair as detectors of lines expect it. A quote would end the value before its end."""
    return f'{key} = "{value.replace(chr(34), "_")}"'


def _plugin(module: str, name: str) -> Plugin:
    return cast(Plugin, getattr(import_module(f"detect_secrets.plugins.{module}"), name)())


def _bundled(kind: str, module: str, name: str, names: Iterable[str], value: str) -> PairDetector:
    return PairDetector(Keyed(kind, tuple(names), value), cache(lambda: _plugin(module, name)))


def _ours(row: Keyed) -> PairDetector:
    return PairDetector(row, cache(lambda: cast(Plugin, plugin_class(row)())))


# IBM's own detectors also take keys that do not name IBM, and so any long value.
PAIR_DETECTORS: tuple[PairDetector, ...] = (
    _bundled(
        "Cloudant credential", "cloudant", "CloudantDetector", ("cl",), r"[0-9a-fA-F]{64}|[a-zA-Z\u017f\u212a]{24}"
    ),
    _bundled(
        "IBM Cloud IAM key", "ibm_cloud_iam", "IbmCloudIamDetector", ("ibm", "iam"), r"[a-zA-Z0-9_\-\u017f\u212a]{44}"
    ),
    _bundled("IBM COS HMAC secret", "ibm_cos_hmac", "IbmCosHmacDetector", ("ibm", "cos"), r"[a-fA-F0-9]{48}"),
    _bundled(
        "SoftLayer credential", "softlayer", "SoftlayerDetector", ("sl", "softlayer"), r"[a-zA-Z0-9\u017f\u212a]{64}"
    ),
    *map(_ours, KEYED),
)


def named_credential(key: str, value: str) -> NamedCredential | None:
    """The credential that `value` is under `key`. Whether the value proves one by itself is not asked.

    A provider's form counts under the provider's name; anything that looks chosen or generated counts under a key that
    says password, token, secret or key.
    """
    value = value.strip()
    if not value or len(key) > _LONGEST_KEY or is_encrypted(value) or value.startswith(_ARMOUR):
        return None
    kind = provider_of(key, value)
    if kind:
        return NamedCredential(kind, len(value), proven=True)
    if is_plausible(value) and says_secret(key, value):
        return NamedCredential(kind_of(key), len(value), proven=False)
    return None


def provider_of(key: str, value: str) -> str:
    """Whose credential `value` is by its form and its key together; empty where they do not say."""
    if len(value) > _LONGEST_VALUE or len(set(value)) < _MIN_VARIETY or names_reference(key):
        return ""
    kind = next((detector.row.kind for detector in PAIR_DETECTORS if detector.finds(key, value)), "")
    return "" if is_reference(value) or is_placeholder(value) or is_public(value) else kind


def says_secret(key: str, value: str) -> bool:
    """Whether `key` says that `value` is a credential: by how it ends, or anywhere if the value is random."""
    if names_secret(key) or (key == _NAME_OF_KEY and _GENERATED.fullmatch(value)):
        return True
    if not is_random(value) or names_reference(key) or names_identity(key) or len(value) > _LONGEST_VALUE:
        return False
    return _KEYWORD.search(key.lower()) is not None and any(_keywords().analyze_string(assignment(key, value)))


@cache
def _keywords() -> Plugin:
    return _plugin("keyword", "KeywordDetector")


def kind_of(key: str) -> str:
    """What a credential under `key` is called."""
    return next((kind for word, kind in _KINDS if word in key.lower()), "literal value")
