"""Detectors as plugins of detect-secrets, what makes them run, and what they can cost."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from invented import INVENTED, substitute
from linting import FIXTURES
from pattern_risks import BOUND, risks
from recall.kinds import KINDS

from kubelint_rules.secrets import providers
from kubelint_rules.secrets.detectors import DETECTORS, Detector, triggered
from kubelint_rules.secrets.pairs import (
    PAIR_DETECTORS,
    NamedCredential,
    PairDetector,
    assignment,
    kind_of,
    named_credential,
    provider_of,
    says_secret,
)
from kubelint_rules.secrets.plausibility import is_random, names_reference
from kubelint_rules.secrets.providers import KEYED, PROVIDERS, Keyed, class_name, plugin_class

PLUGINS = Path(providers.__file__)
ROWS: list[providers.Provider | Keyed] = [*PROVIDERS, *KEYED]
MADE = {kind.name: kind.make("detectors") for kind in KINDS if "\n" not in kind.make("detectors")}
OURS = [
    *("age secret key", "GitHub fine-grained token", "GitLab routable token", "npm token", "Docker Hub token"),
    *("DigitalOcean token", "Cloudflare tunnel token", "Vault token", "Pulumi token", "Tailscale key", "k3s token"),
    *("OpenShift token", "Rancher token", "Grafana token", "Sentry token", "New Relic key", "Terraform Cloud token"),
]


# As plugins


@pytest.fixture
def own_plugins() -> Iterator[None]:
    """detect-secrets remembers the plugins of the first settings that it saw in a process."""
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class as known

    known.cache_clear()
    yield
    known.cache_clear()


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    path = tmp_path / "values.yaml"
    keyed = f'DD_API_KEY: "{MADE["Datadog API key"]}"\nHCLOUD_TOKEN: "{MADE["Hetzner token"]}"\n'
    path.write_text("".join(f"{name}: {MADE[name]}\n" for name in OURS) + keyed)
    return path


@pytest.mark.usefixtures("own_plugins")
def test_detect_secrets_finds_with_this_file_alone(planted: Path) -> None:
    from detect_secrets import SecretsCollection
    from detect_secrets.settings import transient_settings

    plugins = [{"name": class_name(row), "path": f"file://{PLUGINS}"} for row in ROWS]
    with transient_settings({"plugins_used": plugins}):
        secrets = SecretsCollection()
        secrets.scan_file(str(planted))
    found = {(secret.line_number, secret.type) for _, secret in secrets}
    assert {line for line, _ in found} == set(range(1, len(OURS) + 3))
    assert (len(OURS) + 1, "Datadog API key, by its name") in found


def test_its_command_line_takes_the_file_without_this_package(planted: Path, tmp_path: Path) -> None:
    alone = tmp_path / "providers.py"
    alone.write_text(PLUGINS.read_text())
    program = "import sys; sys.modules['kubelint'] = sys.modules['kubelint_rules'] = None\n"
    program += "from detect_secrets.main import main; main(sys.argv[1:])"
    arguments = ["scan", "--all-files", "--no-verify", "-p", "providers.py", planted.name]
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.count('"type": "Tailscale key"') == 1
    assert "TailscaleKeyDetector" in done.stdout


@pytest.mark.usefixtures("own_plugins")
def test_names_are_those_of_no_other_plugin() -> None:
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

    known = get_mapping_from_secret_type_to_class().values()
    bundled = {
        plugin.secret_type: plugin.__name__ for plugin in known if plugin.__module__.startswith("detect_secrets")
    }
    types = [plugin_class(row).secret_type for row in ROWS]
    names = [class_name(row) for row in ROWS]
    assert len(set(types)) == len(set(names)) == len(ROWS)
    assert not {*types, *names} & {*bundled, *bundled.values()}
    assert all(name.isidentifier() for name in names)


def test_unknown_names_are_no_plugins() -> None:
    with pytest.raises(AttributeError):
        _ = providers.NoSuchDetector
    assert {"AgeSecretKeyDetector", "PROVIDERS"} <= set(dir(providers))


# What makes them run


def fixture_lines() -> list[str]:
    """Every line of the fixtures about secrets, and every credential of this suite."""
    folders = [path for path in (FIXTURES / "rules").iterdir() if "secret" in path.name or "token" in path.name]
    folders += [FIXTURES / "rules" / "private-key", FIXTURES / "rules" / "credentials-in-url"]
    folders.append(FIXTURES / "incidents" / "10-key-in-commit")
    files = [path for folder in folders for path in folder.rglob("*.y*ml")]
    lines = {line for path in files for line in substitute(path.read_text()).split("\n")}
    return sorted(lines | set(MADE.values()) | {make() for make in INVENTED.values()})


LINES = fixture_lines()


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda each: each.kind)
def test_a_trigger_loses_no_match_in_the_fixtures(detector: Detector) -> None:
    plugin = detector.load()
    found = [line for line in LINES if any(plugin.analyze_string(line))]
    assert [len(line) for line in found if not detector.trigger(line)] == []
    assert all(detector in triggered(line) for line in found)


@pytest.mark.parametrize("detector", PAIR_DETECTORS, ids=lambda each: each.row.kind)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_trigger_of_a_pair_loses_no_match(detector: PairDetector, data: st.DataObject) -> None:
    names = st.sampled_from([*detector.row.names, *(name.upper() for name in detector.row.names)])
    tails = st.sampled_from(["_API_KEY", "_TOKEN", "_SECRET", "ApiToken", "-password", "_secret_access_key", "_ID", ""])
    key = data.draw(st.sampled_from(["", "MY_", "wiki."])) + data.draw(names) + data.draw(tails)
    value = data.draw(st.from_regex(detector.row.value, fullmatch=True) | st.text(max_size=60))
    if value and value in detector.load().analyze_string(assignment(key, value)):
        assert detector.trigger(key, value)


@pytest.mark.parametrize("detector", PAIR_DETECTORS, ids=lambda each: each.row.kind)
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_every_pair_detector_finds_something(detector: PairDetector, data: st.DataObject) -> None:
    """A control of the test above: each plugin has a key under which it finds the values of its row."""
    tails = [
        "_API_KEY",
        "_TOKEN",
        "_SECRET",
        "_secret_key",
        "_password",
        "_hmac_secret_access_key",
        "s__com",
        "",
        "_key",
    ]
    value = data.draw(st.from_regex(re.compile(detector.row.value, re.ASCII), fullmatch=True))
    assert any(detector.finds(name + tail, value) for name in detector.row.names for tail in tails)


# Pairs


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("DB_PASSWORD", "Tr0ub4dor&31", NamedCredential("password", 12, proven=False)),
        ("DD_API_KEY", MADE["Datadog API key"], NamedCredential("Datadog API key", 32, proven=True)),
        ("SNYK_TOKEN", MADE["Snyk token"], NamedCredential("Snyk token", 36, proven=True)),
        ("SNYK_ORG_ID", MADE["Snyk token"], None),
        ("HEROKU_API_KEY", MADE["Snyk token"], NamedCredential("Heroku API key", 36, proven=True)),
        ("cloudflareApiToken", MADE["Cloudflare API token"], NamedCredential("Cloudflare API key", 40, proven=True)),
        ("CF_ZONE", MADE["Cloudflare API token"], None),
        ("ibm_cloud_api_key", "k" + MADE["Hetzner token"][:43], NamedCredential("IBM Cloud IAM key", 44, proven=True)),
        ("api_key", "k" + MADE["Hetzner token"][:43], NamedCredential("key", 44, proven=False)),
        ("token", "q3x7ma.9f1kd83hs0al2m4p", NamedCredential("kubeadm bootstrap token", 23, proven=True)),
        ("PASSWORD_REPLICATION", MADE["generated password"], NamedCredential("password", 24, proven=False)),
        ("PASSWORD_REPLICATION", "replication-password", None),
        ("secretKey", MADE["generated password"] + "A1b2c3", NamedCredential("secret", 30, proven=False)),
        ("secretKey", "postgresPassword2Admin", None),
        ("DB_PASSWORD", 'say "k9#f2!x7Lq"', NamedCredential("password", 16, proven=False)),
        ("secretName", MADE["generated password"], None),
        ("password_file", MADE["generated password"], None),
        ("checksum/secret", MADE["DigitalOcean token"][7:], None),
        ("image_tag", MADE["Pulumi token"][4:], None),
        ("token", "prometheus-operator", None),
        ("DD_API_KEY", "0" * 32, None),
        ("DD_API_KEY", "${DD_API_KEY}", None),
        ("HEROKU_API_KEY", "00000000-0000-0000-0000-000000000000", None),
        ("TLS_KEY", "-----BEGIN CERTIFICATE-----", None),
        ("password", "ENC[AES256_GCM,data:" + "Tr0ub4dor&31" + "]", None),
        ("password", "", None),
        ("k" * 200 + "_password", "Tr0ub4dor&31", None),
    ],
)
def test_pairs(key: str, value: str, found: NamedCredential | None) -> None:
    assert named_credential(key, value) == found


def test_what_pairs_are_called() -> None:
    assert [kind_of(key) for key in ("DB_PASSWORD", "keyPassphrase", "API_TOKEN", "CLIENT_SECRET", "SSH_KEY", "x")] == [
        *("password", "passphrase", "token", "secret", "key", "literal value"),
    ]


@settings(max_examples=200, deadline=None)
@given(key=st.text(max_size=140), value=st.text(max_size=600))
def test_pairs_of_anything(key: str, value: str) -> None:
    found = named_credential(key, value)
    assert found is None or found.length == len(value.strip())
    assert not (provider_of(key, value) and names_reference(key))
    assert isinstance(says_secret(key, value) or is_random(value), bool)


# What they cost


@pytest.mark.parametrize("row", ROWS, ids=class_name)
def test_our_patterns_are_bounded(row: providers.Provider | Keyed) -> None:
    (pattern,) = plugin_class(row).denylist
    assert re._parser.parse(pattern.pattern).getwidth()[1] <= 1100  # type: ignore[attr-defined]
    assert risks(pattern) == []


BUNDLED_IN_WINDOWS = {"Slack token": "runs over 2048 characters at a time", "JSON Web Token": "runs over one token"}


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda each: each.kind)
def test_bundled_patterns_take_linear_time(detector: Detector) -> None:
    found = [risk for pattern in detector.load().denylist for risk in risks(pattern)]
    assert not found or detector.kind in BUNDLED_IN_WINDOWS
    assert not detector.pattern or risks(re.compile(detector.pattern)) == []


def test_bundled_pair_patterns_run_over_short_texts_only(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    for detector in PAIR_DETECTORS:
        monkeypatch.setattr(
            type(detector.load()), "analyze_string", lambda self, text, *rest: seen.append(len(text)) or iter(())
        )
    from detect_secrets.plugins.keyword import KeywordDetector

    monkeypatch.setattr(KeywordDetector, "analyze_string", lambda self, text, *rest: seen.append(len(text)) or iter(()))
    for value in (MADE["Hetzner token"] * 100, MADE["Hetzner token"], MADE["Datadog API key"]):
        for key in ("hcloud_token", "hcloud_token" * 40, "password_root", "dd_api_key"):
            named_credential(key, value)
    assert seen
    assert max(seen) < BOUND


@pytest.mark.parametrize(
    "module",
    ["encodings", "hints", "pairs", "plausibility", "private_keys", "tokens", "userinfo", "web_tokens"],
)
def test_other_patterns_take_linear_time(module: str) -> None:
    members = vars(importlib.import_module(f"kubelint_rules.secrets.{module}"))
    found = {name: risks(value) for name, value in members.items() if isinstance(value, re.Pattern)}
    assert {name: told for name, told in found.items() if told} == {}


@pytest.mark.parametrize(
    ("pattern", "slow"),
    [
        (r"(a+)+b", True),
        (r"(?:ab*)*c", True),
        (r"a+a+b", True),
        (r"\s*a\s*b", True),
        (r"//.+/:_authToken", True),
        (r"sk-[\w-]*\w{20}T3", True),
        (r"x[a-z]+\.", True),
        (r"a{1,20}a{1,20}b", False),
        (r"eyJ\w+$", True),
        (r"eyJ\w+", False),
        (r"(?:/[a-z]+)+", False),
        (r"\d{8,10}:\w{35}", False),
        (r"a*+b", False),
    ],
)
def test_slow_patterns_are_told_from_fast_ones(pattern: str, slow: bool) -> None:
    assert bool(risks(re.compile(pattern))) is slow
