"""What counts as a credential, what does not, and what it costs to tell."""

import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from invented import INVENTED, invented, substitute

from kubelint_rules.secrets.credentials import Family, credentials_in
from kubelint_rules.secrets.detectors import DETECTORS, Detector
from kubelint_rules.secrets.encodings import decode_base64, decode_text, is_encrypted, registry_passwords
from kubelint_rules.secrets.hints import may_hold_credential
from kubelint_rules.secrets.plausibility import is_plausible, names_identity, names_secret
from kubelint_rules.secrets.providers import PROVIDERS
from kubelint_rules.secrets.tokens import find_tokens

PROVEN = {
    Family.PRIVATE_KEY: {
        "rsa_key": "RSA",
        "pkcs8_key": "PKCS #8",
        "ec_key": "EC",
        "ed25519_key": "PKCS #8",
        "ssh_key": "OpenSSH",
        "pgp_key": "PGP",
        "locked_key": "PKCS #8, under a passphrase",
    },
    Family.PROVIDER_TOKEN: {
        "age_key": "age secret key",
        "anthropic_key": "Anthropic API key",
        "aws_key_id": "AWS access key",
        "azure_storage": "Azure storage account key",
        "databricks_token": "Databricks token",
        "digitalocean_token": "DigitalOcean token",
        "discord_bot": "Discord bot token",
        "discord_webhook": "Discord webhook",
        "docker_hub_token": "Docker Hub token",
        "github_fine_grained": "GitHub fine-grained token",
        "github_token": "GitHub token",
        "gitlab_token": "GitLab token",
        "google_api_key": "Google API key",
        "grafana_token": "Grafana service account token",
        "huggingface_token": "Hugging Face token",
        "jwt": "JSON Web Token",
        "k3s_token": "k3s server token",
        "linear_key": "Linear API key",
        "mailchimp_key": "Mailchimp API key",
        "npm_token": "npm token",
        "openai_key": "OpenAI API key",
        "openshift_token": "OpenShift token",
        "pypi_token": "PyPI token",
        "sendgrid_key": "SendGrid API key",
        "sentry_token": "Sentry token",
        "slack_token": "Slack token",
        "slack_webhook": "Slack token",
        "sonar_token": "SonarQube token",
        "square_secret": "Square OAuth secret",
        "stripe_key": "Stripe secret key",
        "tailscale_key": "Tailscale key",
        "telegram_bot": "Telegram bot token",
        "twilio_key": "Twilio API key",
        "vault_token": "Vault token",
        "wireguard_key": "WireGuard private key",
    },
    Family.URL_PASSWORD: {"url_password": "password in a `postgres` URL", "redis_url": "password in a `redis` URL"},
}
CASES = [(family, name, kind) for family, names in PROVEN.items() for name, kind in names.items()]
SURROUNDINGS = [
    "{}",
    "key = {}",
    '"token": "{}",',
    "--token={}",
    "a: 1\nb: {}\nc: ${{VAR}}\n",
    "x" * 5000 + "\n{}\n" + "y" * 5000,
]


@pytest.mark.parametrize("surrounding", SURROUNDINGS, ids=range(len(SURROUNDINGS)))
@pytest.mark.parametrize(("family", "name", "kind"), CASES)
def test_finds_every_kind_wherever_it_stands(family: Family, name: str, kind: str, surrounding: str) -> None:
    text = surrounding.format(invented(name))
    assert may_hold_credential(text)
    assert [(found.family, found.kind) for found in credentials_in(text)] == [(family, kind)]


@pytest.mark.parametrize("name", PROVEN[Family.PRIVATE_KEY])
def test_finds_private_keys_in_base64(name: str) -> None:
    assert [found.family for found in credentials_in(f"key: {invented(name, encoded=True)}")] == [Family.PRIVATE_KEY]


@pytest.mark.parametrize("name", PROVEN[Family.PRIVATE_KEY])
def test_finds_private_keys_in_wrapped_base64(name: str) -> None:
    encoded = invented(name, encoded=True)
    wrapped = "\n  ".join(encoded[start : start + 76] for start in range(0, len(encoded), 76))
    assert [found.family for found in credentials_in(f"key: |\n  {wrapped}\nother: text")] == [Family.PRIVATE_KEY]


