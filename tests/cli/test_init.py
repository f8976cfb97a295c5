"""`kubelint init`: what it writes is valid, changes no finding, and touches nothing that is there."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from linting import FIXTURES, REGISTRY, copied, lint_tree
from pre_commit import clientlib
from repositories import Repository, needs_git
from small_trees import written

from kubelint.cli.init import hook
from kubelint.cli.main import run
from kubelint.config.load import load_config
from kubelint.config.model import BASELINE_NAME, Settings
from kubelint.config.schema import build_schema

ROOT = Path(__file__).parents[2]
DNS = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: coredns, namespace: kube-system}\nspec: {replicas: 1}\n"
INVENTORY = """\
all:
  children:
    k3s_cluster:
      children:
        server:
          hosts:
            heron: {ansible_host: 192.0.2.11, arch: amd64}
        agent:
          hosts:
            wren: {ansible_host: 192.0.2.12}
"""
NODES = "".join(
    f"---\napiVersion: v1\nkind: Node\nmetadata:\n  name: {name}\n  labels: {{kubernetes.io/arch: {arch}}}\n"
    for name, arch in (("heron", "amd64"), ("wren", "arm64"), ("'12'", "arm64"))
)
HOOKS = """\
# our hooks
default_language_version: {python: python3}  # the one that is there
repos:

- repo: 'https://example.org/hooks'
  rev: "v1.0"   # pinned
  hooks:
  - id: trailing-whitespace   # the usual
    args: [--markdown-linebreak-ext=md]
