"""Formats of providers' credentials that detect-secrets 1.5 has no detector for, and the plugins made of them.

Only formats that are recognisable by themselves: a fixed prefix or shape, from the providers' own
documentation. Each row is (kind, literals, pattern); a match contains at least one of the literals, which is
what makes looking for them cheap.
"""

import re
from functools import cache
from typing import Any, NamedTuple


class ProviderPattern(NamedTuple):
    """`kind` in words, `literals` of which every match contains one, `pattern` as a regular expression."""

    kind: str
    literals: tuple[str, ...]
    pattern: str


_END = r"(?![A-Za-z0-9])"

PROVIDER_PATTERNS: tuple[ProviderPattern, ...] = (
    ProviderPattern("age secret key", ("AGE-SECRET-KEY-1",), r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}"),
    ProviderPattern("GitHub fine-grained token", ("github_pat_",), r"github_pat_\w{82}"),
    ProviderPattern(
        "GitLab token",
        ("glpat-", "glrt-", "glrtr-"),
        r"gl(?:pat|rtr?)-[\w-]{27,300}\.[0-9a-z]{2}\.?[0-9a-z]{7,9}",
    ),
    ProviderPattern("Google API key", ("AIza",), r"AIza[\w-]{35}(?![\w-])"),
    ProviderPattern("Google OAuth client secret", ("GOCSPX-",), r"GOCSPX-[\w-]{28}"),
    ProviderPattern("Vault token", ("hvs.", "hvb.", "hvr."), r"hv[sbr]\.[\w-]{24,300}"),
    ProviderPattern("Terraform Cloud token", (".atlasv1.",), r"[a-zA-Z0-9]{14}\.atlasv1\.[\w=-]{60,70}"),
    ProviderPattern("Grafana service account token", ("glsa_",), r"glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}"),
    ProviderPattern("Grafana Cloud token", ("glc_",), r"glc_[A-Za-z0-9+/]{32,400}={0,3}"),
    ProviderPattern("DigitalOcean token", ("dop_v1_", "doo_v1_", "dor_v1_"), r"do[opr]_v1_[a-f0-9]{64}"),
    ProviderPattern("Cloudflare origin CA key", ("v1.0-",), r"v1\.0-[a-f0-9]{24}-[a-f0-9]{146}"),
    ProviderPattern(
        "Doppler token",
        ("dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."),
        r"dp\.(?:pt|ct|sa|scim|audit|st(?:\.[a-z0-9_-]{2,35})?)\.[A-Za-z0-9]{40,44}",
    ),
    ProviderPattern("1Password service account token", ("ops_eyJ",), r"ops_eyJ[A-Za-z0-9+/_-]{200,}={0,3}"),
    ProviderPattern(
        "1Password secret key",
        ("A3-",),
        r"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}" + _END,
    ),
    ProviderPattern("Pulumi token", ("pul-",), r"pul-[a-f0-9]{40}" + _END),
    ProviderPattern(
        "Slack webhook",
        ("hooks.slack.com/workflows/", "hooks.slack.com/triggers/"),
        r"hooks\.slack\.com/(?:workflows|triggers)/[A-Z0-9]{8,}/[\w/]{20,}",
    ),
    ProviderPattern(
        "Slack token",
        ("xapp-", "xoxe", "xoxc-", "xoxd-"),
        r"xapp-\d-[A-Z0-9]+-\d+-[a-z0-9]+|xoxe[.-][\w.-]{40,}|xox[cd]-[\w%-]{40,}",
    ),
    ProviderPattern(
        "Microsoft Teams webhook",
        ("webhook.office.com/webhookb2/",),
        r"webhook\.office\.com/webhookb2/[0-9a-f-]{36}@[0-9a-f-]{36}/IncomingWebhook/[0-9a-f]{32}/[0-9a-f-]{36}",
    ),
    ProviderPattern(
        "Discord webhook", ("/api/webhooks/",), r"discord(?:app)?\.com/api/webhooks/\d{17,20}/[\w-]{60,72}"
    ),
    ProviderPattern("Anthropic API key", ("sk-ant-",), r"sk-ant-(?:api|admin|oat)\d\d-[\w-]{60,120}"),
    ProviderPattern("OpenAI API key", ("T3BlbkFJ",), r"sk-(?:proj|svcacct|admin)-[\w-]{20,74}T3BlbkFJ[\w-]{20,74}"),
    ProviderPattern("Hugging Face token", ("hf_",), r"hf_[A-Za-z]{34}" + _END),
    ProviderPattern("Groq API key", ("gsk_",), r"gsk_[A-Za-z0-9]{52}" + _END),
    ProviderPattern("Replicate token", ("r8_",), r"r8_[A-Za-z0-9]{37}" + _END),
    ProviderPattern("npm token", ("npm_",), r"npm_[A-Za-z0-9]{36}" + _END),
    ProviderPattern("RubyGems token", ("rubygems_",), r"rubygems_[a-f0-9]{48}" + _END),
    ProviderPattern("crates.io token", ("cio",), r"cio[A-Za-z0-9]{32}" + _END),
    ProviderPattern("Docker Hub token", ("dckr_pat_", "dckr_oat_"), r"dckr_[po]at_[\w-]{27,52}"),
    ProviderPattern("Sentry token", ("sntrys_", "sntryu_"), r"sntrys_eyJ[A-Za-z0-9+/=_-]{60,}|sntryu_[a-f0-9]{64}"),
    ProviderPattern("Linear API key", ("lin_api_",), r"lin_api_[A-Za-z0-9]{40}"),
    ProviderPattern("New Relic key", ("NRAK-", "NRII-"), r"NRAK-[A-Z0-9]{27}|NRII-[A-Za-z0-9-]{32}"),
    ProviderPattern("OpenShift token", ("sha256~",), r"sha256~[\w-]{43}(?![\w-])"),
    ProviderPattern("SonarQube token", ("sqp_", "squ_", "sqa_"), r"sq[pua]_[a-f0-9]{40}" + _END),
    ProviderPattern("Brevo API key", ("xkeysib-",), r"xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}"),
    ProviderPattern("PlanetScale token", ("pscale_",), r"pscale_(?:tkn|pw|oauth)_[\w.=-]{32,64}"),
    ProviderPattern("Databricks token", ("dapi",), r"dapi[a-f0-9]{32}(?:-\d)?" + _END),
    ProviderPattern("Fly.io token", ("FlyV1 fm", "fo1_"), r"FlyV1 fm[12][ar]?_[A-Za-z0-9+/=_,-]{100,}|fo1_[\w-]{43}"),
    ProviderPattern("Heroku API key", ("HRKU-",), r"HRKU-[\w-]{36,60}"),
    ProviderPattern(
        "Tailscale key",
        ("tskey-",),
        r"tskey-(?:auth|api|client|scim|webhook)-[A-Za-z0-9]{8,}-[A-Za-z0-9]{16,}",
    ),
    ProviderPattern(
        "k3s server token",
        ("::",),
        r"K10[a-f0-9]{64}::(?:server|node|agent|[a-z0-9]{6})[:.][^\s\"'<>${]{6,128}",
    ),
    ProviderPattern(
        "WireGuard private key",
        ("PrivateKey", "PresharedKey"),
        r"(?:PrivateKey|PresharedKey)\s{0,4}=\s{0,4}[A-Za-z0-9+/]{43}=",
    ),
    ProviderPattern("Backblaze application key", ("K00",), r"K00[0-9][A-Za-z0-9/+]{27}(?![A-Za-z0-9/+=])"),
    ProviderPattern("Atlassian API token", ("ATATT3",), r"ATATT3[A-Za-z0-9_=-]{180,}"),
    ProviderPattern(
        "Shopify token",
        ("shpat_", "shpca_", "shppa_", "shpss_"),
        r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}" + _END,
    ),
    ProviderPattern("Dynatrace token", ("dt0c01.", "dt0s01."), r"dt0[cs]01\.[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    ProviderPattern("Postman API key", ("PMAK-",), r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    ProviderPattern("Azure client secret", ("Q~",), r"[\w~.-]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])"),
    ProviderPattern("Stripe webhook secret", ("whsec_",), r"whsec_[A-Za-z0-9+/]{32,64}={0,2}"),
    ProviderPattern("Sourcegraph token", ("sgp_",), r"sgp_(?:[a-fA-F0-9]{16}_|local_)?[a-fA-F0-9]{40}"),
    ProviderPattern("Buildkite token", ("bkua_",), r"bkua_[a-f0-9]{40}"),
    ProviderPattern("Scalingo token", ("tk-us-",), r"tk-us-[\w-]{48}"),
    ProviderPattern("Notion token", ("ntn_",), r"ntn_[0-9]{11}[A-Za-z0-9]{35}"),
    ProviderPattern("Infisical token", ("st.",), r"st\.[a-f0-9]{24}\.[a-f0-9]{32}\.[a-f0-9]{32}"),
    ProviderPattern("Artifactory token", ("cmVmdGtuO",), r"cmVmdGtuO[A-Za-z0-9]{55}" + _END),
)


def plugin_for(row: ProviderPattern) -> Any:
    """The detect-secrets plugin of one provider. The first call imports detect_secrets, which takes a while."""
    return _plugin_class()(row)


@cache
def _plugin_class() -> Any:
    from detect_secrets.plugins.base import RegexBasedDetector

    class ProviderDetector(RegexBasedDetector):
        """One provider's format, without verification."""

        secret_type = "Provider credential"
        denylist: tuple[re.Pattern[str], ...] = ()

        def __init__(self, row: ProviderPattern) -> None:
            self.secret_type = row.kind
            self.denylist = (re.compile(row.pattern),)

    return ProviderDetector
