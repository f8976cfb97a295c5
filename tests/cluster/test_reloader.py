"""stakater's Reloader: its annotations, and when it restarts what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelint.cluster.reloader import (
    ANNOTATIONS,
    AUTO,
    IGNORE,
    MATCH,
    SEARCH,
    SECRET_AUTO,
    SECRET_RELOAD,
    intended,
    is_annotation,
    is_switched_off,
    reloads,
    restart_targets,
    restarts_otherwise,
    value_problem,
)

EXCLUDE = "secrets.exclude.reloader.stakater.com/reload"


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("secrets.reloader.stakater.com/reload", SECRET_RELOAD),
        ("config.reloader.stakater.com/reload", "configmap.reloader.stakater.com/reload"),
        ("configmaps.reloader.stakater.com/auto", "configmap.reloader.stakater.com/auto"),
        ("secret.exclude.reloader.stakater.com/reload", EXCLUDE),
        ("reloader.stakater.com/auto-reload", AUTO),
        ("reloader.stakater.com/Auto", AUTO),
        ("reloader.stakater.com/enabled", AUTO),
        ("secret.reloader.stakater.com/relaod", SECRET_RELOAD),
        ("reloader.stakater.com/reload", None),
        ("secret.reloader.stakater.com/search", None),
        ("reloader.stakater.com/", None),
    ],
)
def test_what_was_meant(key, meant):
    assert key not in ANNOTATIONS and is_annotation(key)
    assert intended(key) == meant


@pytest.mark.parametrize("key", sorted(ANNOTATIONS))
def test_each_annotation_is_one(key):
    assert is_annotation(key)
    assert intended(key) == key or key.endswith(("paused-at", "last-reloaded-from"))


@pytest.mark.parametrize(
    "key", ["+(reloader.stakater.com/auto)", "${KIND}.reloader.stakater.com/reload", "auto", "x/y"]
)
def test_what_is_none(key):
    assert not is_annotation(key)


@pytest.mark.parametrize(
    ("key", "value", "is_right"),
    [
        (AUTO, "true", True),
        (AUTO, "false", True),
        (AUTO, "T", True),
        (AUTO, "", True),
        (AUTO, "${AUTO}", True),
        (AUTO, None, True),
        (AUTO, True, False),
        (AUTO, 1, False),
        (AUTO, "yes", False),
        (AUTO, "tRUE", False),
        (SECRET_RELOAD, "a,b", True),
        (SECRET_RELOAD, ["a"], False),
        (SECRET_RELOAD, {"a": "b"}, False),
        (SEARCH, "true", True),
        (SEARCH, "True", False),
        (MATCH, "1", False),
    ],
)
def test_values(key, value, is_right):
    assert (value_problem(key, value) is None) is is_right


@pytest.mark.parametrize(
    ("workload", "pod", "secret_annotations", "expected"),
    [
        ({}, {}, {}, False),
        ({AUTO: "true"}, {}, {}, True),
        ({SECRET_AUTO: "true"}, {}, {}, True),
        ({"configmap.reloader.stakater.com/auto": "true"}, {}, {}, False),
        ({}, {AUTO: "true"}, {}, True),
        ({AUTO: "false"}, {AUTO: "true"}, {}, False),
        ({SECRET_RELOAD: "other"}, {AUTO: "true"}, {}, False),
        ({"configmap.reloader.stakater.com/reload": "x"}, {AUTO: "true"}, {}, True),
        ({SECRET_RELOAD: "web-database"}, {}, {}, True),
        ({SECRET_RELOAD: "a, web-.* ,b"}, {}, {}, True),
        ({SECRET_RELOAD: "web"}, {}, {}, False),
        ({SECRET_RELOAD: "("}, {}, {}, False),
        ({SECRET_RELOAD: ""}, {}, {}, False),
        ({SEARCH: "true"}, {}, {MATCH: "true"}, True),
        ({SEARCH: "true"}, {}, {}, False),
        ({SEARCH: "true"}, {}, None, None),
        ({AUTO: "true", EXCLUDE: "tls, web-database"}, {}, {}, False),
        ({AUTO: "true", EXCLUDE: "tls"}, {}, {}, True),
        ({EXCLUDE: "web-database"}, {AUTO: "true"}, {}, False),
        ({}, {AUTO: "true", EXCLUDE: "web-database"}, {}, True),
        ({AUTO: "true"}, {}, {IGNORE: "true"}, False),
        ({AUTO: "true"}, {}, {IGNORE: "True"}, True),
        ({SECRET_RELOAD: "web|database"}, {}, {}, True),
        ({AUTO: "${AUTO}"}, {}, {}, None),
        ({AUTO: ["true"]}, {}, {}, False),
        ({SECRET_RELOAD: 7, AUTO: {}}, {}, {}, False),
    ],
)
def test_restarts(workload, pod, secret_annotations, expected):
    assert reloads(workload, pod, "web-database", secret_annotations) is expected


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        ({"wave.pusher.com/update-on-config-change": "true"}, True),
        ({"wave.pusher.com/update-on-config-change": "false"}, False),
        ({"vault.hashicorp.com/agent-inject": "true"}, True),
        (
            {"vault.hashicorp.com/agent-inject": "true", "vault.hashicorp.com/agent-pre-populate-only": "true"},
            False,
        ),
        ({"operator.1password.io/auto-restart": "true"}, True),
        ({"secrets.doppler.com/reload": "true"}, True),
        ({"secrets.infisical.com/auto-reload": "true"}, True),
        ({"checksum/secret": "abc"}, False),
    ],
)
def test_alternatives(annotations, expected):
    assert restarts_otherwise(annotations, {}) is expected
    assert restarts_otherwise({}, annotations) is expected


def test_decisions():
    assert is_switched_off({AUTO: "false"}, {}, "a")
    assert is_switched_off({EXCLUDE: "a"}, {}, "a")
    assert is_switched_off({}, {}, "a", {IGNORE: "true"})
    assert not is_switched_off({}, {}, "a", {IGNORE: "false"})
    assert not is_switched_off({AUTO: "true", EXCLUDE: "b"}, {}, "a")


@pytest.mark.parametrize("root", [None, [], {"spec": 3}, {"spec": {"rolloutRestartTargets": [None, {"kind": 4}]}}])
def test_no_target(root):
    assert restart_targets(root) == frozenset()


@given(st.text(max_size=40))
def test_no_key_crashes_it(text):
    key = f"{text}reloader.stakater.com/{text}"
    assert intended(key) is None or intended(key) in ANNOTATIONS
