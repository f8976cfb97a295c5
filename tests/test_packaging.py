"""What lands in site-packages: two packages with their data and nothing else."""

import subprocess
import sys
import tomllib
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = {"kubelint": ROOT / "linter" / "kubelint", "kubelint_rules": ROOT / "rules" / "kubelint_rules"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    target = tmp_path_factory.mktemp("wheel")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(target)]
    result = subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(ROOT)], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    [path] = target.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


def metadata(wheel, name):
    [path] = [entry for entry in wheel.namelist() if entry.endswith(f".dist-info/{name}")]
    return wheel.read(path).decode()


def test_its_top_level_names(wheel):
    names = {name.split("/")[0] for name in wheel.namelist()}
    assert {name for name in names if not name.endswith(".dist-info")} == {"kubelint", "kubelint_rules"}


@pytest.mark.parametrize("package", SOURCES)
def test_it_holds_every_file_of_the_sources(wheel, package):
    here = {
        f"{package}/{path.relative_to(SOURCES[package]).as_posix()}"
        for path in SOURCES[package].rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert f"{package}/py.typed" in here
    assert any(name.endswith(".json") for name in here)
    assert here == {name for name in wheel.namelist() if name.startswith(f"{package}/")}


def test_its_entry_points(wheel):
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = metadata(wheel, "entry_points.txt")
    assert f"kubelint = {declared['scripts']['kubelint']}" in text
    assert "[kubelint.rules]" in text and "builtin = kubelint_rules" in text


def test_its_metadata(wheel):
    found = message_from_string(metadata(wheel, "METADATA"))
    assert found["Name"] == "kubelint"
    assert found["License-Expression"] == "Apache-2.0"
    assert found["Requires-Python"] == ">=3.11"
    assert found.get_payload().startswith("# kubelint")


def test_the_licence_comes_along(wheel):
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in wheel.namelist())
