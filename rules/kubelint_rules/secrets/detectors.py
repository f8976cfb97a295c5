"""Providers' tokens, found by detect-secrets' detectors through `analyze_string`.

detect-secrets is slow to import and slow to run, and most text holds no token. So each detector has a
trigger, a condition that every match of its fulfils: a substring search and, where that succeeds and the
substring is common, a plain pattern. A detector is imported and run only where its trigger holds. Only
`analyze_string` is called: `analyze_line` may verify over the network, and settings are global to the process.

Detectors that need the name beside the value are in `pairs`. Left out on purpose: entropy (nearly all it finds in
real manifests are names and digests; `plausibility` asks for it under a telling key only), public addresses, and what
this package reads itself: private keys and passwords in URLs. Those of npm and OpenAI take time that grows with the
square of a line; `providers` has bounded ones.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import import_module
from typing import NamedTuple, Protocol, cast

from .providers import PROVIDERS, Provider, plugin_class


class Plugin(Protocol):
    """What is used of detect-secrets' `RegexBasedDetector`."""

    denylist: Iterable[re.Pattern[str]]

    def analyze_string(self, string: str) -> Iterator[str]:
        """The secrets in `string`."""
        ...


class Detector(NamedTuple):
    """`kind` in words, what any text with a match fulfils, `load` that imports the plugin.

    Every match holds one of the `literals` (in any case if `folded`) and a match of `pattern`, where there is one.
    `whole`: the format has no prefix of its own, so a longer run of the same characters is something else.
    """

    kind: str
    literals: tuple[str, ...]
    load: Callable[[], Plugin]
    pattern: str = ""
    whole: bool = False
    folded: bool = False

    def trigger(self, text: str) -> bool:
        """Whether the plugin may find something in `text`."""
        where = text.casefold() if self.folded else text
        return any(literal in where for literal in self.literals) and self.may_match(text)

    def may_match(self, text: str) -> bool:
        """The second half of the trigger, where the literals are known to be there."""
        return not self.pattern or _compiled(self.pattern).search(text) is not None


_compiled = cache(re.compile)


def _plugin(module: str, name: str) -> Callable[[], Plugin]:
    return cache(lambda: cast(Plugin, getattr(import_module(f"detect_secrets.plugins.{module}"), name)()))


def _aws() -> Plugin:
    """AWS' detector for access keys alone: secret keys are known by the name beside them, which `pairs` reads."""
    plugin = _plugin("aws", "AWSKeyDetector")()
    plugin.denylist = [*plugin.denylist][:1]
    return plugin


def _provider(row: Provider) -> Detector:
    return Detector(row.kind, row.literals, cache(lambda: cast(Plugin, plugin_class(row)())), row.pattern)


JWT = Detector("JSON Web Token", ("eyJ",), _plugin("jwt", "JwtTokenDetector"))

DETECTORS: tuple[Detector, ...] = (
    Detector("GitHub token", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), _plugin("github_token", "GitHubTokenDetector")),
    Detector(
        "GitLab token",
        (
            *("glpat-", "gldt-", "glft-", "glsoat-", "glrt-", "GR1348941"),
            *("glcbt-", "glimt-", "glptt-", "glagent-", "gloas-"),
        ),
        _plugin("gitlab_token", "GitLabTokenDetector"),
    ),
    Detector(
        "AWS access key",
        ("A3T", "ABIA", "ACCA", "AKIA", "ASIA"),
        cache(_aws),
        r"(?:A3T[A-Z0-9]|ABIA|ACCA|AKIA|ASIA)[0-9A-Z]{16}",
    ),
    Detector("Azure storage account key", ("AccountKey=",), _plugin("azure_storage_key", "AzureStorageKeyDetector")),
    Detector(
        "Artifactory credential",
        ("AKC", "AP"),
        _plugin("artifactory", "ArtifactoryDetector"),
        r"AKC[a-zA-Z0-9]{10}|AP[\dABCDEF][a-zA-Z0-9]{8}",
        whole=True,
    ),
    Detector(
        "Discord bot token",
        (".",),
        _plugin("discord", "DiscordBotTokenDetector"),
        r"\.[a-zA-Z\d_-]{6}\.[a-zA-Z\d_-]{27}",
        whole=True,
    ),
    Detector(
        "Mailchimp API key",
        ("-us",),
        _plugin("mailchimp", "MailchimpDetector"),
        r"-us(?<=[0-9a-z]{32}-us)[0-9]",
        whole=True,
    ),
    Detector(
        "PyPI token",
        ("pypi-AgEIcHlwaS5vcmc", "pypi-AgENdGVzdC5weXBpLm9yZw"),
        _plugin("pypi_token", "PypiTokenDetector"),
    ),
    Detector("SendGrid API key", ("SG.",), _plugin("sendgrid", "SendGridDetector"), r"SG\.[a-zA-Z0-9_-]{22}\."),
    Detector("Slack token", ("xox", "hooks.slack.com/services/t"), _plugin("slack", "SlackDetector"), folded=True),
    Detector("Square OAuth secret", ("sq0csp-",), _plugin("square_oauth", "SquareOAuthDetector")),
    Detector("Stripe secret key", ("rk_live_", "sk_live_"), _plugin("stripe", "StripeDetector")),
    Detector(
        "Telegram bot token",
        (":",),
        _plugin("telegram_token", "TelegramBotTokenDetector"),
        r":(?<=\d{8}:)[0-9A-Za-z_-]{35}",
        whole=True,
    ),
    Detector(
        "Twilio API key", ("AC", "SK"), _plugin("twilio", "TwilioKeyDetector"), r"[AS][CK][a-z0-9]{32}", whole=True
    ),
    JWT,
    *map(_provider, PROVIDERS),
)
_BY_LITERAL = [(literal, each) for each in DETECTORS if not each.folded for literal in each.literals]
_FOLDED = [(literal, each) for each in DETECTORS if each.folded for literal in each.literals]


def triggered(text: str) -> Iterator[Detector]:
    """The detectors that may find something in `text`, or in any part of it."""
    held = {id(each): each for literal, each in _BY_LITERAL if literal in text}
    folded = text.casefold()
    held |= {id(each): each for literal, each in _FOLDED if literal in folded}
    return (each for each in held.values() if each.may_match(text))
