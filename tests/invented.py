"""Credentials that open nothing, made when a test needs them, so that no scanner trips over this repository.

A fixture writes `<invented:NAME>` where a credential stands, `<invented:NAME:base64>` where it stands in
base64. Values are derived from their name: the same in every run, and nowhere in the tree.
"""

import base64
import json
import random
import re
import string
from collections.abc import Callable, Mapping

_HEX = "0123456789abcdef"
_ALNUM = string.ascii_letters + string.digits
_LOWER = string.ascii_lowercase + string.digits
_UPPER = string.ascii_uppercase + string.digits
_BASE64 = _ALNUM + "+/"
_URLSAFE = _ALNUM + "-_"
_BECH32 = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"

_PLACEHOLDER = re.compile(r"<invented:([a-z0-9_]+)(:base64)?>")


def _text(alphabet: str, length: int, seed: str) -> str:
    """`length` characters, letters and digits mixed as in a generated value."""
    return "".join(random.Random(f"{seed}/{length}").choices(alphabet, k=length))


def _pem(label: str, size: int, headers: str = "") -> str:
    body = base64.b64encode(random.Random(label).randbytes(size)).decode()
    lines = "\n".join(body[start : start + 64] for start in range(0, len(body), 64))
    return f"-----BEGIN {label}-----\n{headers}{lines}\n-----END {label}-----\n"


