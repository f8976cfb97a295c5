"""The Secrets that operators make, and what stands in those that are written out."""

import base64

import pytest

from kubelint.cluster.secret_data import MAX_ENCODED, decoded, is_ciphertext
from kubelint.cluster.secret_producers import KINDS, is_generated, made_secrets, never_refreshes

ESO = "external-secrets.io"
META = {"metadata": {"name": "own"}}


def external(**spec):
    (made,) = made_secrets(ESO, "ExternalSecret", META | {"spec": spec})
    return made


@pytest.mark.parametrize(
    ("spec", "name", "keys", "is_open"),
    [
        ({"data": [{"secretKey": "a"}, {"secretKey": "b"}]}, "own", {"a", "b"}, False),
        ({"target": {"name": "other"}, "data": []}, "other", set(), False),
        ({"target": {"name": "${NAME}"}}, None, set(), False),
        ({"dataFrom": [{"extract": {"key": "x"}}], "data": [{"secretKey": "a"}]}, "own", {"a"}, True),
        ({"data": [{"secretKey": "a"}], "target": {"template": {"data": {"b": "{{ .a }}"}}}}, "own", {"b"}, False),
        (
            {"data": [{"secretKey": "a"}], "target": {"template": {"data": {"b": "x"}, "mergePolicy": "Merge"}}},
            "own",
            {"a", "b"},
            False,
        ),
        ({"dataFrom": [{}], "target": {"template": {"data": {"b": "x"}}}}, "own", {"b"}, False),
        ({"data": [{"secretKey": "a"}], "target": {"template": {"templateFrom": [{}]}}}, "own", set(), True),
        ({"data": [{"secretKey": "${KEY}"}]}, "own", set(), True),
        ({"data": [{"secretKey": "a"}], "target": {"creationPolicy": "Merge"}}, "own", {"a"}, True),
        ({"data": [{"secretKey": "a"}], "target": {"creationPolicy": "Owner"}}, "own", {"a"}, False),
        ({"data": [None, 3, {"secretKey": None}], "target": [], "dataFrom": "x"}, "own", set(), True),
    ],
)
def test_external_secrets(spec, name, keys, is_open):
    made = external(**spec)
    assert (made.name, set(made.keys), made.open) == (name, keys, is_open)


def test_a_secret_that_is_not_made():
    assert made_secrets(ESO, "ExternalSecret", META | {"spec": {"target": {"creationPolicy": "None"}}}) == []


@pytest.mark.parametrize(
    ("group", "kind", "spec", "noted"),
    [
        (ESO, "ExternalSecret", {}, "own"),
        (ESO, "ExternalSecret", {"target": {"template": None}}, "own"),
        (ESO, "ExternalSecret", {"target": {"template": {}}}, None),
        (ESO, "ExternalSecret", {"target": {"template": {"metadata": {"annotations": {"a": "given"}}}}}, "given"),
        (ESO, "ClusterExternalSecret", {"externalSecretSpec": {}}, None),
        ("bitnami.com", "SealedSecret", {}, None),
        ("bitnami.com", "SealedSecret", {"template": {"metadata": {"annotations": {"a": "given"}}}}, "given"),
        ("cert-manager.io", "Certificate", {"secretTemplate": {"annotations": {"a": "given"}}}, "given"),
        ("cert-manager.io", "Certificate", {"annotations": {"a": "given"}}, None),
        ("secrets.hashicorp.com", "VaultStaticSecret", {"destination": {"annotations": {"a": "given"}}}, "given"),
    ],
)
def test_annotations_that_a_secret_gets(group, kind, spec, noted):
    (made,) = made_secrets(group, kind, {"metadata": {"name": "x", "annotations": {"a": "own"}}, "spec": spec})
    assert made.annotations.get("a") == noted


@pytest.mark.parametrize(
    ("group", "kind", "spec", "expected"),
    [
        (ESO, "ExternalSecret", {"target": {"immutable": True}}, True),
        (ESO, "ExternalSecret", {"target": {"immutable": "true"}}, False),
        (ESO, "ClusterExternalSecret", {"externalSecretSpec": {"target": {"immutable": True}}}, True),
        ("bitnami.com", "SealedSecret", {"template": {"immutable": True}}, True),
        ("bitnami.com", "SealedSecret", {}, False),
    ],
)
def test_what_never_changes(group, kind, spec, expected):
    (made,) = made_secrets(group, kind, META | {"spec": spec})
    assert made.immutable is expected


def test_known_texts_of_a_template():
    made = external(target={"template": {"data": {"a": "plain", "b": "{{ .b }}"}}})
    assert made.keys["a"][1] == "plain"
    assert made.keys["b"][1] is None


