"""Nothing leaves the machine, in tests neither; and one flag rewrites what snapshots expect."""

import os
import socket

import pytest

JOB = ("GITHUB_ACTIONS", "GITHUB_WORKSPACE", "GITHUB_STEP_SUMMARY", "GITLAB_CI", "CI_PROJECT_DIR")


def pytest_addoption(parser):
    parser.addoption("--update-fixtures", action="store_true", help="write the expected output of fixtures anew")


@pytest.fixture
def update_fixtures(request):
    update = request.config.getoption("--update-fixtures")
    assert not (update and os.environ.get("CI")), "fixtures are not rewritten in CI"
    return update


@pytest.fixture(autouse=True)
def no_network(request, monkeypatch):
    if request.node.get_closest_marker("network"):
        return

    def refuse(self, address):
        raise AssertionError(f"a test tried to connect to {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory):
    """What tests render is kept apart from what their user renders."""
    os.environ["KUBELINT_CACHE_DIR"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    """Colours and the like, and what job this is, come from a test's own words."""
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", *JOB):
        monkeypatch.delenv(name, raising=False)