@pytest.mark.parametrize("host", ["db", "db.wiki.svc:5432", "[fd00::10]", "${HOST}", "{{ .Values.host }}", "$(HOST)"])
def test_finds_passwords_before_any_host(host: str) -> None:
    url = invented("url_password").rpartition("@")[0]
    assert [found.family for found in credentials_in(f"{url}@{host}/wiki")] == [Family.URL_PASSWORD]


def test_a_token_inside_a_url_is_one_credential() -> None:
    found = credentials_in(f"https://wiki:{invented('github_token')}@git.example.net/wiki.git")
    assert [credential.kind for credential in found] == ["GitHub token"]


def test_several_credentials_of_one_text_are_all_found() -> None:
    text = "\n".join(invented(name) for name in ("url_password", "github_token", "rsa_key", "jwt"))
    assert [found.family for found in credentials_in(text)] == [
        Family.PRIVATE_KEY,
        Family.PROVIDER_TOKEN,
        Family.PROVIDER_TOKEN,
        Family.URL_PASSWORD,
    ]


@pytest.mark.parametrize(
    "text",
    [
        invented("certificate"),
        invented("public_key"),
        substitute("<invented:pem_begin>\n...\n<invented:pem_end>"),
        substitute("<invented:pem_begin>\nMIIEvQIBADANBgkq...\n<invented:pem_end>"),
        substitute("<invented:pem_begin>\n{{ .Values.key }}\n<invented:pem_end>"),
        "-----BEGIN PGP MESSAGE-----\n" + invented("aws_secret") * 4,
        "-----BEGIN AGE ENCRYPTED FILE-----\n" + invented("aws_secret") * 4,
        "$ANSIBLE_VAULT;1.1;AES256\n" + invented("github_token"),
        "ENC[AES256_GCM,data:" + invented("github_token") + "]",
        invented("aws_documented"),
        invented("github_masked"),
        invented("github_alphabet"),
        "glpat-" + "your-token-goes-here1",
        invented("slack_documented"),
        invented("jwt_tutorial"),
        invented("jwt_without_algorithm"),
        "age1qz7m0k3v5x9w2s4d6f8g0h2j4k6l8z0x2c4v6b8n0m2q4w6e8r0tyu5p7a",
        "AC" + "9f86d081884c7d659a2feaa0c55ad015",
        "registry.example.org/wiki@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "sha256-n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
        "3f786850e387550fdab836ed7e6dc881de23001b",
        "postgres://wiki:$(PASSWORD)@db:5432/wiki",
        "postgres://wiki:${PASSWORD}@db:5432/wiki",
        "postgres://wiki:%(password)s@db:5432/wiki",
        invented("url_placeholder"),
        invented("url_vendor_default"),
        invented("url_repeated_user"),
        invented("url_masked"),
        invented("url_documentation"),
        "ssh://git@git.example.net:2222/wiki.git",
        "https://wiki.example.net:8443/@ana",
        "server: https://[fd00::10]:6443",
    ],
)
def test_public_broken_and_encrypted_text_holds_no_credential(text: str) -> None:
    assert credentials_in(text) == ()


