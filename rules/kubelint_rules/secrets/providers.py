"""Formats of providers' credentials that detect-secrets 1.5 has no detector for, as plugins of detect-secrets.

detect-secrets can load this file by itself, with nothing else of this project: `detect-secrets scan -p providers.py`.
A row of `PROVIDERS` is recognisable by itself, a row of `KEYED` by the name beside the value, as in
`DD_API_KEY = "..."`. Shapes are those of the providers' own documentation. Every pattern is bounded, so that no text
is slow to search.

The classes are made when somebody asks for them, as detect-secrets does of each name of this module: to import
detect-secrets takes a while, and whoever only wants to know whether a text can hold a credential needs the rows alone.
"""

import re
from functools import cache
from typing import Any, NamedTuple


class Provider(NamedTuple):
    """`kind` in words, `literals` of which every match contains one, `pattern` as a regular expression."""

    kind: str
    literals: tuple[str, ...]
    pattern: str


class Keyed(NamedTuple):
    """`kind` in words, `names` (in lower case) of which the key contains one, `value` as a regular expression.

    The key must say `says`, too: an account's id may look like its key.
    """

    kind: str
    names: tuple[str, ...]
    value: str
    says: str = r"key|token|secret|pass|pwd|pat|auth|credential"


_END = r"(?![A-Za-z0-9])"
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

