"""The GitHub Action: its steps run as GitHub runs them, on repositories made for it, and linters have nothing to say.

A runner of our own does what GitHub documents: expressions are filled in, each step is a script of bash with a file
for its outputs and one for its summary, and a step that fails ends the action. Nothing is downloaded: the environment
that the action makes sees the packages of the one that runs these tests.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from kubelint.reporters import FORMATS

ROOT = Path(__file__).parents[1]
SHIPPED = ("linter", "rules", "pyproject.toml", "README.md", "LICENSE", "action.yml")
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = {step["id"]: step for step in ACTION["runs"]["steps"]}
BASH = shutil.which("bash")

CLEAN = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\ndata: {level: info}\n"
LOUD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: coredns, namespace: kube-system}
spec:
  replicas: 1  # ::error::owned ##[error]owned
"""
RULE = "dns-single-replica"
HOSTILE = [
    "$(touch ran)",
    "`touch ran`",
    "; touch ran",
    "| touch ran",
    "x\ny::set-env name=A::b",
    "'",
    '"',
    "\\",
    "--",
    "*",
]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BASH is None, reason="there is no bash"),
    pytest.mark.skipif(
        not {"github", "sarif", "summary"} <= set(FORMATS), reason="the formats of the action are not there"
    ),
]


class Ran(NamedTuple):
    """What a step came to."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str

    @property
    def commands(self) -> list[str]:
        """The lines that the runner takes for commands: none between stop-commands and its token."""
        found, token = [], None
        for line in self.log.splitlines():
            if token is not None:
                token = None if line == f"::{token}::" else token
            elif line.startswith("::stop-commands::"):
                token = line.removeprefix("::stop-commands::")
            elif line.lstrip().startswith("::") or "##[" in line:
                found.append(line)
        assert token is None, "commands stay stopped"
        return found


class Runner:
    """A machine that runs steps: `source` is the action's folder, `path` where programs are."""

    def __init__(self, folder: Path, source: Path, path: str) -> None:
        self.folder, self.source, self.path = folder, source, path

    def step(self, name: str, workspace: Path, inputs=None, steps=None) -> Ran:
        """Run the step `name` with `inputs`; `steps` are the outputs of those before it."""
        step, folder = STEPS[name], self.folder
        assert step["shell"] == "bash" and set(step) <= {"name", "id", "shell", "env", "run"}
        given = {key: value["default"] for key, value in ACTION["inputs"].items()} | (inputs or {})
        output, summary, script = folder / "output", folder / "summary", folder / "script.sh"
        for file in (output, summary):
            file.write_text("")
        script.write_text(step["run"], encoding="utf-8")
        done = subprocess.run(
            [str(BASH), "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=workspace,
            env={
                "PATH": self.path,
                "HOME": str(folder),
                "CI": "true",
                "GITHUB_ACTIONS": "true",
                "GITHUB_ACTION_PATH": str(self.source),
                "GITHUB_OUTPUT": str(output),
                "GITHUB_STEP_SUMMARY": str(summary),
                "GITHUB_WORKSPACE": str(workspace),
                "RUNNER_TEMP": str(folder),
                # what stands in for the index: what is needed is here
                "PIP_NO_INDEX": "1",
                "PIP_NO_DEPS": "1",
                "PIP_NO_BUILD_ISOLATION": "0",
                "KUBELINT_CACHE_DIR": str(folder / "cache"),
                **{key: filled(value, given, steps or {}) for key, value in step.get("env", {}).items()},
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return Ran(done.returncode, done.stdout, outputs_in(output.read_text()), summary.read_text(encoding="utf-8"))


def filled(text, inputs, steps):
    """`text` with its expressions replaced, of which the action knows two kinds."""

    def value(match):
        kind, *names = match.group(1).split(".")
        return inputs[names[0]] if kind == "inputs" else steps[names[0]][names[2]]

    return re.sub(r"\$\{\{ ([\w.-]+) \}\}", value, text)


def outputs_in(text):
    """The outputs in the file that a step writes: `name=value`, or `name<<END`, lines, `END`."""
    found, lines = {}, iter(text.splitlines())
    for line in lines:
        name, end = re.fullmatch(r"([\w-]+)<<(.+)", line).groups() if "<<" in line else (None, None)
        if name is None:
            name, _, found[name] = line.partition("=")
            found[name] = line.partition("=")[2]
        else:
            found[name] = "\n".join(iter(lambda lines=lines: next(lines), end))
    found.pop(None, None)
    return found


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The action as a runner has it: a copy of this repository."""
    target = tmp_path_factory.mktemp("action")
    for name in SHIPPED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, target / name)
    return target


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """Programs, with a `python3` whose virtual environments see the packages that are installed here."""
    folder = tmp_path_factory.mktemp("bin")
    script = f"""\
#!{BASH}
{sys.executable!r} "$@" || exit
[ "$2 $3" != "-m venv" ] || echo {sysconfig.get_path("purelib")!r} >"$(echo "$4"/lib/python3.*/site-packages)/here.pth"
"""
    (folder / "python3").write_text(script)
    (folder / "python3").chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture(scope="module")
def installed(tmp_path_factory, source, path):
    """A runner, and the outputs of the installation on it."""
    runner = Runner(tmp_path_factory.mktemp("runner"), source, path)
    hostile = tmp_path_factory.mktemp("hostile")
    for name in ("venv.py", "pip.py", "sys.py", "kubelint.py"):
        (hostile / name).write_text("open('ran', 'w')\n")
    done = runner.step("install", hostile)
    assert done.code == 0, done.log
    assert not (hostile / "ran").exists()
    return runner, {"install": done.outputs}


@pytest.fixture
def lint(installed, tmp_path):
    """Lints a repository that holds `files`."""
    runner, steps = installed

    def run(files, **inputs):
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        return runner.step("lint", tmp_path, {name.replace("_", "-"): value for name, value in inputs.items()}, steps)

    run.workspace = tmp_path
    return run


def test_it_installs_its_own_version_apart_from_everything_else(installed, source):
    runner, steps = installed
    python = Path(steps["install"]["python"])
    assert python.is_relative_to(runner.folder)
    command = [python, "-I", "-c", "import kubelint, sys; print(kubelint.__file__, sys.prefix)"]
    file, prefix = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert python.is_relative_to(prefix) and Path(file).is_relative_to(prefix)
    assert {path.name for path in source.iterdir()} == set(SHIPPED)


def test_a_finding_fails_and_is_shown_everywhere(lint):
    done = lint({"dns.yaml": LOUD}, sarif_file="findings.sarif")
    assert done.code == 1, done.log
    assert f"[{RULE}]" in done.log and "::error::owned" in done.log
    [annotation] = done.commands
    assert re.match(rf"::error file=dns\.yaml,line=5,.*{RULE}", annotation)
    assert RULE in done.summary
    assert done.outputs["findings"] == "1"
    assert Path(done.outputs["sarif-file"]) == lint.workspace / "findings.sarif"
    [run] = json.loads((lint.workspace / "findings.sarif").read_text(encoding="utf-8"))["runs"]
    assert [result["ruleId"] for result in run["results"]] == [RULE]


def test_the_directory_of_the_sarif_file_is_made(lint):
    done = lint({"a b/dns.yaml": LOUD}, sarif_file="../out of/it's/$findings.sarif", working_directory="a b")
    assert done.code == 1, done.log
    assert Path(done.outputs["sarif-file"]) == lint.workspace / "out of" / "it's" / "$findings.sarif"
    assert Path(done.outputs["sarif-file"]).exists()


def test_a_sarif_file_that_cannot_be_written_is_said_after_everything_else_is_there(lint):
    done = lint({"dns.yaml": LOUD, "file": ""}, sarif_file="file/findings.sarif")
    assert done.code == 2
    assert RULE in done.summary and done.outputs == {"findings": "1"}
    annotation, stop = done.commands
    assert RULE in annotation and "sarif-file could not be written" in stop


def test_an_older_sarif_file_is_not_taken_for_this_ones(lint):
    done = lint({"settings.yaml": CLEAN, "findings.sarif": "old"}, sarif_file="findings.sarif", paths="absent.yaml")
    assert done.code == 2 and done.outputs == {}


def test_names_that_begin_with_a_dash_or_hold_what_shells_mean_are_paths(lint):
    names = ["-q.yaml", "--fix.yaml", "a b;c.yaml", "$(touch ran).yaml", 'it\'s "one".yaml']
    done = lint({name: LOUD.replace("coredns", f"coredns-{n}") for n, name in enumerate(names)}, paths="\n".join(names))
    assert done.code == (1 if "error[" in done.log else 0), done.log
    assert "no such" not in done.log.lower() and not (lint.workspace / "ran").exists()
    assert f"of {len(names)} files" in done.log or f"in {len(names)} files" in done.log


def test_spaces_in_the_folders_of_the_runner(tmp_path, source, path):
    folder, workspace = tmp_path / "the temp", tmp_path / "the workspace"
    folder.mkdir()
    workspace.mkdir()
    (workspace / "dns.yaml").write_text(LOUD, encoding="utf-8")
    shutil.copytree(source, tmp_path / "the action")
    runner = Runner(folder, tmp_path / "the action", path)
    installed = runner.step("install", workspace)
    assert installed.code == 0, installed.log
    done = runner.step("lint", workspace, {"sarif-file": "a.sarif"}, {"install": installed.outputs})
    assert done.code == 1 and done.outputs["sarif-file"] == str(workspace / "a.sarif"), done.log


def test_a_clean_repository_passes(lint):
    done = lint({"settings.yaml": CLEAN}, sarif_file="findings.sarif")
    assert done.code == 0, done.log
    assert done.commands == []
    assert done.outputs["findings"] == "0"
    [run] = json.loads((lint.workspace / "findings.sarif").read_text(encoding="utf-8"))["runs"]
    assert run["results"] == []


def test_annotations_and_summary_are_left_out_when_they_are_not_wanted(lint):
    done = lint({"dns.yaml": LOUD}, annotations="false", summary="false")
    assert (done.code, done.commands, done.summary) == (1, [], "")
    assert set(done.outputs) == {"findings"}


def test_other_inputs_reach_kubelint(lint):
    files = {"deploy/dns.yaml": LOUD, "deploy/other.yaml": CLEAN, "my settings.yaml": f"rules: {{{RULE}: off}}\n"}
    assert lint(files, fail_on="never").code == 0
    assert lint(files, args="--ignore dns\n  --statistics").code == 0
    assert lint(files, paths="deploy/other.yaml\n").code == 0
    assert lint(files, paths="\n  deploy/other.yaml  \ndeploy/dns.yaml").code == 1
    assert lint(files, working_directory="deploy", paths="other.yaml").code == 0
    assert lint(files, config="my settings.yaml").code == 0


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", ACTION["inputs"])
def test_what_inputs_say_is_never_run(lint, name, text):
    done = lint({"dns.yaml": LOUD}, **{name: text})
    assert not any(path.name == "ran" for path in lint.workspace.rglob("*"))
    assert done.code in (0, 1, 2)
    assert not any("set-env" in command for command in done.commands)
    if name in ("paths", "working-directory", "config", "baseline", "fail-on", "annotations", "summary"):
        assert done.code == 2 or (name, text) == ("paths", "*")
        assert done.commands


def test_what_manifests_say_is_no_command(lint):
    done = lint({"::set-output name=a::b.yaml": LOUD}, fail_on="never")
    assert done.code == 0, done.log
    [annotation] = done.commands
    assert annotation.startswith("::error file=%3A%3Aset-output name=a%3A%3Ab.yaml,")


def test_what_cannot_be_done_is_said_in_an_annotation(lint):
    done = lint({"settings.yaml": CLEAN}, args="--no-such-option")
    assert done.code == 2
    assert "no such option" in done.log.lower()
    assert [command for command in done.commands if "could not do its job" in command]
    assert "findings" not in done.outputs


@pytest.mark.parametrize(
    ("python", "said"), [(None, "no Python 3.11"), ("exit 1", "no Python 3.11"), ("[ $2 = -c ]", "python3-venv")]
)
def test_a_machine_without_a_fitting_python_is_told_so(tmp_path, source, python, said):
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("mktemp", "cat"):
        (programs / name).symlink_to(shutil.which(name))
    if python is not None:
        (programs / "python3").write_text(f"#!{BASH}\n{python}\n")
        (programs / "python3").chmod(0o755)
    done = Runner(tmp_path, source, str(programs)).step("install", tmp_path)
    assert done.code == 2
    [command] = done.commands
    assert command.startswith("::error") and said in command


def test_inputs_reach_scripts_through_the_environment_alone():
    for step in STEPS.values():
        assert "${{" not in step["run"]
    for name, described in ACTION["inputs"].items():
        assert described["description"] and isinstance(described["default"], str), name
        assert f"${{{{ inputs.{name} }}}}" in STEPS["lint"]["env"].values()


def test_zizmor_finds_nothing():
    zizmor = Path(sys.executable).with_name("zizmor")
    command = [str(zizmor), "--pedantic", "--offline", "--no-progress", "--color=never", str(ROOT / "action.yml")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