PLAUSIBLE = [
    invented("password"),
    invented("aws_secret"),
    "Tr0ub4dor&31",
    "vQ9-rW2-xE7",
    "S3cr3tSauce!x",
    "0f9c1d7a3b5e8c2d4f6a8b0c1d3e5f79",
    "d5e0708d403467017d4dd217178112b5",  # hexadecimal, with less entropy than many a name
]
IMPLAUSIBLE = [
    *(
        "",
        "abc",
        "hunter",
        "password",
        "Password1",
        "admin",
        "changeme",
        "CHANGE_ME",
        "change-it-now",
        "none",
        "null",
        "true",
    ),
    *(
        "xxxxxxxx",
        "********",
        "...",
        "<password>",
        "<< token >>",
        "{PASSWORD}",
        "your-token",
        "REPLACE_ME",
        "insert-here",
        "TODO",
    ),
    *("example-password", "dummy", "redacted", "[a password]", "12345678", "aaaaaaaa", "token-goes-here"),
    *(
        "${PASSWORD}",
        "$(PASSWORD)",
        "$PASSWORD",
        "{{ .password }}",
        "{% password %}",
        "#{password}",
        "%(password)s",
        "__TOKEN__",
    ),
    *(
        "<path:kv/wiki#password>",
        "op://homelab/wiki/password",
        "vault:secret/data/wiki#token",
        "ref+vault://wiki#/token",
    ),
    *("arn:aws:secretsmanager:eu-central-1:111122223333:secret:wiki", "projects/wiki/secrets/token", "env:WIKI_TOKEN"),
    *("file:/run/secrets/token", "$__file{/etc/secrets/token}", "$__env{TOKEN}", "!secret wiki_token", "@WIKI_TOKEN@"),
    *("wiki-backup-credentials", "wiki-tls-2026", "longhorn-system", "kube-prometheus-stack", "letsencrypt-production"),
    *(
        "WIKI_DATABASE_PASSWORD",
        "/run/secrets/wiki/token",
        "./secrets/key.pem",
        "~/.ssh/id_ed25519",
        "https://wiki.example.net/login",
    ),
    *(
        "wiki.example.net",
        "db.wiki.svc.cluster.local:5432",
        "10.20.0.10",
        "10.20.0.0/16",
        "ana@example.net",
        "8443",
        "1.33.4",
        "15m",
    ),
    *("registry.example.net/wiki:2.4.1", "2026-05-02T08:11:40Z", "6c1b2d8e-4f3a-4b5c-8d7e-9f0a1b2c3d4e"),
    *("@@WIKI_TOKEN@@", "((wiki/token1))", "$webhook.github.secret", "mysql-root-password-secret1"),
    *("@Microsoft.KeyVault(SecretUri=https://wiki.vault.azure.net/secrets/db1/)", "managed-by-eso-for-wiki1"),
    *("please enter your password", "SuperSecret", "HttpCookieAuth", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB"),
    *("$2y$05$J7n0Z2G4sH6hM9xP1qR3tOV5wX7yZ", "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "$argon2id$v=19$m=65536$c2FsdA"),
    *(
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "sha256-n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0=",
    ),
]


@pytest.mark.parametrize("value", PLAUSIBLE)
def test_plausible_values(value: str) -> None:
    assert is_plausible(value)
    assert is_plausible(value, certain_place=True)


@pytest.mark.parametrize("value", IMPLAUSIBLE)
def test_implausible_values(value: str) -> None:
    assert not is_plausible(value)


@pytest.mark.parametrize("value", ["sunflower29", "wiki-pass-42", "Sunflower", "hunter22x"])
def test_a_word_counts_only_where_the_place_is_certain(value: str) -> None:
    assert is_plausible(value, certain_place=True)
    assert not is_plausible(value)


@pytest.mark.parametrize(
    "key",
    [
        *(
            "password",
            "dbPassword",
            "POSTGRES_PASSWORD",
            "PGPASSWORD",
            "root-password",
            "passphrase",
            "SMTP_PASS",
            "token",
        ),
        *(
            "GITHUB_TOKEN",
            "githubToken",
            "api_key",
            "apiKey",
            "API-KEY",
            "AWS_SECRET_ACCESS_KEY",
            "SECRET_KEY",
            "client_secret",
        ),
        *("clientSecret", "encryption_key", "private-key", "TOKEN_2", "session.secret"),
    ],
)
def test_keys_of_credentials(key: str) -> None:
    assert names_secret(key)
    assert not names_identity(key)


@pytest.mark.parametrize(
    "key",
    [
        *(
            "secretName",
            "existingSecret",
            "tokenRef",
            "password_file",
            "PASSWORD_PATH",
            "secretKey",
            "remoteRef",
            "token_ttl",
        ),
        *(
            "tokenType",
            "passwordPolicy",
            "token-url",
            "password_length",
            "auth_header",
            "public_key",
            "publicKey",
            "monkey",
        ),
        *(
            "keyboard",
            "bypass",
            "ENABLE_TOKEN",
            "use_password",
            "maxTokens",
            "user",
            "AWS_ACCESS_KEY_ID",
            "token_issuer",
        ),
    ],
)
def test_keys_that_only_sound_like_credentials(key: str) -> None:
    assert not names_secret(key)


@pytest.mark.parametrize(
    "key", ["username", "user", "host", "PGHOST", "DB_PORT", "S3_REGION", "email", "tls.crt", "ca.crt", "url"]
)
def test_keys_of_who_and_where(key: str) -> None:
    assert names_identity(key) or key == "PGHOST"


def test_base64_is_strict_and_bounded() -> None:
    assert decode_base64("d2lr\naQ==") == b"wiki"
    assert decode_text("d2lraQ==") == "wiki"
    for broken in ("d2lraQ", "d2lr*Q==", "d2lr_Q==", "=", "d2lr\x00"):
        assert decode_base64(broken) is None
    assert decode_text("/////w==") is None


def test_registry_passwords_of_both_formats() -> None:
    config = INVENTED["docker_config"]()
    assert len(list(registry_passwords(config))) == 1
    assert list(registry_passwords('{"quay.io": {"username": "ci", "password": "p"}}')) == ["p"]
    for broken in ("", "[]", "{", '{"auths": 3}', '{"auths": {"a": 1}}', '{"auths": {"a": {"auth": "!"}}}'):
        assert list(registry_passwords(broken)) == []


def test_each_credential_is_found_with_its_line() -> None:
    names = ("github_token", "rsa_key", "redis_url", "jwt", "github_token")
    text = "".join(f"# {name}\n{invented(name)}\n" for name in names)
    lines = text.split("\n")
    expected = sorted(number + 2 for number, line in enumerate(lines) if line.startswith("# "))
    assert sorted(found.line for found in credentials_in(text)) == expected


def test_ciphertext() -> None:
    assert is_encrypted("ENC[AES256_GCM,data:x]")
    assert not is_encrypted("password")


def test_placeholders_keep_indentation_and_encode() -> None:
    filled = substitute("data:\n  key: |\n    <invented:rsa_key>\n  b64: <invented:rsa_key:base64>")
    assert all(line.startswith("    ") for line in filled.split("\n")[2:-1])
    assert decode_text(filled.rpartition(" ")[2]) == INVENTED["rsa_key"]()


def patterns() -> list[tuple[Detector, st.SearchStrategy[str]]]:
    return [(each, st.from_regex(pattern)) for each in DETECTORS for pattern in each.load().denylist]


@pytest.mark.parametrize(("detector", "texts"), patterns(), ids=lambda value: getattr(value, "kind", ""))
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_trigger_loses_no_match(detector: Detector, texts: st.SearchStrategy[str], data: st.DataObject) -> None:
    text = data.draw(st.text(max_size=20)) + data.draw(texts) + data.draw(st.text(max_size=20))
    if any(detector.load().analyze_string(text)):
        assert detector.trigger(text)
        assert may_hold_credential(text)


@settings(max_examples=60, deadline=None)
@given(
    before=st.integers(0, 6000), after=st.integers(0, 6000), name=st.sampled_from(sorted(PROVEN[Family.PROVIDER_TOKEN]))
)
def test_a_token_is_found_at_any_offset_of_a_long_text(before: int, after: int, name: str) -> None:
    assert find_tokens("." * before + " " + invented(name) + " " + "." * after)


@pytest.mark.parametrize(
    "unit",
    [
        *("eyJ", "eyJ.", "://a:", "a://", "//x/:_authToken=", "0:", "a.", "1234567890:", "password=", "aws key '"),
        *("LS0tLS1CRUdJTi", "LS0tLS1CRUdJTi ", "sk-T3BlbkFJ", "xoxb-1-", "AKIA", "SG.", "K10", "PrivateKey = "),
        *(invented("pem_begin"), "PuTTY-User-Key-File-2:Private-Lines:"),
        *(literal for row in PROVIDERS for literal in row.literals),
    ],
)
def test_no_text_takes_for_ever(unit: str) -> None:
    text = unit * (200_000 // len(unit))  # a pattern that tries every split would still run tomorrow
    credentials_in(text)
    is_plausible(text[:4096])


def test_harmless_text_imports_no_detector() -> None:
    program = (
        "import sys, kubelint_rules.secrets.private_key, kubelint_rules.secrets.provider_token\n"
        "from kubelint_rules.secrets.credentials import credentials_in\n"
        "assert not credentials_in('image: registry.example.net/wiki:2.4.1 # first. eyJ SG. K00:: A3-A AC SK')\n"
        "assert not {'detect_secrets', 'requests'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env={"PYTHONPATH": ":".join(sys.path)})


def test_nothing_is_verified_over_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    from detect_secrets.plugins.base import BasePlugin

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a detector tried to verify")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(BasePlugin, "analyze_line", refuse)
    monkeypatch.setattr(BasePlugin, "verify", refuse)
    for name in INVENTED:
        find_tokens(INVENTED[name]() + " again")
