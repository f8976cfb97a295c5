"""The credentials that are planted: made when asked for, valid in shape and, where there is one, in checksum."""

import base64
import hashlib
import hmac
import json
import random
import string
import uuid
import zlib
from collections.abc import Callable
from typing import NamedTuple

from recall import keys

_HEX = "0123456789abcdef"
_LOWER = string.ascii_lowercase + string.digits
_UPPER = string.ascii_uppercase + string.digits
_BASE32 = string.ascii_uppercase + "234567"
_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_URLSAFE = _BASE62 + "-_"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


class Kind(NamedTuple):
    """`make` gives a credential, another one for each seed; `key` is the name that people give it.

    `group` is "key" for private keys, "token" for what its form gives away, "named" for what needs its key, "password".
    """

    name: str
    group: str
    key: str
    make: Callable[[str], str]


def _text(alphabet: str, length: int, seed: str) -> str:
    while True:
        made = "".join(random.Random(seed).choices(alphabet, k=length))
        if length < 12 or not any(map(str.isdigit, alphabet)) or any(map(str.isdigit, made)):
            return made
        seed += "+"


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(size: int, seed: str) -> bytes:
    return random.Random(seed).randbytes(size)


def _based(number: int, digits: str, width: int) -> str:
    made = ""
    while number or len(made) < width:
        number, digit = divmod(number, len(digits))
        made = digits[digit] + made
    return made


def _checked(prefix: str, length: int, seed: str) -> str:
    """A token of GitHub's form: its last six characters are the CRC-32 of those before."""
    body = _text(_BASE62, length - 6, prefix + seed)
    return prefix + body + _based(zlib.crc32(body.encode()), _BASE62, 6)


def _github_fine_grained(seed: str) -> str:
    body = _text(_BASE62, 22, "fg1" + seed) + "_" + _text(_BASE62, 53, "fg2" + seed)
    return "github_" + "pat_" + body + _based(zlib.crc32(body.encode()), _BASE62, 6)


def _gitlab_routable(seed: str) -> str:
    payload = _url64(b"o:1\nu:" + _text(_LOWER, 3, seed).encode() + b"\n" + _bytes(16, "gitlab" + seed) + b"\x10")
    body = "gl" + "pat-" + payload + ".01." + _based(len(payload), string.digits + string.ascii_lowercase, 2)
    return body + _based(zlib.crc32(body.encode()), string.digits + string.ascii_lowercase, 7)


def _age(seed: str) -> str:
    """Bech32 (BIP 173) of 32 bytes, as age writes its identities."""
    prefix, bits = "age-secret-key-", int.from_bytes(_bytes(32, "age" + seed), "big") << 4
    data = [bits >> shift & 31 for shift in range(255, -1, -5)]
    expanded = [ord(char) >> 5 for char in prefix] + [0] + [ord(char) & 31 for char in prefix]
    check = _polymod([*expanded, *data, 0, 0, 0, 0, 0, 0]) ^ 1
    words = data + [check >> 5 * (5 - index) & 31 for index in range(6)]
    return (prefix + "1" + "".join(_BECH32[word] for word in words)).upper()


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> bit & 1 else 0
    return check