def _segment(claims: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")


def _jwt() -> str:
    header, payload = {"alg": "HS256", "typ": "JWT"}, {"sub": "wiki-sync", "iss": "wiki.internal", "iat": 1767225600}
    return f"{_segment(header)}.{_segment(payload)}.{_text(_URLSAFE, 43, 'jwt')}"


def _docker_config() -> str:
    pair = base64.b64encode(f"ci:{_text(_ALNUM, 24, 'docker')}".encode()).decode()
    return json.dumps({"auths": {"registry.wiki.internal": {"auth": pair}}})


INVENTED: dict[str, Callable[[], str]] = {
    # what stands in a person's own words
    "password": lambda: "k" + _text(_ALNUM, 18, "password") + "7!",
    "weak_password": lambda: "su" + "nflower" + "29",
    "apr1_hash": lambda: "$apr" + "1$" + _text(_ALNUM, 8, "salt") + "$" + _text(_ALNUM, 22, "apr1"),
    "bcrypt_hash": lambda: "$2" + "y$05$" + _text(_ALNUM, 53, "bcrypt"),
    "strong_bcrypt_hash": lambda: "$2" + "y$12$" + _text(_ALNUM, 53, "bcrypt"),
    "sha_hash": lambda: "{S" + "HA}" + _text(_BASE64, 27, "sha") + "=",
    "bootstrap_secret": lambda: _text(_LOWER, 16, "bootstrap"),
    "htpasswd": lambda: "admin:" + INVENTED["apr1_hash"]() + "\n",
    "mail_conf": lambda: "host = mail.internal\npassword = " + INVENTED["password"]() + "\n",
    "url_password": lambda: f"postgres://wiki:{_text(_ALNUM, 20, 'url')}@db.wiki.svc:5432/wiki",
    "redis_url": lambda: f"redis://:{_text(_ALNUM, 32, 'redis')}@cache.wiki.svc:6379/0",
    "docker_config": _docker_config,
    # keys
    "rsa_key": lambda: _pem("RSA " + "PRIVATE KEY", 1190),
    "pkcs8_key": lambda: _pem("PRIVATE" + " KEY", 1218),
    "ec_key": lambda: _pem("EC " + "PRIVATE KEY", 121),
    "ed25519_key": lambda: _pem("PRIVATE" + " KEY", 48),
    "ssh_key": lambda: _pem("OPENSSH " + "PRIVATE KEY", 399),
    "pgp_key": lambda: _pem("PGP " + "PRIVATE KEY BLOCK", 700),
    "locked_key": lambda: _pem("ENCRYPTED " + "PRIVATE KEY", 1300),
    "certificate": lambda: _pem("CERTIFICATE", 900),
    "public_key": lambda: _pem("PUBLIC KEY", 294),
    # providers
    "age_key": lambda: "AGE-SECRET-" + "KEY-1" + _text(_BECH32, 58, "age"),
    "aws_key_id": lambda: "AK" + "IA" + _text(_UPPER, 16, "aws"),
    "aws_secret": lambda: _text(_BASE64, 40, "aws-secret"),
    "github_token": lambda: "gh" + "p_" + _text(_ALNUM, 36, "github"),
    "github_fine_grained": lambda: "github_" + "pat_" + _text(_ALNUM, 82, "github-pat"),
    "gitlab_token": lambda: "gl" + "pat-" + _text(_URLSAFE, 19, "gitlab") + "x",
    "slack_token": lambda: "xo" + "xb-" + _text(string.digits, 12, "slack") + "-" + _text(_LOWER, 24, "slack"),
    "slack_webhook": lambda: (
        "https://hooks."
        + "slack.com/services/T"
        + _text(_UPPER, 8, "s1")
        + "/B"
        + _text(_UPPER, 8, "s2")
        + "/"
        + _text(_ALNUM, 24, "s3")
    ),
    "discord_webhook": lambda: (
        "https://discord" + ".com/api/webhooks/" + "9" + _text(string.digits, 18, "d") + "/" + _text(_URLSAFE, 68, "d")
    ),
    "discord_bot": lambda: (
        "M" + _text(_ALNUM, 23, "bot") + "." + _text(_ALNUM, 6, "bot") + "." + _text(_ALNUM, 27, "bot")
    ),
    "stripe_key": lambda: "sk_" + "live_" + _text(_ALNUM, 24, "stripe"),
    "sendgrid_key": lambda: "SG" + "." + _text(_URLSAFE, 22, "sg") + "." + _text(_URLSAFE, 43, "sg"),
    "mailchimp_key": lambda: _text(_HEX, 32, "mailchimp") + "-us" + "17",
    "telegram_bot": lambda: "5" + _text(string.digits, 9, "telegram") + ":" + _text(_ALNUM, 35, "telegram"),
    "twilio_key": lambda: "S" + "K" + _text(_HEX, 32, "twilio"),
    "pypi_token": lambda: "pypi-" + "AgEIcHlwaS5vcmc" + _text(_URLSAFE, 90, "pypi"),
    "npm_token": lambda: "np" + "m_" + _text(_ALNUM, 36, "npm"),
    "openai_key": lambda: "s" + "k-" + _text(_ALNUM, 20, "o1") + "T3Blbk" + "FJ" + _text(_ALNUM, 20, "o2"),
    "anthropic_key": lambda: "sk-" + "ant-api03-" + _text(_URLSAFE, 93, "anthropic") + "AA",
    "huggingface_token": lambda: "h" + "f_" + _text(string.ascii_letters, 34, "hf"),
    "azure_storage": lambda: "AccountName=wiki;Account" + "Key=" + _text(_BASE64, 86, "azure") + "==",
    "square_secret": lambda: "sq0" + "csp-" + _text(_URLSAFE, 43, "square"),
    "vault_token": lambda: "hv" + "s." + _text(_URLSAFE, 95, "vault"),
    "grafana_token": lambda: "gl" + "sa_" + _text(_ALNUM, 32, "glsa") + "_" + _text(_HEX, 8, "glsa"),
    "digitalocean_token": lambda: "do" + "p_v1_" + _text(_HEX, 64, "do"),
    "tailscale_key": lambda: "ts" + "key-auth-" + _text(_ALNUM, 12, "ts") + "CNTRL-" + _text(_ALNUM, 32, "ts"),
    "docker_hub_token": lambda: "dc" + "kr_pat_" + _text(_URLSAFE, 27, "dckr"),
    "k3s_token": lambda: "K" + "10" + _text(_HEX, 64, "k3s") + "::" + "server:" + _text(_HEX, 32, "k3s-server"),
    "wireguard_key": lambda: "Private" + "Key = " + _text(_BASE64, 43, "wg") + "=",
    "openshift_token": lambda: "sha" + "256~" + _text(_URLSAFE, 43, "openshift"),
    "sonar_token": lambda: "sq" + "u_" + _text(_HEX, 40, "sonar"),
    "google_api_key": lambda: "AI" + "za" + _text(_ALNUM, 35, "google"),
    "sentry_token": lambda: "sntr" + "yu_" + _text(_HEX, 64, "sentry"),
    "databricks_token": lambda: "da" + "pi" + _text(_HEX, 32, "databricks"),
    "linear_key": lambda: "lin_" + "api_" + _text(_ALNUM, 40, "linear"),
    "jwt": _jwt,
    # what only looks like a credential, to people and to scanners
    "aws_documented": lambda: "AK" + "IAIOSFODNN7EXAMPLE",
    "github_masked": lambda: "gh" + "p_" + "x" * 36,
    "github_alphabet": lambda: "gh" + "p_" + string.ascii_lowercase + string.digits,
    "slack_documented": lambda: "https://hooks." + "slack.com/services/T00000000/B00000000/" + "X" * 24,
    "jwt_tutorial": lambda: ".".join(
        (_segment({"alg": "HS256"}), _segment({"sub": "1234567890"}), _text(_URLSAFE, 43, "tutorial"))
    ),
    "jwt_without_algorithm": lambda: ".".join((_segment({"a": 1}), _segment({"b": 2}), _text(_URLSAFE, 43, "none"))),
    "pem_begin": lambda: "-----BEGIN " + "RSA " + "PRIVATE KEY-----",
    "pem_end": lambda: "-----END " + "RSA " + "PRIVATE KEY-----",
    "url_vendor_default": lambda: "amqp://" + "guest:guest" + "@rabbitmq.wiki.svc:5672/",
    "url_repeated_user": lambda: "amqp://" + "wiki-worker:wiki-worker" + "@rabbitmq.wiki.svc:5672/",
    "url_placeholder": lambda: "mysql://" + "user:password" + "@localhost:3306/wiki",
    "url_masked": lambda: "https://" + "wiki:***" + "@git.example.org/wiki.git",
    "url_documentation": lambda: "https://" + "ana:" + _text(_ALNUM, 12, "docs") + "@git.example.com/wiki.git",
}


def invented(name: str, *, encoded: bool = False) -> str:
    """The value called `name`, as base64 where asked for."""
    value = INVENTED[name]()
    return base64.b64encode(value.encode()).decode() if encoded else value


def substitute(text: str) -> str:
    """`text` with its placeholders replaced. Later lines of a value get the indentation of its line."""
    return "\n".join(map(_filled, text.split("\n")))


def _filled(line: str) -> str:
    return _PLACEHOLDER.sub(lambda match: _placed(match, line), line)


def _placed(match: re.Match[str], line: str) -> str:
    indentation = line[: len(line) - len(line.lstrip())]
    value = invented(match.group(1), encoded=bool(match.group(2)))
    return value.rstrip("\n").replace("\n", f"\n{indentation}")