PROVIDERS: tuple[Provider, ...] = (
    Provider("age secret key", ("AGE-SECRET-KEY-1",), r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}"),
    # code and builds
    Provider("GitHub fine-grained token", ("github_pat_",), r"github_pat_\w{82}"),
    Provider(
        "GitLab routable token",
        ("glpat-", "glrt-", "glrtr-"),
        r"gl(?:pat|rtr?)-[\w-]{27,300}\.[0-9a-z]{2}\.?[0-9a-z]{7,9}",
    ),
    Provider("GitLab feature flag token", ("glffct-",), r"glffct-[\w-]{20,50}"),
    Provider("npm token", ("npm_",), r"npm_[A-Za-z0-9]{36}" + _END),
    Provider("RubyGems token", ("rubygems_",), r"rubygems_[a-f0-9]{48}" + _END),
    Provider("crates.io token", ("cio",), r"cio[A-Za-z0-9]{32}" + _END),
    Provider("Docker Hub token", ("dckr_pat_", "dckr_oat_"), r"dckr_[po]at_[\w-]{27,52}"),
    Provider("Artifactory token", ("cmVmdGtuO",), r"cmVmdGtuO[A-Za-z0-9]{55}" + _END),
    Provider("SonarQube token", ("sqp_", "squ_", "sqa_"), r"sq[pua]_[a-f0-9]{40}" + _END),
    Provider("Sourcegraph token", ("sgp_",), r"sgp_(?:[a-fA-F0-9]{16}_|local_)?[a-fA-F0-9]{40}"),
    Provider("Buildkite token", ("bkua_",), r"bkua_[a-f0-9]{40}"),
    Provider("CircleCI token", ("CCIPAT_", "CCIPRJ_"), r"CCIP(?:AT|RJ)_[A-Za-z0-9]{22}_[a-f0-9]{40}"),
    Provider("Octopus Deploy key", ("API-",), r"(?<![A-Z0-9-])API-[A-Z0-9]{25,27}(?![A-Za-z0-9-])"),
    Provider("Prefect key", ("pnu_", "pnb_"), r"pn[ub]_[A-Za-z0-9]{36}" + _END),
    Provider("Postman API key", ("PMAK-",), r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    # clouds
    Provider("Google API key", ("AIza",), r"AIza[\w-]{35}(?![\w-])"),
    Provider("Google OAuth client secret", ("GOCSPX-",), r"GOCSPX-[\w-]{28}"),
    Provider("Azure client secret", ("Q~",), r"[\w~.-]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])"),
    Provider("Amazon Bedrock API key", ("ABSK",), r"ABSK[A-Za-z0-9+/]{109,269}={0,2}"),
    Provider("DigitalOcean token", ("dop_v1_", "doo_v1_", "dor_v1_"), r"do[opr]_v1_[a-f0-9]{64}"),
    Provider("Alibaba Cloud access key", ("LTAI",), r"LTAI[A-Za-z0-9]{20}" + _END),
    Provider("Cloudflare origin CA key", ("v1.0-",), r"v1\.0-[a-f0-9]{24}-[a-f0-9]{146}"),
    Provider("Cloudflare tunnel token", ("eyJhIjoi",), r"eyJhIjoi[A-Za-z0-9+/]{120,400}={0,2}(?![\w.])"),
    Provider("Backblaze application key", ("K00",), r"K00[0-9][A-Za-z0-9/+]{27}(?![A-Za-z0-9/+=])"),
    Provider("Heroku API key", ("HRKU-",), r"HRKU-[\w-]{36,60}"),
    Provider(
        "Fly.io token",
        ("FlyV1 fm", "fo1_"),
        r"FlyV1 fm[12][ar]?_[A-Za-z0-9+/=_,-]{100,1000}|fo1_[\w-]{43}",
    ),
    Provider("Scalingo token", ("tk-us-",), r"tk-us-[\w-]{48}"),
    Provider("Netlify token", ("nfp_",), r"nfp_[A-Za-z0-9]{36}" + _END),
    Provider("Supabase token", ("sbp_",), r"sbp_(?:oauth_|v0_)?[a-f0-9]{40}" + _END),
    Provider("PlanetScale token", ("pscale_",), r"pscale_(?:tkn|pw|oauth)_[\w.=-]{32,64}"),
    Provider("Aiven password", ("AVNS_",), r"AVNS_[\w-]{19}(?![\w-])"),
    Provider("MongoDB Atlas secret", ("mdb_sa_sk_",), r"mdb_sa_sk_[\w-]{40}"),
    Provider("Databricks token", ("dapi",), r"dapi[a-f0-9]{32}(?:-\d)?" + _END),
    # keepers of secrets
    Provider("Vault token", ("hvs.", "hvb.", "hvr."), r"hv[sbr]\.[\w-]{24,300}"),
    Provider("Terraform Cloud token", (".atlasv1.",), r"[a-zA-Z0-9]{14}\.atlasv1\.[\w=-]{60,70}"),
    Provider("Pulumi token", ("pul-",), r"pul-[a-f0-9]{40}" + _END),
    Provider(
        "Doppler token",
        ("dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."),
        r"dp\.(?:pt|ct|sa|scim|audit|st(?:\.[a-z0-9_-]{2,35})?)\.[A-Za-z0-9]{40,44}",
    ),
    Provider("1Password service account token", ("ops_eyJ",), r"ops_eyJ[A-Za-z0-9+/_-]{200,1000}={0,3}"),
    Provider(
        "1Password secret key",
        ("A3-",),
        r"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}" + _END,
    ),
    Provider("Infisical token", ("st.",), r"st\.[a-f0-9]{24}\.[a-f0-9]{32}\.[a-f0-9]{32}"),
    # clusters and networks
    Provider(
        "k3s server token",
        ("::",),
        r"K10[a-f0-9]{64}::(?:server|node|agent|[a-z0-9]{6})[:.][^\s\"'<>${]{6,128}",
    ),
    Provider("OpenShift token", ("sha256~",), r"sha256~[\w-]{43}(?![\w-])"),
    Provider("Rancher token", ("token-",), r"token-[a-z0-9]{5}:[a-z0-9]{54}" + _END),
    Provider(
        "Tailscale key",
        ("tskey-",),
        r"tskey-(?:auth|api|client|scim|webhook)-[A-Za-z0-9]{8,32}-[A-Za-z0-9]{16,64}",
    ),
    Provider("NetBird token", ("nbp_",), r"nbp_[A-Za-z0-9]{36}" + _END),
    Provider(
        "WireGuard private key",
        ("PrivateKey", "PresharedKey"),
        r"(?:PrivateKey|PresharedKey)\s{0,4}=\s{0,4}[A-Za-z0-9+/]{43}=",
    ),
    # watching
    Provider("Grafana service account token", ("glsa_",), r"glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}"),
    Provider("Grafana Cloud token", ("glc_",), r"glc_[A-Za-z0-9+/]{32,400}={0,3}"),
    Provider("Grafana API key", ("eyJrIjoi",), r"eyJrIjoi[A-Za-z0-9+/]{60,400}={0,3}(?![\w.])"),
    Provider("Sentry token", ("sntrys_", "sntryu_"), r"sntrys_eyJ[A-Za-z0-9+/=_-]{60,600}|sntryu_[a-f0-9]{64}"),
    Provider(
        "New Relic key",
        ("NRAK-", "NRII-", "NRAL"),
        r"NRAK-[A-Z0-9]{27}|NRII-[A-Za-z0-9-]{32}|[a-f0-9]{36}NRAL" + _END,
    ),
    Provider("Dynatrace token", ("dt0c01.", "dt0s01."), r"dt0[cs]01\.[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    # messages and mail
    Provider(
        "Slack webhook",
        ("hooks.slack.com/workflows/", "hooks.slack.com/triggers/"),
        r"hooks\.slack\.com/(?:workflows|triggers)/[A-Z0-9]{8,16}/[\w/]{20,120}",
    ),
    Provider(
        "Slack token",
        ("xapp-", "xoxe", "xoxc-", "xoxd-"),
        r"xapp-\d-[A-Z0-9]{1,20}-\d{1,20}-[a-z0-9]{1,128}|xoxe[.-][\w.-]{40,300}|xox[cd]-[\w%-]{40,300}",
    ),
    Provider(
        "Microsoft Teams webhook",
        ("webhook.office.com/webhookb2/",),
        r"webhook\.office\.com/webhookb2/[0-9a-f-]{36}@[0-9a-f-]{36}/IncomingWebhook/[0-9a-f]{32}/[0-9a-f-]{36}",
    ),
    Provider(
        "Azure Logic Apps webhook",
        ("logic.azure.com",),
        r"logic\.azure\.com(?::443)?/workflows/[0-9a-f]{32}/triggers/[\w%/.?=&-]{1,200}[?&]sig=[\w%-]{40,60}",
    ),
    Provider("Discord webhook", ("/api/webhooks/",), r"discord(?:app)?\.com/api/webhooks/\d{17,20}/[\w-]{60,72}"),
    Provider("Brevo API key", ("xkeysib-",), r"xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}"),
    # models
    Provider("Anthropic API key", ("sk-ant-",), r"sk-ant-(?:api|admin|oat)\d\d-[\w-]{60,120}"),
    Provider(
        "OpenAI API key",
        ("T3BlbkFJ",),
        r"sk-(?:(?:proj|svcacct|admin|service|None)-[\w-]{20,74}|[\w-]{0,40}[A-Za-z0-9]{20})T3BlbkFJ[\w-]{20,74}",
    ),
    Provider("OpenRouter API key", ("sk-or-v1-",), r"sk-or-v1-[a-f0-9]{64}"),
    Provider("Langfuse secret key", ("sk-lf-",), rf"sk-lf-{_UUID}"),
    Provider("Hugging Face token", ("hf_", "api_org_"), r"(?:hf|api_org)_[A-Za-z]{34}" + _END),
    Provider("Groq API key", ("gsk_",), r"gsk_[A-Za-z0-9]{52}" + _END),
    Provider("xAI API key", ("xai-",), r"xai-[A-Za-z0-9]{80}" + _END),
    Provider("Perplexity API key", ("pplx-",), r"pplx-[A-Za-z0-9]{48}" + _END),
    Provider("Replicate token", ("r8_",), r"r8_[A-Za-z0-9]{37}" + _END),
    # work and trade
    Provider("Linear API key", ("lin_api_",), r"lin_api_[A-Za-z0-9]{40}"),
    Provider("Notion token", ("ntn_",), r"ntn_[0-9]{11}[A-Za-z0-9]{35}"),
    Provider("Contentful token", ("CFPAT-",), r"CFPAT-[\w-]{43}"),
    Provider("Atlassian API token", ("ATATT3",), r"ATATT3[A-Za-z0-9_=-]{180,300}"),
    Provider(
        "Shopify token",
        ("shpat_", "shpca_", "shppa_", "shpss_"),
        r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}" + _END,
    ),
    Provider("Stripe webhook secret", ("whsec_",), r"whsec_[A-Za-z0-9+/]{32,64}={0,2}"),
    Provider("LaunchDarkly key", ("sdk-",), rf"(?<![A-Za-z0-9-])sdk-{_UUID}(?![A-Za-z0-9-])"),
    Provider(
        "npm registry token",
        (":_authToken",),
        rf":_authToken\s{{0,4}}=\s{{0,4}}[\"']?(?:{_UUID}|[\w+/-]{{24,200}}=?=?)",
    ),
)

KEYED: tuple[Keyed, ...] = (
    Keyed("AWS secret access key", ("aws", "s3", "secretaccess", "secret_access"), r"[A-Za-z0-9/+]{40}", "secret|key"),
    Keyed("Azure storage account key", ("azure", "storage", "account"), r"[A-Za-z0-9+/]{86}=="),
    Keyed("Azure DevOps token", ("azure", "azdo", "devops", "vsts"), r"[a-z2-7]{52}|[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}"),
    Keyed("Cloudflare API key", ("cloudflare", "cf_", "cf-"), r"[a-f0-9]{37}|[\w-]{40}"),
    Keyed("Hetzner token", ("hcloud", "hetzner"), r"[A-Za-z0-9]{64}"),
    Keyed("Linode token", ("linode",), r"[a-f0-9]{64}"),
    Keyed("Vultr API key", ("vultr",), r"[A-Z0-9]{36}"),
    Keyed("Scaleway secret key", ("scw", "scaleway"), _UUID, "secret"),
    Keyed("Heroku API key", ("heroku",), _UUID),
    Keyed("Vault token", ("vault",), r"s\.[A-Za-z0-9]{24}", "token"),
    Keyed("kubeadm bootstrap token", ("token", "bootstrap"), r"[a-z0-9]{6}\.[a-z0-9]{16}", "token"),
    Keyed(
        "WireGuard private key",
        ("wireguard", "wg", "private", "preshared"),
        r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=",
        r"private_?key|pre_?shared_?key",
    ),
    Keyed("Datadog API key", ("datadog", "dd_", "dd-"), r"[a-f0-9]{32}|[a-f0-9]{40}"),
    Keyed("New Relic key", ("newrelic", "new_relic", "new-relic"), r"[a-f0-9]{40}"),
    Keyed("Sentry token", ("sentry",), r"[a-f0-9]{64}", "token"),
    Keyed("SonarQube token", ("sonar",), r"[a-f0-9]{40}"),
    Keyed("Snyk token", ("snyk",), _UUID),
    Keyed("Okta token", ("okta",), r"00[\w-]{40}"),
    Keyed("Confluent credential", ("confluent",), r"[A-Za-z0-9+/]{64}|[A-Z0-9]{16}"),
    Keyed("Opsgenie API key", ("opsgenie", "genie"), _UUID),
    Keyed("PagerDuty key", ("pagerduty", "pager_duty"), r"[a-f0-9]{32}|[\w+-]{20}"),
    Keyed("Pushover token", ("pushover",), r"[a-z0-9]{30}", "token|key"),
    Keyed("Mailgun API key", ("mailgun",), r"key-[a-f0-9]{32}|[a-f0-9]{32}-[a-f0-9]{8}-[a-f0-9]{8}"),
    Keyed("Postmark token", ("postmark",), _UUID),
    Keyed("Twilio auth token", ("twilio",), r"[a-f0-9]{32}", "token|secret"),
    Keyed("Codecov token", ("codecov",), _UUID),
    Keyed("Gitea token", ("gitea", "forgejo"), r"[a-f0-9]{40}", "token"),
    Keyed("GitHub OAuth client secret", ("github",), r"[a-f0-9]{40}", "secret"),
    Keyed("Fastly token", ("fastly",), r"[\w-]{32}"),
    Keyed("Contribsys credential", ("contribsys",), r"[a-f0-9]{8}:[a-f0-9]{8}", "com"),
)


def pattern_of(row: Keyed) -> str:
    """The regular expression of an assignment whose key and value are those of `row`; the value is its group."""
    names = "|".join(map(re.escape, row.names))
    key = rf"(?i:(?<![a-z])(?=[\w.-]{{0,60}}(?:{names}))(?=[\w.-]{{0,80}}(?:{row.says}))[a-z][\w.-]{{1,127}})"
    return rf"{key}[\"']?\s{{0,4}}(?:=>|:=|[:=])\s{{0,4}}[\"']?({row.value})(?![\w/+=-])"


@cache
def plugin_class(row: Provider | Keyed) -> Any:
    """The detect-secrets plugin of one row. The first call imports detect_secrets."""
    from detect_secrets.plugins.base import RegexBasedDetector

    pattern = re.compile(row.pattern if isinstance(row, Provider) else pattern_of(row))
    by = ", by its name" if isinstance(row, Keyed) else ""  # types must differ from one another
    members = {"__doc__": f"Finds a {row.kind}{by}.", "secret_type": row.kind + by, "denylist": (pattern,)}
    return type(class_name(row), (RegexBasedDetector,), members)


def class_name(row: Provider | Keyed) -> str:
    """How detect-secrets, its configuration and its baselines call the plugin of `row`."""
    words = re.findall(r"[A-Za-z0-9]+", row.kind.replace("1Password", "OnePassword"))
    by = "ByName" if isinstance(row, Keyed) else ""
    return "".join(word[0].upper() + word[1:] for word in words) + by + "Detector"


_ALL: tuple[Provider | Keyed, ...] = (*PROVIDERS, *KEYED)
_ROWS = {class_name(row): row for row in _ALL}


def __dir__() -> list[str]:
    return [*globals(), *_ROWS]


def __getattr__(name: str) -> Any:
    if name not in _ROWS:
        raise AttributeError(name)
    return plugin_class(_ROWS[name])
