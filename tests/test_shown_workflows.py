"""The workflows that the written pages show are ones: actionlint has nothing to say, and the action knows its inputs.

Whether actionlint agrees is asked where it is installed.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent, indent

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BESIDE = Path(sys.executable).with_name("actionlint")
ACTIONLINT = str(BESIDE) if BESIDE.exists() else shutil.which("actionlint")
OURS = re.compile(r"<owner>/<[\w ]+>@<tag or commit>")
JOB = "on: push\npermissions: {}\njobs:\n  shown:\n    runs-on: ubuntu-24.04\n"


def workflows():
    """Every workflow, or list of steps in one, that a page shows: by the page and a number."""
    for page in PAGES:
        blocks = re.findall(r"^```yaml\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
        for number, block in enumerate(blocks):
            text = OURS.sub("example/kubelint@v1", block)
            value = yaml.safe_load(re.sub(r"<[\w ]+>", "x", text))
            if isinstance(value, dict) and "jobs" in value:
                yield pytest.param(text, id=f"{page.name}-{number}")
            elif is_steps(value):
                yield pytest.param(f"{JOB}    steps:\n{indented(text, 6)}", id=f"{page.name}-{number}")
            elif isinstance(value, dict) and is_steps(value.get("steps")):
                yield pytest.param(f"{JOB}{indented(text, 4)}", id=f"{page.name}-{number}")


def indented(text, spaces):
    return indent(dedent(text), " " * spaces)


def is_steps(value):
    return isinstance(value, list) and all(isinstance(step, dict) and {"uses", "run"} & set(step) for step in value)


SHOWN = list(workflows())


def test_the_action_is_shown_in_both_places():
    assert {shown.id.rpartition("-")[0] for shown in SHOWN if "example/kubelint" in shown.values[0]} == {
        "README.md",
        "usage.md",
    }


@pytest.mark.parametrize("text", SHOWN)
def test_the_action_has_the_inputs_and_outputs_that_are_used(text):
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    for job in yaml.safe_load(text)["jobs"].values():
        for step in job["steps"]:
            if step.get("uses", "").startswith("example/kubelint"):
                assert set(step.get("with", {})) <= set(action["inputs"])
    assert set(re.findall(r"steps\.kubelint\.outputs\.([\w-]+)", text)) <= set(action["outputs"])


def test_every_input_is_explained():
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    text = (ROOT / "docs" / "usage.md").read_text(encoding="utf-8").partition("## GitHub Actions")[2]
    rows = re.findall(r"^\| `([a-z-]+)` \|.*\| (?:`(.*)` )?\|$", text, re.MULTILINE)
    assert dict(rows) == {name: described["default"] for name, described in action["inputs"].items()}


def test_no_shown_script_takes_what_others_say(tmp_path):
    """zizmor, as strict as people run it; to pin by hash is left to the reader."""
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    for shown in SHOWN:
        (folder / f"{shown.id}.yaml").write_text(shown.values[0], encoding="utf-8")
    (tmp_path / "zizmor.yml").write_text("rules: {unpinned-uses: {disable: true}}\n", encoding="utf-8")
    command = [str(Path(sys.executable).with_name("zizmor")), "--offline", "--no-progress", "--color=never"]
    done = subprocess.run(
        [*command, "--config", str(tmp_path / "zizmor.yml"), str(folder)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(ACTIONLINT is None, reason="no actionlint here: its package fetches the program from elsewhere")
@pytest.mark.parametrize("text", SHOWN)
def test_actionlint_finds_nothing(text, tmp_path):
    """It reads the action, too, where a workflow uses that of its own repository."""
    path = tmp_path / ".github" / "workflows" / "shown.yaml"
    path.parent.mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    shutil.copy(ROOT / "action.yml", tmp_path)
    path.write_text(text.replace("example/kubelint@v1", "./"), encoding="utf-8")
    command = [ACTIONLINT, "-no-color", "-shellcheck=", "-pyflakes=", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
