"""Secrets that other programs were told to let through: comments, and detect-secrets' baselines, made by itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from invented import INVENTED
from linting import ids, lint_texts, lint_tree

from kubelint.engine.audited_secrets import AuditedSecrets

TOKEN = INVENTED["github_token"]()
MAP = f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: wiki\n  namespace: wiki\ndata:\n  token: {TOKEN}"

HELD = {
    "provider-token": {"a GitHub token": "github_token", "an AWS key": "aws_key_id", "a Slack token": "slack_token"},
    "credentials-in-url": {"a URL": "url_password"},
    "secret-in-configmap": {"a password": "password"},
    "private-key": {"a private key": "rsa_key"},
}


def baseline(root: Path, *files: str) -> dict[str, Any]:
    """The baseline that detect-secrets makes of some files below `root`."""
    from detect_secrets.core import baseline as made
    from detect_secrets.core.secrets_collection import SecretsCollection
    from detect_secrets.settings import default_settings

    with default_settings():
        secrets = SecretsCollection(root=str(root))
        for file in files:
            secrets.scan_file(file)
        return dict(made.format_for_output(secrets))


def planted(root: Path, value: str, file: str = "apps/wiki.yaml") -> Path:
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = value.strip("\n").split("\n")
    text = (
        f'  db_password: "{value}"\n' if len(lines) == 1 else "  key: |\n" + "".join(f"    {line}\n" for line in lines)
    )
    path.write_text(f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: wiki\n  namespace: wiki\ndata:\n{text}")
    return path


@pytest.mark.parametrize("name", [name for held in HELD.values() for name in held.values()])
def test_what_a_baseline_knows_is_let_through(tmp_path: Path, name: str) -> None:
    planted(tmp_path, INVENTED[name]())
    (found,) = ids(lint_tree(tmp_path, select=("secrets",), deselect=("no-secret-scanner",)))
    assert name in HELD[found].values()
    (tmp_path / ".secrets.baseline").write_text(json.dumps(baseline(tmp_path, "apps/wiki.yaml")))
    report = lint_tree(tmp_path, select=("secrets",), deselect=("no-secret-scanner",))
    assert ids(report) == []
    assert report.suppressed == 1
    assert ids(lint_tree(tmp_path, select=("secrets",), deselect=("no-secret-scanner",), suppressions=False)) == [found]


@pytest.mark.parametrize(("audited", "reported"), [(None, False), (False, False), (True, True)])
def test_what_an_audit_found_to_be_real_is_reported(tmp_path: Path, audited: bool | None, reported: bool) -> None:
    planted(tmp_path, TOKEN)
    known = baseline(tmp_path, "apps/wiki.yaml")
    for secret in known["results"]["apps/wiki.yaml"]:
        secret |= {} if audited is None else {"is_secret": audited}
    (tmp_path / ".secrets.baseline").write_text(json.dumps(known))
    assert ids(lint_tree(tmp_path, select=("provider-token",))) == ["provider-token"] * reported


def test_a_baseline_knows_one_file_and_one_value(tmp_path: Path) -> None:
    planted(tmp_path, INVENTED["password"](), "a.yaml")
    (tmp_path / ".secrets.baseline").write_text(json.dumps(baseline(tmp_path, "a.yaml")))
    planted(tmp_path, INVENTED["password"](), "b.yaml")
    planted(tmp_path, "Tr0ub4dor&31x", "c.yaml")
    report = lint_tree(tmp_path, select=("secret-in-configmap",))
    assert [finding.place.path for finding in report.findings] == ["b.yaml", "c.yaml"]
    planted(tmp_path, "Tr0ub4dor&31x", "a.yaml")
    assert len(lint_tree(tmp_path, select=("secret-in-configmap",)).findings) == 3


def test_a_baseline_in_a_folder_speaks_of_files_below_it(tmp_path: Path) -> None:
    planted(tmp_path, TOKEN, "cluster/apps/wiki.yaml")
    (tmp_path / "cluster" / ".secrets.baseline").write_text(
        json.dumps(baseline(tmp_path / "cluster", "apps/wiki.yaml"))
    )
    assert ids(lint_tree(tmp_path, select=("provider-token",))) == []


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "{",
        "[]",
        "3",
        '{"results": 3}',
        '{"results": {"a": 3}}',
        '{"results": {"a": [3, {}, {"hashed_secret": 4}]}}',
    ],
)
def test_a_broken_baseline_knows_nothing(broken: str) -> None:
    assert not AuditedSecrets([(".secrets.baseline", broken)]).hold("a", TOKEN)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{MAP}\n", ["provider-token"]),
        (f"{MAP}  # pragma: allowlist secret\n", []),
        (f"{MAP}  # pragma: whitelist secret\n", []),
        (f"{MAP}  # gitleaks:allow\n", []),
        (f"{MAP}  # made up. gitleaks:allow, see the wiki\n", []),
        (f"{MAP}  # gitleaks:allowed-by-nobody\n", ["provider-token"]),
        (f"{MAP}  # gitleaks allow\n", ["provider-token"]),
        (MAP.replace("  token", "  # pragma: allowlist nextline secret\n  token") + "\n", []),
        (MAP.replace("  token", "  # pragma: allowlist secret\n  token") + "\n", ["provider-token"]),
        (f"# pragma: allowlist secret\n{MAP}\n", ["provider-token"]),
        (f"# gitleaks:allow\n{MAP}\n", ["provider-token"]),
    ],
)
def test_comments_speak_for_their_line(text: str, found: list[str]) -> None:
    assert ids(lint_texts({"wiki.yaml": text}, select=("provider-token",))) == found
    assert ids(lint_texts({"wiki.yaml": text}, select=("provider-token",), suppressions=False)) == ["provider-token"]


@pytest.mark.parametrize("comment", ["pragma: allowlist secret", "gitleaks:allow"])
def test_comments_are_for_secrets_only(comment: str) -> None:
    text = f"a: 1\na: 2  # {comment}\n"
    assert ids(lint_texts({"a.yaml": text}, select=("duplicate-key",))) == ["duplicate-key"]
