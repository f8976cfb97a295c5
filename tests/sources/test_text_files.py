"""Files that are text but no YAML."""

import pytest
from linting import REGISTRY

from kubelint.cli.workspace import Request, Workspace
from kubelint.sources.discovery import Discovery
from kubelint.sources.text_files import TextKind, text_kind


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("README.md", TextKind.MARKDOWN),
        ("docs/RUNBOOK.MD", TextKind.MARKDOWN),
        ("scripts/backup.sh", TextKind.SHELL),
        (".husky/pre-commit", TextKind.SHELL),
        (".husky/_/husky.sh", TextKind.SHELL),
        ("Dockerfile", TextKind.DOCKERFILE),
        ("images/web/Dockerfile.arm64", TextKind.DOCKERFILE),
        ("images/web/web.dockerfile", TextKind.DOCKERFILE),
        ("Containerfile", TextKind.DOCKERFILE),
        ("ansible/inventory.ini", TextKind.INVENTORY),
        ("ansible/hosts", TextKind.INVENTORY),
        ("inventory/home/nodes", TextKind.INVENTORY),
        ("systemd/k3s.service", TextKind.UNIT),
        (".gitignore", TextKind.GITIGNORE),
        ("apps/web/.gitignore", TextKind.GITIGNORE),
        (".tool-versions", TextKind.TOOLS),
        ("apps/mise.toml", TextKind.TOOLS),
        (".mise.toml", TextKind.TOOLS),
        (".config/mise/config.toml", TextKind.TOOLS),
        ("pyproject.toml", None),
        ("config.toml", None),
        ("inventory/group_vars/all", None),
        ("etc/hosts.allow", None),
        ("Dockerfiles/readme.txt", None),
        ("md", None),
        ("main.py", None),
        ("values.yaml", None),
    ],
)
def test_what_a_file_is_by_its_name(path, kind):
    assert text_kind(path) is kind


def test_texts_are_found_and_not_read_before_somebody_asks(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "runbook.md").write_text("# Runbook\n")
    (tmp_path / "a.yaml").write_text("a: 1\n")
    discovery = Discovery(tmp_path)
    assert discovery.walk() == ["a.yaml"]
    assert discovery.texts == ["docs/runbook.md"]
    given = Workspace(Request((str(tmp_path),), root=str(tmp_path)), REGISTRY).read()
    (tmp_path / "docs" / "runbook.md").write_text("# Changed\n")
    assert given.texts[0].text == "# Changed\n"


def test_text_that_cannot_be_read_is_empty(tmp_path):
    (tmp_path / "a.sh").write_bytes(b"\x00\x01\x02")
    (tmp_path / "b.sh").write_bytes(b"echo caf\xe9\n")
    given = Workspace(Request((str(tmp_path),), root=str(tmp_path)), REGISTRY).read()
    assert [file.text for file in given.texts] == ["", ""]


def test_a_text_file_can_be_named(tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "a.yaml").write_text("a: 1\n")
    given = Workspace(Request((str(tmp_path / "Dockerfile"),), root=str(tmp_path)), REGISTRY).read()
    assert given.reported == {"Dockerfile"}
    assert not given.skipped
