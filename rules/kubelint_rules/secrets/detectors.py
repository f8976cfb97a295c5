"""Providers' tokens, found by detect-secrets' detectors through `analyze_string`.

detect-secrets is slow to import and slow to run, and most text holds no token. So each detector has a trigger, a condition
that every match of its fulfils, checked with plain substring searches; a detector is imported and run only where its trigger
holds. Only `analyze_string` is called: `analyze_line` may verify over the network, and settings are global to the process.

Left out on purpose: entropy and keyword detectors (nearly all their findings on real manifests are names and digests), basic
auth and private keys (this package reads those itself), IBM, SoftLayer and Cloudant (matched by the name beside the value).
"""

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from .plausibility import is_placeholder, is_reference
from .providers import PROVIDER_PATTERNS, ProviderPattern, plugin_for

MAX_TEXT = 1_000_000
_WINDOW, _OVERLAP = 2048, 1100  # no detector's match is longer than the overlap, JSON Web Tokens aside
_MIN_VARIETY = 8
_ESCAPES = ("\\n", "\\t", "\\r")

Trigger = Callable[[str], bool]


class Plugin(Protocol):
    """What is used of detect-secrets' `RegexBasedDetector`."""

    denylist: Iterable[re.Pattern[str]]

    def analyze_string(self, string: str) -> Iterator[str]: ...


@dataclass(frozen=True, slots=True)
class Detector:
    """`kind` in words, `trigger` that holds for any text with a match, `load` that imports the plugin.

    `whole`: the format has no prefix of its own, so a longer run of the same characters is something else.
    """

    kind: str
    trigger: Trigger
    load: Callable[[], Plugin]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """A provider's credential: its kind and its length in characters, never its text."""

    kind: str
    length: int


def _contains(*literals: str) -> Trigger:
    return lambda text: any(literal in text for literal in literals)


def _folded(*literals: str) -> Trigger:
    return lambda text: any(literal in text.casefold() for literal in literals)


def _matches(literal: str, pattern: str) -> Trigger:
    compiled = re.compile(pattern)
    return lambda text: literal in text and compiled.search(text) is not None


_AWS_ID = re.compile(r"(?:A3T[A-Z0-9]|ABIA|ACCA|AKIA|ASIA)[0-9A-Z]{16}")
_AWS_SECRET = re.compile(r"['\"][0-9a-zA-Z/+\u017f\u212a]{40}['\"]")  # two letters that fold to `s` and `k`


def _has_aws_key(text: str) -> bool:
    return _AWS_ID.search(text) is not None or (
        "aws" in text.casefold() and _AWS_SECRET.search(text) is not None
    )


def _plugin(module: str, name: str) -> Callable[[], Plugin]:
    return cache(lambda: cast(Plugin, getattr(import_module(f"detect_secrets.plugins.{module}"), name)()))


def _provider(row: ProviderPattern) -> Callable[[], Plugin]:
    return cache(lambda: cast(Plugin, plugin_for(row)))


def _bundled(kind: str, module: str, name: str, trigger: Trigger, *, whole: bool = False) -> Detector:
    return Detector(kind, trigger, _plugin(module, name), whole)


_DISCORD = r"\.[a-zA-Z\d_-]{6}\.[a-zA-Z\d_-]{27}"
_GITLAB = (
    *("glpat-", "gldt-", "glft-", "glsoat-", "glrt-", "GR1348941"),
    *("glcbt-", "glimt-", "glptt-", "glagent-", "gloas-"),
)

JWT = _bundled("JSON Web Token", "jwt", "JwtTokenDetector", _contains("eyJ"))