# the end
"""
TREES = sorted({path.parent for path in (FIXTURES / "incidents").glob("*/before")})[::6]
REMOTE = ("--pre-commit", "--repo", "https://example.org/kubelint", "--rev", "v0.1.0")


@pytest.fixture
def folder(tmp_path):
    """An empty project: what is above it does not count."""
    (tmp_path / ".git").mkdir()
    return tmp_path


def init(folder, *options):
    return run(["init", str(folder), *options])


def uncommented(text):
    """The text of a configuration with its proposals set."""
    return re.sub(r"(?m)^#(?! \S)", "", text)


def test_an_empty_folder_gets_a_valid_file_that_sets_nothing(folder, capsys):
    assert init(folder) == 0
    path = folder / "kubelint.yaml"
    settings = load_config(path, REGISTRY)
    assert settings._replace(origin=None) == Settings()
    captured = capsys.readouterr()
    assert f"wrote {path}" in captured.out and captured.err == ""
    assert [path.name for path in folder.iterdir() if path.name != ".git"] == ["kubelint.yaml"]


def test_every_proposal_is_valid(folder):
    assert init(folder) == 0
    path = folder / "kubelint.yaml"
    path.write_text(uncommented(path.read_text()))
    settings = load_config(path, REGISTRY)
    assert settings.cluster.nodes and settings.cluster.deployers and settings.cluster.external
    assert settings.exclude and settings.rules


def test_facts_are_proposed_with_the_lines_that_tell_them(folder):
    written(folder, {"nodes.yaml": NODES})
    assert init(folder) == 0
    path = folder / "kubelint.yaml"
    text = path.read_text()
    assert "#    heron: {architecture: amd64}  # nodes.yaml:5, nodes.yaml:6\n" in text
    path.write_text(uncommented(text))
    nodes = load_config(path, REGISTRY).cluster.nodes
    assert {name: facts.architecture for name, facts in nodes.items()} == {
        "heron": "amd64",
        "wren": "arm64",
        "12": "arm64",
    }


def test_a_node_whose_architecture_nothing_tells_is_named_all_the_same(folder):
    written(folder, {"ansible/inventory/hosts.yaml": INVENTORY})
    assert init(folder) == 0
    assert re.search(r"(?m)^#    wren: \{\}  # ansible/inventory/hosts\.yaml:10, .*no arch", read(folder))


def test_deployers_are_proposed(folder):
    pod = {"serviceAccountName": "deployer", "containers": [{"name": "a", "command": ["kubectl", "apply", "-f", "x"]}]}
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "deploy", "namespace": "ci"},
        "spec": {"template": {"spec": pod}},
    }
    written(folder, {"job.yaml": yaml.safe_dump(job), "x/a.yaml": DNS})
    assert init(folder) == 0
    assert re.search(r"(?m)^#deployers:\n#  - ServiceAccount/ci/deployer  # job\.yaml:\d+$", read(folder))


@pytest.mark.parametrize(
    "name",
    [
        "x\nprofile: minimal",
        "x\u0085profile: minimal",
        "x\u2028profile: minimal",
        "a: b",
        "# no",
        "{{ name }}",
        "*",
        "\x1b[31m",
    ],
)
def test_whatever_names_hold_it_stays_a_comment(folder, name):
    labels = {"kubernetes.io/arch": "amd64"}
    nodes = [
        {"apiVersion": "v1", "kind": "Node", "metadata": {"name": each, "labels": labels}} for each in (name, "ok")
    ]
    path = f"{name.replace('/', '')}.yaml"
    written(folder, {path: yaml.safe_dump_all(nodes)})
    assert init(folder) == 0
    text = read(folder)
    assert "ok: {architecture: amd64}" in text
    assert load_config(folder / "kubelint.yaml", REGISTRY)._replace(origin=None) == Settings()
    assert all(character.isprintable() or character == "\n" for character in text)
    (folder / "kubelint.yaml").write_text(uncommented(text))
    assert "ok" in load_config(folder / "kubelint.yaml", REGISTRY).cluster.nodes


def read(folder, name="kubelint.yaml"):
    return (folder / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.name)
def test_no_finding_changes(tree, folder):
    copied(tree / "before", folder)
    (folder / "kubelint.yaml").unlink(missing_ok=True)
    before = lint_tree(folder)
    assert init(folder) == 0
    after = lint_tree(folder)
    assert [finding.identity for finding in after.findings] == [finding.identity for finding in before.findings]


@pytest.mark.parametrize("name", ["kubelint.yaml", ".kubelint.yaml"])
def test_what_is_there_is_not_overwritten_without_force(folder, capsys, name):
    written(folder, {name: "profile: minimal\n", "deep/a.yaml": DNS})
    for place in (folder, folder / "deep"):
        assert init(place) == 2
        assert read(folder, name) == "profile: minimal\n"
        error = capsys.readouterr().err
        assert str(folder / name) in error and "--force" in error and error.count("\n") == 1
    assert init(folder / "deep", "--force") == 0
    assert "profile: recommended" in read(folder, name)
    assert len([path for path in folder.iterdir() if path.name.endswith("kubelint.yaml")]) == 1


def test_a_broken_configuration_can_be_written_anew(folder):
    written(folder, {"kubelint.yaml": "profile: [\n"})
    assert init(folder, "--force") == 0
    assert load_config(folder / "kubelint.yaml", REGISTRY)


def test_a_configuration_that_is_there_is_kept_while_the_hook_is_added(folder, capsys):
    written(folder, {"kubelint.yaml": "profile: minimal\n"})
    assert init(folder, "--pre-commit") == 0
    assert read(folder) == "profile: minimal\n"
    out = capsys.readouterr().out
    assert f"kept {folder / 'kubelint.yaml'}" in out and f"wrote {folder / '.pre-commit-config.yaml'}" in out


def test_a_link_is_not_written_through(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "target"
    (folder / "kubelint.yaml").symlink_to(outside)
    assert init(folder, "--force") == 2
    assert not outside.exists()


@pytest.mark.parametrize("options", [REMOTE, ("--pre-commit",)], ids=["remote", "local"])
def test_a_new_hook_configuration_is_valid(folder, options):
    assert init(folder, *options) == 0
    [repo] = clientlib.load_config(folder / ".pre-commit-config.yaml")["repos"]
    [hook] = repo["hooks"]
    assert hook["id"] == "kubelint"
    assert (repo["repo"], repo.get("rev")) == (("local", None) if len(options) == 1 else REMOTE[2::2])


def test_the_local_hook_is_the_one_that_we_ship(folder):
    assert init(folder, "--pre-commit") == 0
    [shipped] = [
        hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text()) if hook["id"] == "kubelint"
    ]
    [local] = yaml.safe_load(read(folder, ".pre-commit-config.yaml"))["repos"][0]["hooks"]
    assert local.pop("language") == "system"
    assert local.items() <= shipped.items()


def test_a_hook_is_added_and_everything_else_stays_as_it_is(folder):
    written(folder, {".pre-commit-config.yaml": HOOKS})
    assert init(folder, *REMOTE) == 0
    text = read(folder, ".pre-commit-config.yaml")
    added = "- repo: 'https://example.org/kubelint'\n  rev: 'v0.1.0'\n  hooks:\n  - id: kubelint\n"
    plain = added.replace("'", "")
    assert text in {HOOKS.replace("# the end\n", f"{way}# the end\n") for way in (added, plain)}
    clientlib.load_config(folder / ".pre-commit-config.yaml")


@pytest.mark.parametrize(
    "text",
    [
        "repos: []\n",
        "repos: [{repo: meta, hooks: [{id: identity}]}]  # all\n",
        "repos:\n    -   repo: meta\n        hooks:\n        -   id: identity\n",
        "repos:\r\n- repo: meta\r\n  hooks: [{id: identity}]\r\n",
        "repos:\n- repo: meta\n  hooks: [{id: identity}]\nci: {autofix_prs: false}  # last\n",
        "repos:\n- repo: meta\n  hooks:\n  - id: identity",
        '{"repos": [{"repo": "meta", "hooks": [{"id": "identity"}]}]}\n',
    ],
)
def test_hooks_are_added_in_every_style(folder, text):
    path = folder / ".pre-commit-config.yaml"
    path.write_bytes(text.encode())
    before = yaml.safe_load(text)
    assert init(folder, *REMOTE) == 0
    after = path.read_bytes().decode()
    expected = {"repo": REMOTE[2], "rev": REMOTE[4], "hooks": [{"id": "kubelint"}]}
    assert yaml.safe_load(after) == {**before, "repos": [*before["repos"], expected]}
    assert after.count("\r\n") == (after.count("\n") if "\r" in text else 0)
    assert after.count("#") == text.count("#")
    assert init(folder, "--pre-commit") == 2
    assert path.read_bytes().decode() == after


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("repos: [\n", ".pre-commit-config.yaml:2 is not YAML"),
        ("repos:\n\t- repo: meta\n", ".pre-commit-config.yaml:2 is not YAML"),
        ("", "no list `repos`"),
        ("repos: {}\n", "no list `repos`"),
        ("- repo: meta\n", "no list `repos`"),
        ("repos: []\n---\nrepos: []\n", "no list `repos`"),
        (b"repos: []  # \xff\n", "not UTF-8"),
    ],
)
def test_a_broken_hook_configuration_is_said_in_one_line_and_nothing_is_written(folder, capsys, text, said):
    content = text if isinstance(text, bytes) else text.encode()
    (folder / ".pre-commit-config.yaml").write_bytes(content)
    assert init(folder, "--pre-commit") == 2
    captured = capsys.readouterr()
    assert said in captured.err and captured.err.count("\n") == 1 and captured.out == ""
    assert not (folder / "kubelint.yaml").exists()
    assert (folder / ".pre-commit-config.yaml").read_bytes() == content


@pytest.mark.parametrize(
    "options", [("--repo", "u", "--rev", "v"), ("--pre-commit", "--repo", "u"), ("--pre-commit", "--rev", "v")]
)
def test_options_that_need_each_other(folder, capsys, options):
    assert init(folder, *options) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (folder / "kubelint.yaml").exists()


@pytest.mark.parametrize(
    ("installed", "expected"),
    [
        (
            {"url": "https://example.org/k", "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}},
            ("https://example.org/k", "c0ffee"),
        ),
        (
            {"url": "ssh://git@example.org/k", "vcs_info": {"commit_id": "c0ffee"}},
            ("ssh://git@example.org/k", "c0ffee"),
        ),
        ({"url": "https://me:word@example.org/k", "vcs_info": {"commit_id": "c0ffee"}}, None),
        ({"url": "file:///home/me/k", "vcs_info": {"commit_id": "c0ffee"}}, None),
        ({"url": "file:///home/me/k", "dir_info": {"editable": True}}, None),
        (None, None),
    ],
)
def test_where_kubelint_was_installed_from_is_known_if_others_can_reach_it(monkeypatch, installed, expected):
    class Distribution:
        def read_text(self, name):
            return json.dumps(installed) if installed and name == "direct_url.json" else None

    monkeypatch.setattr(metadata, "distribution", lambda name: Distribution())
    assert hook.known_origin() == expected


def test_the_schema_is_written_for_editors(folder):
    assert init(folder, "--schema") == 0
    assert read(folder).startswith("# yaml-language-server: $schema=kubelint.schema.json\n")
    assert json.loads(read(folder, "kubelint.schema.json")) == build_schema(REGISTRY)
    assert lint_tree(folder).findings == []


def test_a_baseline_takes_up_what_is_there(folder, capsys):
    written(folder, {"dns.yaml": DNS})
    assert init(folder, "--baseline") == 0
    assert f"wrote {folder / BASELINE_NAME}" in capsys.readouterr().out
    assert run([str(folder)]) == 0
    assert run([str(folder), "--no-baseline"]) == 1
    before = read(folder, BASELINE_NAME)
    written(folder, {"other/dns.yaml": DNS})
    assert init(folder, "--baseline") == 0
    assert read(folder, BASELINE_NAME) == before, "it stays as it is without --force"
    assert init(folder, "--baseline", "--force") == 0
    assert read(folder, BASELINE_NAME) != before


def test_a_folder_that_does_not_exist(tmp_path, capsys):
    assert init(tmp_path / "absent") == 2
    assert "no such file or directory" in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="this system knows no other way to forbid writing")
def test_a_folder_that_cannot_be_written(folder, capsys):
    assert init(folder) == 0  # so that everything is imported: the other user may not read this Python
    with tempfile.TemporaryDirectory() as locked:
        os.mkdir(f"{locked}/.git")
        os.chmod(locked, 0o555)
        capsys.readouterr()
        root = os.geteuid() == 0  # who may write everywhere
        try:
            if root:
                os.seteuid(65534)
            assert run(["init", locked]) == 2
        finally:
            if root:
                os.seteuid(0)
            os.chmod(locked, 0o755)
        captured = capsys.readouterr()
        assert captured.err.startswith(f"kubelint: cannot write {locked}/kubelint.yaml: Permission denied")
        assert captured.err.count("\n") == 1 and captured.out == ""
        assert os.listdir(locked) == [".git"]


@needs_git
@pytest.mark.slow
def test_the_hook_that_is_written_runs(tmp_path):
    """A whole day: a repository with a finding, init, a commit that adds none, one that adds one."""
    repository = Repository(tmp_path)
    repository.commit({"dns.yaml": DNS})
    assert init(tmp_path, "--pre-commit", "--baseline") == 0
    repository.commit()
    programs = tmp_path / ".git" / "programs"
    programs.mkdir()
    (programs / "kubelint").write_text(f'#!/bin/sh\nexec {sys.executable!r} -m kubelint "$@"\n')
    (programs / "kubelint").chmod(0o755)

    def pre_commit():
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PRE_COMMIT_HOME": str(tmp_path / ".git" / "home"),
        }
        command = [sys.executable, "-m", "pre_commit", "run"]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)

    repository.write({"dns.yaml": f"# edited\n{DNS}"})
    repository.git("add", "--all")
    done = pre_commit()
    assert done.returncode == 0, done.stdout + done.stderr
    repository.write({"other/dns.yaml": DNS.replace("coredns", "rke2-coredns-rke2-coredns")})
    repository.git("add", "--all")
    done = pre_commit()
    assert done.returncode == 1 and "error[dns-single-replica]" in done.stdout, done.stdout + done.stderr
    shutil.rmtree(tmp_path / ".git" / "home")