def _jwt(seed: str) -> str:
    claims = {"sub": "wiki-" + _text(_LOWER, 6, seed), "iss": "wiki.internal", "iat": 1767225600}
    signed = ".".join(_url64(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return f"{signed}.{_url64(hmac.digest(_bytes(32, seed), signed.encode(), 'sha256'))}"


def _discord(seed: str) -> str:
    account = base64.b64encode(("9" + _text(string.digits, 17, "discord" + seed)).encode()).decode()
    return f"{account}.G{_text(_BASE62, 5, 'd1' + seed)}.{_text(_URLSAFE, 27, 'd2' + seed)}"


def _grafana(seed: str) -> str:
    body = "gl" + "sa_" + _text(_BASE62, 32, "glsa" + seed)
    return f"{body}_{zlib.crc32(body.encode()):08x}"


def _k3s(seed: str) -> str:
    return f"K10{hashlib.sha256(seed.encode()).hexdigest()}::" + "server:" + _text(_HEX, 32, "k3s" + seed)


def _tunnel(seed: str) -> str:
    parts = {"a": _text(_HEX, 32, "a" + seed), "t": _uuid(seed), "s": base64.b64encode(_bytes(32, seed)).decode()}
    return base64.b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode()


def _onepassword(seed: str) -> str:
    parts = {
        "signInAddress": "wiki.1password.eu",
        "secretKey": _text(_UPPER, 30, seed),
        "muk": _text(_BASE62, 120, seed),
    }
    return "ops_" + _url64(json.dumps(parts).encode())


def _sentry(seed: str) -> str:
    about = {"iat": 1767225600.1, "url": "https://sentry.io", "region_url": "https://de.sentry.io", "org": "wiki"}
    return (
        "sntr" + "ys_" + base64.b64encode(json.dumps(about).encode()).decode() + "_" + _text(_BASE62 + "+/", 43, seed)
    )


def _uuid(seed: str) -> str:
    return str(uuid.UUID(int=random.Random("uuid" + seed).getrandbits(128), version=4))


def _wireguard(seed: str) -> str:
    scalar = bytearray(_bytes(32, "wg" + seed))
    scalar[0] &= 248
    scalar[31] = scalar[31] & 127 | 64
    return base64.b64encode(scalar).decode()


def _base64(size: int, seed: str) -> str:
    return base64.b64encode(_bytes(size, seed)).decode()


def _slack_hook(seed: str) -> str:
    where = "/".join(
        ("T" + _text(_UPPER, 10, "t" + seed), "B" + _text(_UPPER, 10, "b" + seed), _text(_BASE62, 24, seed))
    )
    return "https://hooks." + "slack.com/services/" + where


def _discord_hook(seed: str) -> str:
    return "https://discord" + ".com/api/webhooks/9" + _text(string.digits, 18, seed) + "/" + _text(_URLSAFE, 68, seed)


def _phrase(seed: str) -> str:
    """A password as people make it up under a policy."""
    source = random.Random("phrase" + seed)
    words = source.sample(["Harbour", "Walnut", "Kestrel", "Velvet", "Granite", "Juniper", "Cobalt", "Thistle"], 2)
    return f"{words[0]}{source.randrange(10, 99)}!{words[1]}{source.choice('#%+=')}{source.randrange(100, 999)}"


def _token(name: str, key: str, make: Callable[[str], str]) -> Kind:
    return Kind(name, "token", key, make)


def _named(name: str, key: str, make: Callable[[str], str]) -> Kind:
    return Kind(name, "named", key, make)


KINDS: tuple[Kind, ...] = (
    Kind("RSA key, PKCS #1", "key", "TLS_KEY", keys.rsa),
    Kind("RSA key, PKCS #8", "key", "PRIVATE_KEY", keys.rsa_pkcs8),
    Kind("EC key", "key", "JWT_SIGNING_KEY", keys.ec),
    Kind("Ed25519 key", "key", "SIGNING_KEY", keys.ed25519),
    Kind("OpenSSH key", "key", "SSH_PRIVATE_KEY", keys.openssh),
    Kind("PGP key", "key", "GPG_KEY", keys.pgp),
    _token("age secret key", "SOPS_AGE_KEY", _age),
    _token("GitHub token", "GITHUB_TOKEN", lambda seed: _checked("gh" + "p_", 36, seed)),
    _token("GitHub app token", "GH_APP_TOKEN", lambda seed: _checked("gh" + "s_", 36, seed)),
    _token("GitHub fine-grained token", "GH_TOKEN", _github_fine_grained),
    _token("GitLab token", "GITLAB_TOKEN", lambda seed: "gl" + "pat-" + _text(_URLSAFE, 19, "gl" + seed) + "x"),
    _token("GitLab routable token", "GITLAB_API_TOKEN", _gitlab_routable),
    _token("GitLab runner token", "RUNNER_TOKEN", lambda seed: "gl" + "rt-" + _text(_URLSAFE, 19, "rt" + seed) + "q"),
    _token("npm token", "NPM_TOKEN", lambda seed: _checked("np" + "m_", 36, seed)),
    _token("PyPI token", "PYPI_TOKEN", lambda seed: "pypi-" + "AgEIcHlwaS5vcmc" + _url64(_bytes(96, "pypi" + seed))),
    _token(
        "Docker Hub token", "DOCKERHUB_TOKEN", lambda seed: "dc" + "kr_pat_" + _text(_URLSAFE, 26, "dk" + seed) + "k"
    ),
    _token("AWS access key id", "AWS_ACCESS_KEY_ID", lambda seed: "AK" + "IA" + _text(_BASE32, 16, "aws" + seed)),
    _token(
        "Google API key", "GOOGLE_API_KEY", lambda seed: "AI" + "za" + "Sy" + _text(_URLSAFE, 32, "goog" + seed) + "w"
    ),
    _token("Azure storage connection", "AZURE_CONNECTION", lambda seed: "Account" + "Key=" + _base64(64, "az" + seed)),
    _token("Azure client secret", "AZURE_CLIENT_SECRET", lambda seed: "8mR8" + "Q~" + _text(_BASE62, 34, "azc" + seed)),
    _token("DigitalOcean token", "DO_TOKEN", lambda seed: "do" + "p_v1_" + _text(_HEX, 64, "do" + seed)),
    _token("Cloudflare tunnel token", "TUNNEL_TOKEN", _tunnel),
    _token("Backblaze key", "B2_APPLICATION_KEY", lambda seed: "K0" + "03" + _text(_BASE62, 27, "b2" + seed)),
    _token("Vault token", "VAULT_TOKEN", lambda seed: "hv" + "s.CAESI" + _url64(_bytes(66, "hv" + seed))),
    _token("Pulumi token", "PULUMI_ACCESS_TOKEN", lambda seed: "pu" + "l-" + _text(_HEX, 40, "pul" + seed)),
    _token("Doppler token", "DOPPLER_TOKEN", lambda seed: "dp" + ".st.prd." + _text(_BASE62, 43, "dp" + seed)),
    _token("1Password token", "OP_SERVICE_ACCOUNT_TOKEN", _onepassword),
    _token(
        "Tailscale key",
        "TS_AUTHKEY",
        lambda seed: "ts" + "key-auth-k" + _text(_BASE62, 10, "ts" + seed) + "CNTRL-" + _text(_BASE62, 32, seed),
    ),
    _token("k3s token", "K3S_TOKEN", _k3s),
    _token("OpenShift token", "OC_TOKEN", lambda seed: "sha" + "256~" + _text(_URLSAFE, 42, "oc" + seed) + "o"),
    _token(
        "Rancher token",
        "RANCHER_TOKEN",
        lambda seed: "tok" + "en-" + _text(_LOWER, 5, seed) + ":" + _text(_LOWER, 54, seed),
    ),
    _token("JSON Web Token", "API_JWT_TOKEN", _jwt),
    _token("Grafana token", "GRAFANA_TOKEN", _grafana),
    _token("Sentry token", "SENTRY_AUTH_TOKEN", _sentry),
    _token("New Relic key", "NEW_RELIC_API_KEY", lambda seed: "NR" + "AK-" + _text(_UPPER, 27, "nr" + seed)),
    _token(
        "Slack bot token",
        "SLACK_TOKEN",
        lambda seed: (
            "xo"
            + "xb-"
            + _text(string.digits[1:], 12, seed)
            + "-"
            + _text(string.digits[1:], 13, "s" + seed)
            + "-"
            + _text(_BASE62, 24, seed)
        ),
    ),
    _token("Slack webhook", "SLACK_WEBHOOK_SECRET", _slack_hook),
    _token("Discord webhook", "DISCORD_WEBHOOK_SECRET", _discord_hook),
    _token("Discord bot token", "DISCORD_TOKEN", _discord),
    _token(
        "Telegram bot token",
        "TELEGRAM_TOKEN",
        lambda seed: "7" + _text(string.digits[1:], 9, seed) + ":AA" + _text(_URLSAFE, 32, "tg" + seed) + "x",
    ),
    _token(
        "SendGrid key",
        "SENDGRID_API_KEY",
        lambda seed: "S" + "G." + _text(_URLSAFE, 22, "sg" + seed) + "." + _text(_URLSAFE, 42, seed) + "s",
    ),
    _token("Mailchimp key", "MAILCHIMP_API_KEY", lambda seed: _text(_HEX, 32, "mc" + seed) + "-us" + "14"),
    _token("Stripe key", "STRIPE_SECRET_KEY", lambda seed: "sk_" + "live_" + _text(_BASE62, 24, "st" + seed)),
    _token("Twilio API key", "TWILIO_API_KEY", lambda seed: "S" + "K" + _text(_HEX, 32, "tw" + seed)),
    _token(
        "OpenAI key",
        "OPENAI_API_KEY",
        lambda seed: (
            "sk-" + "proj-" + _text(_URLSAFE, 73, "oa" + seed) + "aT3Blbk" + "FJ" + _text(_URLSAFE, 73, seed) + "A"
        ),
    ),
    _token(
        "Anthropic key",
        "ANTHROPIC_API_KEY",
        lambda seed: "sk-" + "ant-api03-" + _text(_URLSAFE, 93, "an" + seed) + "AA",
    ),
    _token("Hugging Face token", "HF_TOKEN", lambda seed: "h" + "f_" + _text(string.ascii_letters, 34, "hf" + seed)),
    _token("Databricks token", "DATABRICKS_TOKEN", lambda seed: "da" + "pi" + _text(_HEX, 32, "db" + seed)),
    _token(
        "Terraform Cloud token",
        "TFE_TOKEN",
        lambda seed: _text(_BASE62, 14, "tf" + seed) + ".atlas" + "v1." + _text(_BASE62, 67, seed),
    ),
    _named("AWS secret access key", "AWS_SECRET_ACCESS_KEY", lambda seed: _text(_BASE62 + "+/", 40, "awss" + seed)),
    _named("Datadog API key", "DD_API_KEY", lambda seed: _text(_HEX, 32, "dd" + seed)),
    _named("Cloudflare API token", "CLOUDFLARE_API_TOKEN", lambda seed: _text(_URLSAFE, 39, "cf" + seed) + "f"),
    _named("Hetzner token", "HCLOUD_TOKEN", lambda seed: _text(_BASE62, 64, "hc" + seed)),
    _named("Okta token", "OKTA_API_TOKEN", lambda seed: "00" + _text(_URLSAFE, 39, "ok" + seed) + "k"),
    _named("Snyk token", "SNYK_TOKEN", _uuid),
    _named("WireGuard key", "WIREGUARD_PRIVATE_KEY", _wireguard),
    _named("generated password", "DB_PASSWORD", lambda seed: _text(_BASE62 + "!%*+=", 24, "pw" + seed)),
    _named("password as people make it", "ADMIN_PASSWORD", _phrase),
    Kind(
        "password in a URL",
        "password",
        "DATABASE_URL_SECRET",
        lambda seed: "postgres://wiki:" + _text(_BASE62, 20, "url" + seed) + "@db.wiki.svc:5432/wiki",
    ),
)