DETECTORS: tuple[Detector, ...] = (
    _bundled(
        "GitHub token",
        "github_token",
        "GitHubTokenDetector",
        _contains("ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    ),
    _bundled("GitLab token", "gitlab_token", "GitLabTokenDetector", _contains(*_GITLAB)),
    _bundled("AWS access key", "aws", "AWSKeyDetector", _has_aws_key),
    _bundled(
        "Azure storage account key", "azure_storage_key", "AzureStorageKeyDetector", _contains("AccountKey=")
    ),
    _bundled(
        "Artifactory credential",
        "artifactory",
        "ArtifactoryDetector",
        _matches("A", r"AKC|AP[\dABCDEF]"),
        whole=True,
    ),
    _bundled("Discord bot token", "discord", "DiscordBotTokenDetector", _matches(".", _DISCORD), whole=True),
    _bundled(
        "Mailchimp API key",
        "mailchimp",
        "MailchimpDetector",
        _matches("-us", r"[0-9a-z]{32}-us[0-9]"),
        whole=True,
    ),
    _bundled("npm token", "npm", "NpmDetector", _contains("/:_authToken=")),
    _bundled("OpenAI API key", "openai", "OpenAIDetector", _contains("T3BlbkFJ")),
    _bundled(
        "PyPI token",
        "pypi_token",
        "PypiTokenDetector",
        _contains("pypi-AgEIcHlwaS5vcmc", "pypi-AgENdGVzdC5weXBpLm9yZw"),
    ),
    _bundled("SendGrid API key", "sendgrid", "SendGridDetector", _contains("SG.")),
    _bundled("Slack token", "slack", "SlackDetector", _folded("xox", "hooks.slack.com/services/t")),
    _bundled("Square OAuth secret", "square_oauth", "SquareOAuthDetector", _contains("sq0csp-")),
    _bundled("Stripe secret key", "stripe", "StripeDetector", _contains("rk_live_", "sk_live_")),
    _bundled(
        "Telegram bot token",
        "telegram_token",
        "TelegramBotTokenDetector",
        _matches(":", r"\d{8}:"),
        whole=True,
    ),
    _bundled("Twilio API key", "twilio", "TwilioKeyDetector", _matches("SK", r"SK[a-z0-9]{32}"), whole=True),
    JWT,
    *(Detector(row.kind, _contains(*row.literals), _provider(row)) for row in PROVIDER_PATTERNS),
)


def triggered(text: str) -> list[Detector]:
    """The detectors that may find something in `text`, or in any part of it."""
    return [detector for detector in DETECTORS if detector.trigger(text)]


def find_tokens(text: str, detectors: Iterable[Detector] = DETECTORS) -> list[Token]:
    """The providers' tokens in `text`, one per kind, in the order of `DETECTORS`."""
    text = text[:MAX_TEXT]
    candidates = [detector for detector in detectors if detector.trigger(text)]
    found: dict[str, Token] = {}
    for detector in candidates:
        length = _longest(detector, text)
        if length:
            found.setdefault(detector.kind, Token(detector.kind, length))
    return list(found.values())


def _longest(detector: Detector, text: str) -> int:
    """Length of the longest credible match, 0 if there is none."""
    if detector is JWT:
        plugin = detector.load()
        return max(
            (len(token) for token in _web_tokens(text) if any(plugin.analyze_string(token))), default=0
        )
    return max(
        (_longest_in(detector, window) for window in _windows(text) if detector.trigger(window)), default=0
    )


def _longest_in(detector: Detector, text: str) -> int:
    plugin = detector.load()
    if not any(plugin.analyze_string(text)):
        return 0
    matches = (match for pattern in plugin.denylist for match in pattern.finditer(text))
    return max((len(match.group()) for match in matches if _is_credible(match, detector.whole)), default=0)


def _windows(text: str) -> Iterator[str]:
    if len(text) <= _WINDOW:
        yield text
        return
    for start in range(0, len(text) - _OVERLAP, _WINDOW - _OVERLAP):
        yield text[start : start + _WINDOW]


_ACCOUNT_ID = re.compile(r"AC[a-z0-9]{32}")  # Twilio's detector takes account ids too, which are no secret


def _is_credible(match: re.Match[str], whole: bool) -> bool:
    token, text = match.group().strip(), match.string
    if (
        len(set(token)) < _MIN_VARIETY
        or _ACCOUNT_ID.fullmatch(token)
        or is_placeholder(token)
        or is_reference(token)
    ):
        return False
    before, after = text[: match.start()][-2:], text[match.end() : match.end() + 1]
    starts_inside = token[0].isalnum() and before[-1:].isalnum() and before not in _ESCAPES
    if starts_inside or not whole:
        return not starts_inside
    return not (after.isalnum() or after in {"-", "_"} and after) and _is_mixed(token)


def _is_mixed(token: str) -> bool:
    return any(map(str.isdigit, token)) and any(map(str.isalpha, token))


_SEGMENT = r"[A-Za-z0-9_=-]"
_WEB_TOKEN = re.compile(rf"(?<!{_SEGMENT})({_SEGMENT}++)(?=\.({_SEGMENT}++)\.({_SEGMENT}++))")
_TUTORIAL_SUBJECT = '"1234567890"'  # the token that jwt.io and every tutorial show


def _web_tokens(text: str) -> Iterator[str]:
    """Three-part tokens (RFC 7519) whose header names an algorithm, in linear time, of any length."""
    for match in _WEB_TOKEN.finditer(text):
        header, payload, signature = match.groups()
        start = header.find("eyJ")
        if (
            start >= 0
            and len(signature) >= 16
            and _names_algorithm(header[start:])
            and not _is_tutorial(payload)
        ):
            yield f"{header[start:]}.{payload}.{signature}"


def _names_algorithm(header: str) -> bool:
    decoded = _decode_segment(header)
    return isinstance(decoded, dict) and "alg" in decoded


def _is_tutorial(payload: str) -> bool:
    decoded = _decode_segment(payload)
    return decoded is None or _TUTORIAL_SUBJECT in json.dumps(decoded) or is_placeholder(payload)


def _decode_segment(segment: str) -> object:
    try:
        return json.loads(
            base64.urlsafe_b64decode(segment.rstrip("=") + "=" * (-len(segment.rstrip("=")) % 4))
        )
    except (ValueError, RecursionError):
        return None
