"""Where files lie in their repository: what GitHub and GitLab look them up by."""

import json

import pytest
from adversarial import runner_commands
from code_scanning import path_of

from kubelint.cli.checkout import find_top, repository_path
from kubelint.cli.main import run

DOUBLE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: '1', a: '2'}\n"


@pytest.mark.parametrize(
    ("repositories", "job", "root", "top"),
    [
        (["r"], None, "r", "r"),
        (["r"], None, "r/clusters/a", "r"),
        ([], None, "r/clusters", "r/clusters"),
        (["r", "r/sub"], None, "r/sub/a", "r/sub"),
        (["r"], "r", "r/clusters", "r"),
        (["r", "r/sub"], "r", "r/sub/a", "r"),
        (["w/r"], "w", "w/r/a", "w/r"),
        (["w/r", "w/r/sub"], "w", "w/r/sub/a", "w/r"),
        ([], "w", "w/a", "w"),
        ([".", "w"], "w", "w/a", "w"),
        (["."], "w", "w/a", "w"),
        (["r"], "elsewhere", "r/a", "r"),
        (["r"], "r/a", "r", "r"),
        (["r"], "", "r/a", "r"),
    ],
)
@pytest.mark.parametrize("name", ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"])
def test_the_top_of_the_repository(tmp_path, repositories, job, root, top, name):
    (tmp_path / root).mkdir(parents=True)
    for number, folder in enumerate(repositories):
        git = tmp_path / folder / ".git"
        git.parent.mkdir(parents=True, exist_ok=True)
        git.mkdir() if number == 0 else git.write_text("gitdir: elsewhere\n")
    environment = {} if job is None else {name: str(tmp_path / job) if job else ""}
    found = find_top((tmp_path / root).resolve(), environment)
    assert found == (tmp_path / top).resolve()


def test_a_job_whose_folder_is_reached_by_a_link(tmp_path):
    (tmp_path / "real" / "a").mkdir(parents=True)
    (tmp_path / "link").symlink_to("real")
    root = (tmp_path / "link" / "a").resolve()
    assert repository_path(root, {"GITHUB_WORKSPACE": str(tmp_path / "link")})("b.yaml") == "a/b.yaml"


def test_a_link_is_the_file_that_it_leads_to_and_what_leaves_the_repository_stays(tmp_path):
    root = tmp_path / "r" / "a"
    root.mkdir(parents=True)
    (root.parent / ".git").mkdir()
    for name, target in {"in": "../data/x.txt", "out": "/etc/hosts", "gone": "nowhere", "loop": "loop"}.items():
        (root / name).symlink_to(target)
    found = repository_path(root.resolve(), {})
    assert [found(name) for name in ("b.yaml", "in", "out", "gone", "loop")] == [
        "a/b.yaml",
        "data/x.txt",
        "a/out",
        "a/nowhere",
        "a/loop",
    ]


@pytest.fixture
def monorepo(tmp_path, monkeypatch):
    """A repository with a project in a folder of it, in which one file is a link."""
    (tmp_path / ".git").mkdir()
    project = tmp_path / "infra" / "k8s"
    project.mkdir(parents=True)
    (project / "kubelint.yaml").write_text("fail-on: error\n")
    (project / "a b.yaml").write_text(DOUBLE)
    (project / "shared.txt").write_text(DOUBLE)
    (project / "link.yaml").symlink_to("shared.txt")
    monkeypatch.chdir(tmp_path)
    return tmp_path


PLACES = {
    "github": lambda text: [properties["file"] for _, properties, _ in runner_commands(text)],
    "sarif": lambda text: [path_of(result) for result in json.loads(text)["runs"][0]["results"]],
    "gitlab": lambda text: [one["location"]["path"] for one in json.loads(text)],
    "json": lambda text: [one["path"] for one in json.loads(text)["findings"]],
    "concise": lambda text: [line.partition(":")[0] for line in text.splitlines()],
}


@pytest.mark.parametrize("start", [".", "infra", "infra/k8s"])
@pytest.mark.parametrize("form", PLACES)
def test_ci_services_get_paths_of_the_repository_and_others_those_of_the_project(
    monorepo, monkeypatch, capsys, form, start
):
    monkeypatch.chdir(monorepo / start)
    assert run(["check", str(monorepo / "infra" / "k8s"), "--format", form]) == 1
    own = ["a b.yaml", "link.yaml"]
    theirs = ["infra/k8s/a b.yaml", "infra/k8s/shared.txt"]
    assert PLACES[form](capsys.readouterr().out) == (own if form in ("json", "concise") else theirs)


def test_fingerprints_do_not_depend_on_where_the_project_lies(monorepo, capsys):
    def prints():
        run(["check", str(project), "--format", "gitlab"])
        return [one["fingerprint"] for one in json.loads(capsys.readouterr().out)]

    project = monorepo / "infra" / "k8s"
    before = prints()
    (monorepo / ".git").rename(project / ".git")
    assert prints() == before != []


@pytest.mark.parametrize("form", ["github", "sarif", "gitlab"])
def test_the_line_hash_and_the_frame_are_those_of_the_file(monorepo, capsys, form):
    assert run(["check", str(monorepo / "infra" / "k8s"), "--format", form]) == 1
    text = capsys.readouterr().out
    if form == "sarif":
        prints = [one["partialFingerprints"] for one in json.loads(text)["runs"][0]["results"]]
        assert [one["primaryLocationLineHash"][-2:] for one in prints] == [":1", ":1"]
    assert "infra/k8s/shared.txt" in text
