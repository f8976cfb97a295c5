"""Providers' tokens, found by detect-secrets' detectors through `analyze_string`.

detect-secrets is slow to import and slow to run, and most text holds no token. So each detector has a
trigger, a condition that every match of its fulfils: a substring search and, where that succeeds and the
substring is common, a plain pattern. A detector is imported and run only where its trigger holds. Only
`analyze_string` is called: `analyze_line` may verify over the network, and settings are global to the process.

Left out on purpose: entropy and keyword detectors (nearly all their findings on real manifests are names and
digests), basic auth and private keys (this package reads those itself), IBM, SoftLayer and Cloudant (matched
by the name beside the value).
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import import_module
from typing import NamedTuple, Protocol, cast

from .providers import PROVIDER_PATTERNS, ProviderPattern, plugin_for

Trigger = Callable[[str], bool]


class Plugin(Protocol):
    """What is used of detect-secrets' `RegexBasedDetector`."""

    denylist: Iterable[re.Pattern[str]]

    def analyze_string(self, string: str) -> Iterator[str]:
        """The secrets in `string`."""
        ...


class Detector(NamedTuple):
    """`kind` in words, `trigger` that holds for any text with a match, `load` that imports the plugin.

    `whole`: the format has no prefix of its own, so a longer run of the same characters is something else.
    """

    kind: str
    trigger: Trigger
    load: Callable[[], Plugin]
    whole: bool = False


def _contains(*literals: str) -> Trigger:
    return lambda text: any(literal in text for literal in literals)


def _folded(*literals: str) -> Trigger:
    return lambda text: any(literal in text.casefold() for literal in literals)


def _matches(pattern: str, *literals: str) -> Trigger:
    """Holds where `pattern` matches; any match contains one of `literals`, without which nothing is compiled."""
    compiled = cache(lambda: re.compile(pattern))
    return lambda text: any(literal in text for literal in literals) and compiled().search(text) is not None


_AWS_PREFIXES = ("A3T", "ABIA", "ACCA", "AKIA", "ASIA")
_has_aws_id = _matches(r"(?:A3T[A-Z0-9]|ABIA|ACCA|AKIA|ASIA)[0-9A-Z]{16}", *_AWS_PREFIXES)
_has_quoted_secret = _matches(r"['\"][0-9a-zA-Z/+\u017f\u212a]{40}['\"]", '"', "'")  # two letters fold to `s` and `k`


def _has_aws_key(text: str) -> bool:
    return _has_aws_id(text) or ("aws" in text.casefold() and _has_quoted_secret(text))


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
    _bundled("Azure storage account key", "azure_storage_key", "AzureStorageKeyDetector", _contains("AccountKey=")),
    _bundled(
        "Artifactory credential",
        "artifactory",
        "ArtifactoryDetector",
        _matches(r"AKC[a-zA-Z0-9]{10}|AP[\dABCDEF][a-zA-Z0-9]{8}", "AKC", "AP"),
        whole=True,
    ),
    _bundled("Discord bot token", "discord", "DiscordBotTokenDetector", _matches(_DISCORD, "."), whole=True),
    _bundled(
        "Mailchimp API key",
        "mailchimp",
        "MailchimpDetector",
        _matches(r"-us(?<=[0-9a-z]{32}-us)[0-9]", "-us"),
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
    _bundled("SendGrid API key", "sendgrid", "SendGridDetector", _matches(r"SG\.[a-zA-Z0-9_-]{22}\.", "SG.")),
    _bundled("Slack token", "slack", "SlackDetector", _folded("xox", "hooks.slack.com/services/t")),
    _bundled("Square OAuth secret", "square_oauth", "SquareOAuthDetector", _contains("sq0csp-")),
    _bundled("Stripe secret key", "stripe", "StripeDetector", _contains("rk_live_", "sk_live_")),
    _bundled(
        "Telegram bot token",
        "telegram_token",
        "TelegramBotTokenDetector",
        _matches(r":(?<=\d{8}:)[0-9A-Za-z_-]{35}", ":"),
        whole=True,
    ),
    _bundled(
        "Twilio API key", "twilio", "TwilioKeyDetector", _matches(r"[AS][CK][a-z0-9]{32}", "AC", "SK"), whole=True
    ),
    JWT,
    *(Detector(row.kind, _matches(row.pattern, *row.literals), _provider(row)) for row in PROVIDER_PATTERNS),
)


def triggered(text: str) -> Iterator[Detector]:
    """The detectors that may find something in `text`, or in any part of it."""
    return (detector for detector in DETECTORS if detector.trigger(text))
