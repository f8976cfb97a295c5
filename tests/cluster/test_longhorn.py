"""Longhorn's backup targets and recurring jobs, as tables of facts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelint.cluster.longhorn.backup_targets import (
    KNOWN_KEYS,
    intended_key,
    missing_keys,
    must_be_trimmed,
    needs_credentials,
    store_type,
)
from kubelint.cluster.longhorn.recurring_jobs import TASKS, is_name, is_source, job_problems, labelled, listed, selector


@pytest.mark.parametrize(
    ("url", "store", "needs"),
    [
        ("s3://bucket@region/", "s3", True),
        (" s3://bucket@region/path ", "s3", True),
        ("cifs://nas/share", "cifs", True),
        ("azblob://container@core.windows.net/", "azblob", True),
        ("nfs://nas:/backups?nfsOptions=vers=4.2", "nfs", False),
        ("S3://bucket@region/", None, False),
        ("https://minio.lan", None, False),
        ("s3:bucket", None, False),
        ("", None, False),
    ],
)
def test_stores(url, store, needs):
    assert store_type(url) == store
    assert needs_credentials(store) is needs


@pytest.mark.parametrize(
    ("store", "keys", "missing"),
    [
        ("s3", ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), ()),
        ("s3", ("AWS_IAM_ROLE_ARN",), ()),
        ("s3", ("AWS_ACCESS_KEY_ID",), ("AWS_SECRET_ACCESS_KEY",)),
        ("s3", (), ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")),
        ("cifs", ("CIFS_USERNAME",), ("CIFS_PASSWORD",)),
        ("azblob", ("AZBLOB_ACCOUNT_KEY",), ("AZBLOB_ACCOUNT_NAME",)),
        ("nfs", (), ()),
        (None, (), ()),
    ],
)
def test_what_a_secret_lacks(store, keys, missing):
    assert missing_keys(store, keys) == missing


@pytest.mark.parametrize(
    ("store", "key", "meant"),
    [
        ("s3", "AWS_ENDPOINT", "AWS_ENDPOINTS"),
        ("s3", "S3_ENDPOINT", "AWS_ENDPOINTS"),
        ("s3", "aws_access_key_id", "AWS_ACCESS_KEY_ID"),
        ("s3", "aws-access-key-id", "AWS_ACCESS_KEY_ID"),
        ("s3", "access_key", "AWS_ACCESS_KEY_ID"),
        ("s3", "AWS_SECRET_KEY", "AWS_SECRET_ACCESS_KEY"),
        ("s3", "AWS_SECRET_ACCES_KEY", "AWS_SECRET_ACCESS_KEY"),
        ("s3", "AWS_REGION", None),
        ("s3", "AWS_DEFAULT_REGION", None),
        ("s3", "AWS_SESSION_TOKEN", None),
        ("s3", "iam.amazonaws.com/role", None),
        ("s3", "bucket", None),
        ("s3", "cifs_username", None),
        ("cifs", "cifs_username", "CIFS_USERNAME"),
        ("cifs", "AWS_ENDPOINT", None),
        ("azblob", "AZBLOB_ENDPOINTS", "AZBLOB_ENDPOINT"),
        ("nfs", "AWS_ENDPOINT", None),
        (None, "AWS_ENDPOINT", None),
    ],
)
def test_near_misses(store, key, meant):
    assert intended_key(store, key) == meant


@pytest.mark.parametrize("key", sorted(KNOWN_KEYS))
def test_what_is_read_is_no_near_miss(key):
    assert all(intended_key(store, key) is None for store in ("s3", "cifs", "azblob"))
    assert must_be_trimmed(key) is not key.endswith("_CERT")


JOB = {"task": "backup", "cron": "0 3 * * *", "groups": ["default"], "retain": 7, "concurrency": 2}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"name": "other"},
        {"cron": "@daily"},
        {"cron": "${CRON}", "task": "{{ task }}", "retain": "${RETAIN}"},
        {"retain": 100},
        {"retain": 1000, "retentionPolicy": "age-based"},
        {"task": "snapshot-cleanup", "retain": 0},
        {"task": "snapshot-delete", "retain": 0},
        {"task": "filesystem-trim", "retain": 0, "groups": None},
        {"task": "system-backup", "parameters": {"volume-backup-policy": "always"}},
        {"parameters": {"full-backup-interval": "7"}},
        {"task": "snapshot", "parameters": {"anything": "7"}},
        {"concurrency": 0},
    ],
)
def test_jobs_that_are_right(changes):
    assert job_problems(JOB | changes) == []


@pytest.mark.parametrize(
    ("changes", "path", "certain"),
    [
        ({"task": "backups"}, "task", True),
        ({"task": None}, "task", True),
        ({"task": ["backup"]}, "task", True),
        ({"cron": ""}, "cron", True),
        ({"cron": 5}, "cron", True),
        ({"cron": ["0 3 * * *"]}, "cron", True),
        ({"cron": {}}, "cron", True),
        ({"cron": True}, "cron", True),
        ({"cron": "0 3 * * 7"}, "cron", True),
        ({"retain": "7"}, "retain", True),
        ({"retain": True}, "retain", True),
        ({"retain": 1.5}, "retain", True),
        ({"retain": 0}, "retain", False),
        ({"retain": -1}, "retain", False),
        ({"retain": 150}, "retain", False),
        ({"retain": 251}, "retain", True),
        ({"concurrency": "2"}, "concurrency", True),
        ({"groups": "default"}, "groups", True),
        ({"labels": ["a"]}, "labels", True),
        ({"parameters": {"interval": "7"}}, "parameters", True),
        ({"parameters": "none"}, "parameters", True),
    ],
)
def test_jobs_that_are_wrong(changes, path, certain):
    (problem,) = job_problems(JOB | changes)
    assert problem.path[0] == path
    assert problem.certain is certain


ANY = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.text(max_size=3), max_size=2)


@given(st.dictionaries(st.sampled_from([*JOB, "labels", "parameters", "retentionPolicy"]), ANY) | ANY)
def test_no_spec_crashes_it(spec):
    assert all(problem.text for problem in job_problems(spec))


@pytest.mark.parametrize("task", TASKS)
def test_every_task_is_known(task):
    assert job_problems(JOB | {"task": task}) == []


@pytest.mark.parametrize(
    ("text", "jobs", "groups", "is_open"),
    [
        ('[{"name":"a","isGroup":true},{"name":"b","isGroup":false},{"name":"c"}]', {"b", "c"}, {"a"}, False),
        ("[]", set(), set(), False),
        ("", set(), set(), False),
        ("[map[isGroup:true name:a]]", set(), set(), True),
        ('{"name": "a"}', set(), set(), True),
        ('[{"name": "${JOB}"}]', set(), set(), True),
        ('[{"name": 3}, 4, null]', set(), set(), False),
        ("[" * 100_000, set(), set(), True),
    ],
)
def test_selectors(text, jobs, groups, is_open):
    assert selector(text) == (frozenset(jobs), frozenset(groups), is_open)


@pytest.mark.parametrize("entries", [None, "text", {}, 4, "${JOBS}"])
def test_what_is_no_list_may_name_anything(entries):
    assert listed(entries).open


def test_labels():
    found = labelled(
        'recurring-job.longhorn.io/source: enabled\n"recurring-job.longhorn.io/a": enabled\n'
        "{recurring-job-group.longhorn.io/b: enabled}\n"
    )
    assert found == (frozenset({"a"}), frozenset({"b"}), False)
    assert labelled("recurring-job.longhorn.io/${JOB}: enabled").open
    both = {"recurring-job.longhorn.io/a": "disabled", "recurring-job.longhorn.io/b": "enabled"}
    assert labelled(str(both)).jobs == {"b"}
    assert labelled("recurring-job-group.longhorn.io~1a").groups == {"a"}
    assert labelled("+(recurring-job-group.longhorn.io/a): enabled").groups == {"a"}
    assert found.takes("a", []) and found.takes("x", ["b"]) and not found.takes("b", ["a"])


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"recurring-job.longhorn.io/source": "enabled"}, True),
        ({"recurring-job.longhorn.io/source": "enable"}, False),
        ({"recurring-job.longhorn.io/source": ["enabled"]}, False),
        ({"recurring-job.longhorn.io/source": "${ON}"}, True),
        ({"${KEY}": "enabled"}, True),
        ({"app": "db"}, False),
        ({}, False),
    ],
)
def test_claims_whose_labels_count(labels, expected):
    assert is_source(labels) is expected


@pytest.mark.parametrize("name", ["ab", "a1", "a.b_c-1"])
def test_names_of_jobs(name):
    assert is_name(name)
    assert not any(map(is_name, ("", name[:1], f"-{name}", f"{name} ", f"{name}/x")))
