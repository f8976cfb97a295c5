"""`--since REF`: everything is read, what changed is reported; and a repository runs nothing of its own."""

import json
import os
import subprocess

import pytest
from linting import FIXTURES
from repositories import PLAIN, Repository, needs_git

from kubelint.cli.main import run
from kubelint.sources.git import Git

pytestmark = needs_git

MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: '1'\n  b: '2'\n"
TWICE = f"{MAP}  a: '3'\n"
DNS = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: coredns
  namespace: kube-system
spec:
  replicas: 2
  selector: {matchLabels: {k8s-app: kube-dns}}
  template:
    metadata: {labels: {k8s-app: kube-dns}}
    spec:
      containers: [{name: coredns, image: coredns/coredns:1.12.0}]
"""


@pytest.fixture
def repository(tmp_path, monkeypatch):
    for name, value in PLAIN.items():
        monkeypatch.setenv(name, value)
    repository = Repository((tmp_path / "tree").resolve())
    monkeypatch.chdir(repository.root)
    return repository


def lint(capsys, *arguments):
    """The exit code, the findings as `path:line rule`, and what stands on stderr."""
    code = run(["check", "--no-config", "--format", "json", *arguments])
    told = capsys.readouterr()
    report = json.loads(told.out) if told.out else {"findings": []}
    return code, [f"{each['path']}:{each['line']} {each['rule']}" for each in report["findings"]], told.err


def test_only_what_changed_is_reported(repository, capsys):
    repository.commit({"old.yaml": TWICE, "map.yaml": MAP})
    repository.git("switch", "--quiet", "--create", "topic")
    repository.commit({"committed.yaml": TWICE})
    repository.write({"map.yaml": TWICE, "untracked.yaml": TWICE})
    code, found, _ = lint(capsys, "--since", "main")
    assert (code, found) == (1, [f"{name}.yaml:7 duplicate-key" for name in ("committed", "map", "untracked")])
    assert len(lint(capsys)[1]) == 4
    assert lint(capsys, "--since", "HEAD")[1] == ["map.yaml:7 duplicate-key", "untracked.yaml:7 duplicate-key"]
    assert lint(capsys, "--since", "main", "untracked.yaml")[1] == ["untracked.yaml:7 duplicate-key"]


def test_nothing_changed_and_nothing_is_reported(repository, capsys):
    repository.commit({"old.yaml": TWICE})
    assert lint(capsys, "--since", "main") == (0, [], "")
    repository.write({"old.yaml": TWICE.replace("\n", "\r\n")})
    assert lint(capsys, "--since", "main") == (0, [], "")


def test_a_line_beside_counts_only_where_something_is_gone(repository, capsys):
    repository.commit({"dns.yaml": DNS.replace("replicas: 2", "paused: true\n  replicas: 1")})
    repository.write({"dns.yaml": DNS.replace("replicas: 2", "paused: false\n  replicas: 1")})
    assert not lint(capsys, "--since", "main", "--select", "dns-single-replica")[1]
    repository.commit({"dns.yaml": DNS})
    repository.write({"dns.yaml": DNS.replace("  replicas: 2\n", "")})
    assert lint(capsys, "--since", "main", "--select", "dns-single-replica")[1] == ["dns.yaml:6 dns-single-replica"]


def test_a_place_that_belongs_to_a_finding_counts(repository, capsys):
    repository.commit({"map.yaml": f"{MAP}  c: '3'\n  b: '4'\n"})
    repository.write({"map.yaml": f"{MAP.replace(chr(39) + '2', chr(39) + '5')}  c: '3'\n  b: '4'\n"})
    assert lint(capsys, "--since", "main")[1] == ["map.yaml:8 duplicate-key"]
    repository.write({"map.yaml": f"{MAP}  c: '5'\n  b: '4'\n"})
    assert lint(capsys, "--since", "main")[1] == []


def test_everything_is_read(repository, capsys):
    account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: runner, namespace: ci}\n"
    binding = (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: runner, namespace: ci}\n"
        "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}\n"
        "subjects: [{kind: ServiceAccount, name: runner, namespace: ci}]\n"
    )
    repository.commit({"account.yaml": account})
    repository.write({"binding.yaml": binding})
    assert lint(capsys, "--since", "main", "--select", "rbac")[1] == []
    repository.commit({"account.yaml": account.replace("runner", "runners"), "binding.yaml": None})
    repository.write({"binding.yaml": binding})
    found = lint(capsys, "--since", "main", "--select", "rbac")[1]
    assert found == ["binding.yaml:5 binding-to-missing-service-account"]


def test_suppressions_of_what_is_not_reported_are_used(repository, capsys):
    silent = "  a: '3'  # kubelint: ignore[duplicate-key] a test\n"
    repository.commit({"a.yaml": f"{MAP}{silent}", "b.yaml": MAP})
    repository.write({"b.yaml": f"{MAP}  c: '4'  # kubelint: ignore[duplicate-key] a test\n"})
    code, found, _ = lint(capsys, "--since", "main")
    assert (code, found) == (1, ["b.yaml:7 unused-suppression"])
    repository.commit({"b.yaml": MAP.replace("b: '2'", "b: '2'  # kubelint: ignore[duplicate-key] a test")})
    assert lint(capsys, "--since", "main")[1] == []
    assert lint(capsys)[1] == ["b.yaml:6 unused-suppression"]


def test_a_file_that_cannot_be_read_is_reported_where_it_changed(repository, capsys):
    repository.commit({"a.yaml": "a: [\n", "b.yaml": MAP})
    repository.write({"b.yaml": "b: [\n"})
    assert {path.partition(":")[0] for path in lint(capsys, "--since", "main")[1]} == {"b.yaml"}


def test_the_base_is_told_to_who_asks(repository, capsys):
    base = repository.commit({"a.yaml": MAP})
    _, _, told = lint(capsys, "--since", "main", "-v")
    assert f"since: main (merge base {base[:12]})\n" in told


def test_the_network_of_a_control_plane(repository, capsys):
    bad = FIXTURES / "rules" / "control-plane-network-change" / "bad"
    text = (bad / ".before" / "inventory" / "inventory" / "hosts.ini").read_text()
    repository.commit({"hosts.ini": text, "map.yaml": MAP})
    repository.write({"hosts.ini": (bad / "inventory" / "inventory" / "hosts.ini").read_text()})
    select = ("--select", "incident:5")
    assert lint(capsys, *select)[:2] == (0, [])
    assert lint(capsys, *select, "--since", "main")[:2] == (1, ["hosts.ini:2 control-plane-network-change"])
    repository.git("mv", "hosts.ini", "inventory.ini")
    assert lint(capsys, *select, "--since", "main")[1] == ["inventory.ini:2 control-plane-network-change"]


def test_a_change_that_shows_on_a_line_that_is_older(repository, capsys):
    hosts = (
        "k3s_cluster:\n  children:\n    server: {hosts: {s-1: {}, s-2: {}, s-3: {}}}\n    agent: {hosts: {w-1: {}}}\n"
    )
    own = {f"host_vars/s-{number}.yml": "flannel_iface: eth1\n" for number in (1, 2, 3)}
    repository.commit({"hosts.yml": hosts, "group_vars/all.yml": "flannel_iface: eth0\n", "map.yaml": MAP, **own})
    repository.write(dict.fromkeys(own))
    code, found, _ = lint(capsys, "--since", "main", "--select", "control-plane-network-change")
    assert (code, found) == (1, ["group_vars/all.yml:1 control-plane-network-change"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--since", "nope"], "--since nope: there is no such commit in the repository; name a branch"),
        (["--since", "--help"], "--since --help: there is no such commit"),
        (["--since="], "there is no such commit"),
        (["--since", "main", "-"], "--since compares files, and `-` is none"),
        (["--since", "\x1b[31mred"], "--since ␛[31mred: there is no such commit"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(arguments, says, repository, capsys):
    repository.commit({"a.yaml": MAP})
    code, found, told = lint(capsys, *arguments)
    assert (code, found) == (2, [])
    assert told.startswith("kubelint: ") and told.count("\n") == 1 and "\x1b" not in told
    assert says.replace("␛", "") in told.replace("\\x1b", "").replace("␛", "")


REVISIONS = ["-x", "--upload-pack=touch", "main..HEAD", "^main", "main:a.yaml", "HEAD^{tree}", "@{-1}", "main@{u}"]


@pytest.mark.parametrize("revision", [*REVISIONS, ":/nothing", "a\nb", " main", "HEAD~1", "0" * 40, "main\0", "*"])
def test_what_is_no_revision(revision, repository, capsys):
    repository.commit({"a.yaml": TWICE})
    code, found, told = lint(capsys, f"--since={revision}")
    assert (code, found) == (2, []) and told.count("\n") == 1 and "there is no such commit" in told


@pytest.mark.parametrize("revision", ["main", "HEAD", "refs/heads/main", "heads/main", "HEAD~0", "v1", "@"])
def test_what_is_one(revision, repository, capsys):
    repository.commit({"a.yaml": TWICE})
    repository.git("tag", "-a", "v1", "-m", "one")
    repository.write({"b.yaml": TWICE})
    assert lint(capsys, "--since", revision)[:2] == (1, ["b.yaml:7 duplicate-key"])


def staged(repository):
    repository.write({"a.yaml": f"{TWICE}  a: '4'\n"})
    repository.git("add", "a.yaml")
    return ["a.yaml:8 duplicate-key"]


def staged_and_taken_back(repository):
    staged(repository)
    repository.write({"a.yaml": TWICE})
    return []


def another_mode(repository):
    (repository.root / "a.yaml").chmod(0o755)
    return []


def renamed(repository):
    repository.git("mv", "a.yaml", "renamed.yaml")
    return []


def renamed_and_changed(repository):
    repository.git("mv", "a.yaml", "renamed.yaml")
    repository.write({"renamed.yaml": f"# a comment\n{TWICE}"})
    return ["renamed.yaml:8 duplicate-key"]


def copied(repository):
    repository.write({"copy.yaml": TWICE})
    return ["copy.yaml:7 duplicate-key"]


def moved(repository):
    (repository.root / "apps").mkdir()
    repository.git("mv", "a.yaml", "apps/a.yaml")
    return ["apps/a.yaml:7 duplicate-key"]


def written_anew(repository):
    repository.write({"a.yaml": TWICE.replace("  ", "    ").replace("{name: a}", "\n    name: a")})
    return ["a.yaml:8 duplicate-key"]


def detached(repository):
    repository.git("switch", "--quiet", "--detach")
    repository.commit({"b.yaml": TWICE})
    return ["b.yaml:7 duplicate-key"]


def ends_of_windows(repository):
    repository.git("config", "core.autocrlf", "true")
    repository.write({"a.yaml": TWICE.replace("\n", "\r\n"), "b.yaml": TWICE.replace("\n", "\r\n")})
    return ["b.yaml:7 duplicate-key"]


def a_comment_elsewhere(repository):
    repository.write({"a.yaml": f"# a comment\n{TWICE}"})
    return []


def a_comment_beside(repository):
    repository.write({"a.yaml": TWICE.replace("a: '3'", "a: '3'  # three")})
    return ["a.yaml:7 duplicate-key"]


def ignored_by_git(repository):
    repository.commit({".gitignore": "b.yaml\n"})
    repository.write({"b.yaml": TWICE})
    return []


HOW = [staged, staged_and_taken_back, another_mode, renamed, renamed_and_changed, copied, moved, written_anew, detached]


@pytest.mark.parametrize("change", [*HOW, ends_of_windows, a_comment_elsewhere, a_comment_beside, ignored_by_git])
def test_what_counts_as_a_change(change, repository, capsys):
    repository.commit({"a.yaml": TWICE, "other.yaml": MAP})
    assert lint(capsys, "--since", "main")[1] == []
    expected = change(repository)
    assert lint(capsys, "--since", "main", "--select", "duplicate-key")[1] == expected


def test_what_shows_since_another_file_is_gone_lies_outside_of_the_change(repository, capsys):
    account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: runner, namespace: ci}\n"
    binding = (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: runner, namespace: ci}\n"
        "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}\n"
        "subjects: [{kind: ServiceAccount, name: runner, namespace: ci}]\n"
    )
    repository.commit(
        {"account.yaml": account, "other.yaml": account.replace("runner", "runners"), "binding.yaml": binding}
    )
    repository.write({"account.yaml": None})
    assert lint(capsys, "--select", "rbac")[1] == ["binding.yaml:5 binding-to-missing-service-account"]
    assert run(["check", "--no-config", "--select", "rbac", "--since", "main"]) == 0
    assert capsys.readouterr().out == "Nothing found in 2 files, 2 objects. 1 outside of the change.\n"


def test_outside_of_a_repository(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    (tmp_path / "map.yaml").write_text(MAP)
    monkeypatch.chdir(tmp_path)
    code, _, told = lint(capsys, "--since", "main")
    assert code == 2 and told.count("\n") == 1 and "is not in a git repository; leave out --since" in told


def hostile(repository, mark):
    """A repository whose configuration, attributes and hooks run a program wherever git lets them."""
    run_it = f"touch {mark}"
    script = repository.root / "evil.sh"
    repository.commit({"a.yaml": MAP, "b.yaml": MAP, ".gitattributes": "* filter=evil diff=evil\n"})
    repository.write({"a.yaml": TWICE, "evil.sh": f"#!/bin/sh\n{run_it}\ncat\n", "git": f"#!/bin/sh\n{run_it}\n"})
    for path in (script, repository.root / "git"):
        path.chmod(0o755)
    hooks = repository.root / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-index-change", "reference-transaction", "post-checkout", "fsmonitor-watchman", "pre-auto-gc"):
        (hooks / name).write_text(f"#!/bin/sh\n{run_it}\n")
        (hooks / name).chmod(0o755)
    settings = {
        **dict.fromkeys(("core.fsmonitor", "core.sshCommand", "core.gitProxy", "core.askPass", "core.editor"), script),
        **dict.fromkeys(("core.pager", "core.alternateRefsCommand", "diff.external", "gpg.program"), script),
        **dict.fromkeys(("diff.evil.textconv", "diff.evil.command", "filter.evil.clean", "filter.evil.smudge"), script),
        **dict.fromkeys(("filter.evil.process", "uploadpack.packObjectsHook", "credential.helper"), script),
        **{f"alias.{name}": f"!{run_it}" for name in ("rev-parse", "merge-base", "ls-tree", "cat-file")},
        "pager.rev-parse": script,
        "core.hooksPath": hooks,
        "core.repositoryFormatVersion": 1,
        "extensions.partialClone": "evil",
        "remote.evil.url": f"ext::{script}",
        "remote.evil.promisor": "true",
        "remote.evil.uploadpack": script,
        "protocol.allow": "always",
        "protocol.ext.allow": "always",
    }
    for name, value in settings.items():
        repository.git("config", name, str(value))


HABITS = [["status"], ["diff"], ["diff", "HEAD"], ["add", "--all"], ["cat-file", "-p", "0" * 39 + "1"]]


@pytest.mark.skipif(os.name == "nt", reason="the programs are scripts")
@pytest.mark.parametrize("habit", HABITS, ids=" ".join)
def test_a_repository_runs_nothing(habit, repository, tmp_path, capsys, monkeypatch):
    mark = tmp_path / "was-here"
    hostile(repository, mark)
    mark.unlink(missing_ok=True)
    monkeypatch.setenv("PATH", os.pathsep.join([".", "", os.environ["PATH"]]))
    before = repository.snapshot()
    assert lint(capsys, "--since", "main")[1] == ["a.yaml:7 duplicate-key"]
    assert lint(capsys, "--since", "main~1")[0] == 2
    assert Git(repository.root).tracked(["a.yaml", "evil.sh"]) == {"a.yaml"}
    assert repository.snapshot() == before
    assert not mark.exists()
    subprocess.run(["git", *habit], cwd=repository.root, capture_output=True, check=False, timeout=60)
    assert mark.exists(), "the repository is not as hostile as this test believes"


@pytest.mark.skipif(os.name == "nt", reason="the programs are scripts")
def test_an_object_that_is_missing_is_not_asked_for(repository, tmp_path, capsys):
    mark = tmp_path / "was-here"
    hostile(repository, mark)
    mark.unlink(missing_ok=True)
    name = repository.git("hash-object", "--no-filters", "b.yaml", GIT_TERMINAL_PROMPT="0")
    mark.unlink(missing_ok=True)
    (repository.root / ".git" / "objects" / name[:2] / name[2:]).unlink()
    code, found, told = lint(capsys, "--since", "main")
    assert (code, found) == (2, []) and told.count("\n") == 1
    assert not mark.exists()