@pytest.mark.parametrize(
    ("group", "kind", "spec", "name", "keys"),
    [
        ("bitnami.com", "SealedSecret", {"encryptedData": {"a": "x"}, "template": {"data": {"b": "y"}}}, "own", "ab"),
        (ESO, "ClusterExternalSecret", {"externalSecretName": "e", "externalSecretSpec": {}}, "e", ""),
        (ESO, "ClusterExternalSecret", {"externalSecretSpec": {"target": {"name": "t"}}}, "t", ""),
        ("cert-manager.io", "Certificate", {"secretName": "tls"}, "tls", ""),
        ("secrets.hashicorp.com", "VaultStaticSecret", {"destination": {"name": "v"}}, "v", ""),
        ("secrets.hashicorp.com", "VaultDynamicSecret", {"destination": {"name": "v"}}, "v", ""),
        ("onepassword.com", "OnePasswordItem", {}, "own", ""),
        ("secrets.doppler.com", "DopplerSecret", {"managedSecret": {"name": "d"}}, "d", ""),
        ("secrets.infisical.com", "InfisicalSecret", {"managedSecretReference": {"secretName": "i"}}, "i", ""),
        ("isindir.github.com", "SopsSecret", {"secretTemplates": [{"name": "s"}]}, "s", ""),
        (
            "secrets-store.csi.x-k8s.io",
            "SecretProviderClass",
            {"secretObjects": [{"secretName": "c", "data": [{"key": "k"}]}]},
            "c",
            "k",
        ),
    ],
)
def test_operators(group, kind, spec, name, keys):
    (made,) = made_secrets(group, kind, META | {"spec": spec})
    assert kind in KINDS
    assert (made.name, "".join(sorted(made.keys))) == (name, keys)


@pytest.mark.parametrize("root", [None, [], "x", {"spec": "x"}, {"spec": {"secretObjects": "x"}, "metadata": []}])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_nothing_crashes_it(kind, root):
    for group in ("", ESO, "bitnami.com", "secrets-store.csi.x-k8s.io"):
        assert all(made.name is None for made in made_secrets(group, kind, root))


@pytest.mark.parametrize(
    ("spec", "where"),
    [
        ({"refreshInterval": "0"}, "refreshInterval"),
        ({"refreshInterval": "0s"}, "refreshInterval"),
        ({"refreshInterval": "0h0m0s"}, "refreshInterval"),
        ({"refreshInterval": "0.0s"}, "refreshInterval"),
        ({"refreshInterval": "0h1m"}, None),
        ({"refreshInterval": "00"}, None),
        ({"refreshInterval": 0}, "refreshInterval"),
        ({"refreshInterval": "0", "refreshPolicy": "Periodic"}, "refreshInterval"),
        ({"refreshPolicy": "CreatedOnce"}, "refreshPolicy"),
        ({"refreshInterval": "0", "refreshPolicy": "OnChange"}, None),
        ({"refreshInterval": "1h"}, None),
        ({"refreshInterval": "10s"}, None),
        ({"refreshInterval": "${INTERVAL}"}, None),
        ({"refreshInterval": ""}, None),
        ({"refreshInterval": False}, None),
        ({"refreshInterval": []}, None),
        ({}, None),
        (None, None),
    ],
)
def test_what_is_fetched_once(spec, where):
    assert never_refreshes(spec) == ((where,) if where else None)
    assert external(**(spec or {})).rotates is (where is None and (spec or {}).get("refreshPolicy") != "OnChange")


def test_generators():
    ref = {"sourceRef": {"generatorRef": {"kind": "Password"}}}
    assert is_generated({"dataFrom": [ref]}) and is_generated({"data": [ref]})
    assert not is_generated({"dataFrom": [{"extract": {}}, None]}) and not is_generated(None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (base64.b64encode(b"key\n").decode(), "key\n"),
        ("a2V5\nCg==", "key\n"),
        ("", ""),
        ("no base64!", None),
        ("a2V", None),
        (base64.b64encode(b"\xff\xfe").decode(), None),
        ("ENC[AES256_GCM,data:x]", None),
        (base64.b64encode(b"ENC[AES256_GCM,data:x]").decode(), None),
        ("A" * (MAX_ENCODED + 1), None),
    ],
)
def test_decoding(text, expected):
    assert decoded(text) == expected


@pytest.mark.parametrize("text", ["ENC[x", "$ANSIBLE_VAULT;1.1", "-----BEGIN AGE ENCRYPTED FILE-----", "vault:v1:x"])
def test_ciphertext(text):
    assert is_ciphertext(text)
