"""The rules over their fixtures: one credential, one finding, and no word of it."""

import base64
from collections import Counter
from pathlib import Path

import pytest
from invented import INVENTED, substitute

from kubelint.checks import Finding, Registry, Rule
from kubelint.checks.registry import RuleEntry
from kubelint.engine.linter import Input, Linter
from kubelint.engine.report import Report
from kubelint.sources import read_documents
from kubelint_rules.secrets.credentials_in_url import CredentialsInUrl
from kubelint_rules.secrets.last_applied_secret import LastAppliedSecret
from kubelint_rules.secrets.plaintext_secret import PlaintextSecret
from kubelint_rules.secrets.private_key import PrivateKeyInManifest
from kubelint_rules.secrets.provider_token import ProviderToken
from kubelint_rules.secrets.secret_data_not_base64 import SecretDataNotBase64
from kubelint_rules.secrets.secret_in_args import SecretInArgs
from kubelint_rules.secrets.secret_in_configmap import SecretInConfigMap
from kubelint_rules.secrets.secret_in_env import SecretInEnv
from kubelint_rules.secrets.secret_in_helm_values import SecretInHelmValues
from kubelint_rules.secrets.weak_password_hash import WeakPasswordHash

RULES: list[type[Rule]] = [PrivateKeyInManifest, ProviderToken, CredentialsInUrl, PlaintextSecret, SecretInEnv]
OTHERS: list[type[Rule]] = [
    SecretInArgs, SecretInConfigMap, SecretInHelmValues, LastAppliedSecret, SecretDataNotBase64, WeakPasswordHash,
]  # fmt: skip
FIXTURES = Path(__file__).parent.parent / "fixtures"


def lint(files: dict[str, str]) -> Report:
    return Linter(Registry(map(RuleEntry.of, [*RULES, *OTHERS]))).run(
        Input([read_documents(path, substitute(text)) for path, text in files.items()])
    )


def tree(root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): path.read_text() for path in sorted(root.rglob("*.y*ml"))}


def rules_of(text: str, path: str = "app.yaml") -> list[str]:
    return [finding.meta.id for finding in lint({path: text}).findings]


SECRET = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: wiki\nstringData:\n  {}: {}\n"
ENV = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: wiki\nspec:\n  containers:\n    - name: wiki\n      image: wiki\n"
    "      env:\n        - name: {}\n          value: {}\n"
)


@pytest.mark.parametrize("rule", [*RULES, *OTHERS], ids=lambda rule: rule.meta.id)
def test_bad_fixtures_raise_only_their_rule(rule: type[Rule]) -> None:
    found = Counter(finding.meta.id for finding in lint(tree(FIXTURES / "rules" / rule.meta.id / "bad")).findings)
    assert list(found) == [rule.meta.id]


@pytest.mark.parametrize("rule", [*RULES, *OTHERS], ids=lambda rule: rule.meta.id)
def test_good_fixtures_are_silent(rule: type[Rule]) -> None:
    assert lint(tree(FIXTURES / "rules" / rule.meta.id / "good")).findings == []


def revealing_pieces() -> set[str]:
    """Every run of five characters of every invented credential, in clear and in base64, that is no English."""
    hidden: set[str] = set()
    for name, make in INVENTED.items():
        value = make()
        if name.endswith("url") or name == "url_password":
            value = value.partition("://")[2].partition(":")[2].partition("@")[0]
        if "BEGIN" in value:
            value = value.partition("-----\n")[2].partition("-----")[0]
        for text in (value, base64.b64encode(value.encode()).decode()):
            hidden |= {text[start : start + 5] for start in range(len(text) - 4)}
    return {piece for piece in hidden if not piece.isalpha() and piece.isalnum()}


@pytest.mark.parametrize("rule", [*RULES, *OTHERS], ids=lambda rule: rule.meta.id)
def test_no_part_of_a_value_is_in_a_finding(rule: type[Rule]) -> None:
    hidden = revealing_pieces()
    for finding in lint(tree(FIXTURES / "rules" / rule.meta.id / "bad")).findings:
        words = " ".join(
            [finding.message, finding.help_text, finding.note, *(f.title for f in finding.fixes)]
            + [related.text for related in finding.related]
        )
        public = {words[start : start + 5] for start in range(len(words) - 4)}
        assert not public & hidden


def test_findings_themselves_carry_no_value() -> None:
    hidden = INVENTED["github_token"]()
    source = read_documents("app.yaml", f"token: {hidden}\n")
    from kubelint.manifests import Document, Project

    findings: list[Finding] = list(ProviderToken().check(Project([Document(source.documents[0])])))
    assert findings
    assert hidden[4:] not in repr(findings)
    assert hidden[4:] not in str(findings)


@pytest.mark.parametrize(
    ("key", "value", "rules"),
    [
        (
            "tls.key",
            '"<invented:pem_begin> <invented:aws_secret><invented:aws_secret> -----END"',
            ["private-key"],
        ),
        ("password", "<invented:github_token>", ["provider-token"]),
        ("password", "<invented:url_password>", ["credentials-in-url"]),
        ("password", "<invented:password>", ["plaintext-secret"]),
        ("uri", "https://wiki:<invented:github_token>@git.example.net/wiki.git", ["provider-token"]),
        ("username", "wiki", []),
    ],
)
def test_one_credential_of_a_secret_is_one_finding(key: str, value: str, rules: list[str]) -> None:
    assert rules_of(SECRET.format(key, value)) == rules


@pytest.mark.parametrize(
    ("name", "value", "rules"),
    [
        ("API_TOKEN", "<invented:github_token>", ["provider-token"]),
        ("WIKI_SECRET", "<invented:url_password>", ["credentials-in-url"]),
        ("WIKI_SECRET", "<invented:password>", ["secret-in-env"]),
        ("WIKI_NAME", "<invented:password>", []),
    ],
)
def test_one_credential_of_a_variable_is_one_finding(name: str, value: str, rules: list[str]) -> None:
    assert rules_of(ENV.format(name, value)) == rules


@pytest.mark.parametrize("folder", ["tests", "examples", "docs", "apps/.archive", "charts/x/test"])
def test_samples_are_warnings(folder: str) -> None:
    (finding,) = lint({f"{folder}/secret.yaml": SECRET.format("password", "<invented:password>")}).findings
    assert finding.severity.value == "warning"


def test_a_schema_holds_no_credentials() -> None:
    schema = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
    schema += "spec:\n  description: <invented:github_token>\n"
    assert rules_of(schema) == []


def test_shared_anchors_are_reported_once() -> None:
    assert rules_of("a: &a\n  token: <invented:github_token>\nb: *a\n") == ["provider-token"]


def test_sealed_values_are_skipped_and_their_templates_are_not() -> None:
    sealed = (
        "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nspec:\n"
        "  encryptedData:\n    a: <invented:github_token>\n  template:\n    data:\n      b: <invented:github_token>\n"
    )
    (finding,) = lint({"sealed.yaml": sealed}).findings
    assert finding.place.start.line == 8


def test_the_incident_of_the_committed_key() -> None:
    incident = FIXTURES / "incidents" / "10-key-in-commit"
    before = Counter(finding.meta.id for finding in lint(tree(incident / "before")).findings)
    assert before == Counter({rule.meta.id: 1 for rule in RULES})
    assert lint(tree(incident / "after")).findings == []
