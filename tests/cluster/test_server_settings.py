"""What settings of k3s servers mean."""

import pytest

from kubelint.cluster.server_settings import SHARED, hides_s3_secret, normal

VALUES = [
    ("flannel-backend", ["none"], "none"),
    ("secrets-encryption", [True], "true"),
    ("secrets-encryption", ["True"], "true"),
    ("disable", ["traefik", "servicelb"], "servicelb,traefik"),
    ("disable", ["traefik, servicelb", "coredns"], "coredns,servicelb,traefik"),
    ("disable", [], ""),
    ("cluster-cidr", ["10.42.0.0/16,fd00::/56"], "10.42.0.0/16,fd00::/56"),
    ("cluster-domain", ["a", "b"], "b"),
    ("cluster-domain", [], None),
    ("cluster-domain", [None], None),
    ("cluster-domain", [["a"]], None),
    ("cluster-domain", ["{{ domain }}"], None),
    ("disable", ["traefik", "{{ more }}"], None),
]


@pytest.mark.parametrize(("flag", "values", "text"), VALUES)
def test_one_spelling(flag, values, text):
    assert normal(flag, values) == text


HIDING = [
    ("etcd-s3-bucket", "backups", True),
    ("etcd-s3-insecure", True, True),
    ("etcd-s3-insecure", False, False),
    ("etcd-s3-endpoint", "s3.amazonaws.com", False),
    ("etcd-s3-endpoint", "s3.example.org", True),
    ("etcd-s3-region", "us-east-1", False),
    ("etcd-s3-timeout", "5m", False),
    ("etcd-s3-timeout", "10m", True),
    ("etcd-s3-retention", 5, False),
    ("etcd-s3-bucket", "", False),
    ("etcd-s3-bucket", None, False),
    ("etcd-s3-bucket", "{{ bucket }}", False),
    ("etcd-s3-bucket", {"name": "backups"}, False),
    ("etcd-s3-bucket", ["backups"], False),
    ("etcd-s3", True, False),
    ("etcd-s3-config-secret", "snapshots", False),
    ("etcd-snapshot-dir", "/mnt", False),
]


@pytest.mark.parametrize(("flag", "value", "hides"), HIDING)
def test_what_hides_the_secret(flag, value, hides):
    assert hides_s3_secret(flag, value) is hides


def test_credentials_are_not_compared():
    assert not {"token", "agent-token"} & SHARED.keys()
