"""Which files are called as those with credentials are, and which of them git is asked about."""

import subprocess

import pytest
from linting import REGISTRY

from kubelint.cli.workspace import Request, Workspace
from kubelint.sources.credential_names import is_structured, may_hold_credentials
from kubelint.sources.discovery import Discovery
from kubelint.sources.git import Git
from kubelint.sources.text_files import TextKind, text_kind


@pytest.mark.parametrize(
    "path",
    [
        ".env", "apps/.env.production", "apps/wiki.env", ".envrc", "wiki.sops.env",
        ".npmrc", ".netrc", ".pgpass", ".pypirc",
        "tls.key", "CA.PEM", "id_rsa", "ssh/id_ed25519", "age.key", "keys.txt", "ana.agekey", "x.p12", "x.pfx", "x.jks",
        "kubeconfig", "home.kubeconfig", "admin.conf", "super-admin.conf", "talosconfig", ".kube/config",
        ".dockerconfigjson",
        "client.ovpn", "wg0.conf", "wireguard/wg-home.conf", "terraform.tfvars", "prod.auto.tfvars",
        "terraform.tfstate",
        "terraform.tfstate.backup", ".vault_pass", "ansible/vault-password.txt", ".vault_password", ".aws/credentials",
        "rclone.conf", "motd.sops.txt", "app.enc.properties", ".git-credentials", ".vault-token",
    ],
)  # fmt: skip
def test_names_of_files_with_credentials(path):
    assert may_hold_credentials(path) and text_kind(path) is TextKind.CREDENTIALS


@pytest.mark.parametrize(
    "path",
    [
        ".env.example", "apps/.env.sample", ".env.template", "example.env", "sample.env", "default.env", ".env.dist",
        ".env.j2", "env.tpl", ".env.d.ts", ".env.gpg", ".env.age", "wg0.conf.j2", "id_rsa.pub", "id_ed25519.pub",
        "main.tf", "environment", "env", "key", "keys.md", "config", "credentials", "monkey", "nginx.conf",
        "kubeconfig.py",
        "vault.hcl", "template.tfvars", "a.env.js", "pass.txt", "my-vault-passthrough",
    ],
)  # fmt: skip
def test_names_of_other_files(path):
    assert not may_hold_credentials(path) and text_kind(path) is not TextKind.CREDENTIALS


def test_yaml_is_read_as_yaml_whatever_its_name():
    assert is_structured("a/kubeconfig") and is_structured("talosconfig") and not is_structured(".env")
    assert not is_structured("tls.key")


def tree(root, files):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def given_texts(root):
    return {text.path: text for text in Workspace(Request((str(root),), root=str(root)), REGISTRY).read().texts}


FILES = {
    ".gitignore": "*.env\n",
    "tracked.env": "A=1\n",
    "ignored.env": "A=1\n",
    ".env.local": "A=1\n",
    "a.yaml": "a: 1\n",
}


def git(root, *arguments):
    subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True)


def test_what_git_has_although_it_is_ignored(tmp_path):
    tree(tmp_path, FILES)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-f", "tracked.env", "a.yaml")
    texts = given_texts(tmp_path)
    assert {path: (text.ignored, text.committed) for path, text in texts.items() if path != ".gitignore"} == {
        "tracked.env": (True, True),
        "ignored.env": (True, False),
        ".env.local": (False, True),
    }


def test_without_a_repository_what_is_ignored_is_not_committed(tmp_path):
    tree(tmp_path, FILES)
    assert not given_texts(tmp_path)["tracked.env"].committed


def test_repositories_inside_the_tree_are_asked_themselves(tmp_path):
    tree(tmp_path, {f"inner/{name}": text for name, text in FILES.items()})
    git(tmp_path, "init", "-q", "inner")
    git(tmp_path / "inner", "add", "-f", "tracked.env")
    texts = given_texts(tmp_path)
    assert texts["inner/tracked.env"].committed and not texts["inner/ignored.env"].committed


def test_git_is_asked_by_names_and_not_by_patterns(tmp_path):
    tree(tmp_path, {"*.env": "A=1\n", "b.env": "A=1\n", ":(top)c.env": "A=1\n"})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-f", "b.env")
    assert Git(tmp_path).tracked(["*.env", "b.env", ":(top)c.env", "-x"]) == {"b.env"}
    assert Git(tmp_path).tracked([]) == frozenset()


def test_nothing_asks_git_before_a_rule_does(tmp_path, monkeypatch):
    tree(tmp_path, FILES)
    monkeypatch.setattr("kubelint.sources.git.subprocess.run", lambda *args, **kwargs: pytest.fail("git was asked"))
    assert set(given_texts(tmp_path)) == set(FILES) - {"a.yaml"}


def test_directories_links_and_pipes_are_no_files(tmp_path):
    import os

    tree(tmp_path, {"a.yaml": "a: 1\n", ".env/readme.env": "A=1\n"})
    os.mkfifo(tmp_path / "pipe.key")
    (tmp_path / "out.key").symlink_to("/etc/hostname")
    (tmp_path / "in.env").symlink_to(".env/readme.env")
    discovery = Discovery(tmp_path)
    discovery.walk()
    assert discovery.texts == [".env/readme.env"] and discovery.ignored == []


def test_excluded_files_are_of_no_interest(tmp_path):
    tree(tmp_path, FILES)
    discovery = Discovery(tmp_path, ("*.env", ".env.local"))
    discovery.walk()
    assert discovery.ignored == [] and discovery.texts == [".gitignore"]


def test_large_files_are_not_read(tmp_path):
    with open(tmp_path / "big.pem", "wb") as stream:
        stream.truncate(100 * 1024 * 1024)
    text = given_texts(tmp_path)["big.pem"]
    assert text.text == "" and text.head == b"\0" * 64
