"""What the fixes of this category make of files, as YAML reads them."""

import base64
from typing import Any

import pytest
import yaml
from invented import invented
from linting import REGISTRY, TODAY

from kubelint.checks import Applicability
from kubelint.config.model import Settings
from kubelint.engine.fixing.fixer import Fixer
from kubelint.engine.linter import Linter
from kubelint.engine.reading import Input
from kubelint.sources.reading import read_bytes

PASSWORD = invented("password")
ALL = frozenset({Applicability.SAFE, Applicability.UNSAFE})
SECRET = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: wiki\n"


def fixed(text: str, rule: str, allowed: frozenset[Applicability] = ALL) -> Any:
    """The document after its fixes."""
    linter = Linter(REGISTRY, Settings()._replace(select=(rule,)), TODAY)
    outcome = Fixer(linter.run, allowed).run(Input([read_bytes("a.yaml", text.encode())]))
    assert not outcome.refused
    after = outcome.changed["a.yaml"][1].text if outcome.changed else text
    return yaml.safe_load(after)


@pytest.mark.parametrize(
    ("body", "data", "strings"),
    [
        ("data:\n  host: mail.wiki.internal\n", None, {"host": "mail.wiki.internal"}),
        (
            "data:\n  host: mail.wiki.internal\n  right: d2lraQ==\n",
            {"right": "d2lraQ=="},
            {"host": "mail.wiki.internal"},
        ),
        (
            "data:\n  host: mail.wiki.internal\nstringData:\n  a: b\n",
            None,
            {"a": "b", "host": "mail.wiki.internal"},
        ),
        ("data:\n  host: mail.wiki.internal\nstringData:\n  host: b\n", None, {"host": "b"}),
        ("data:\n  host: mail.wiki.internal\nstringData:\n", None, {"host": "mail.wiki.internal"}),
        (
            "data:\n  a: 'not \"base64\": é\\n'\n  b: '443'\nstringData:\n  c: d\n",
            None,
            {"a": 'not "base64": é\\n', "b": "443", "c": "d"},
        ),
        ("data:\n  a: |\n    two lines!\n    of text!\n", None, {"a": "two lines!\nof text!\n"}),
    ],
)
def test_text_moves_to_string_data(body: str, data: object, strings: object) -> None:
    after = fixed(SECRET + body, "secret-data-not-base64", frozenset({Applicability.SAFE}))
    assert after.get("data") == data
    assert after.get("stringData") == strings
    assert fixed(SECRET + body, "secret-data-not-base64") == after


@pytest.mark.parametrize("written", ["aGVsbG8gd2lraQ", "aGVsbG8gd2lraQ=", "aGVsbG8g d2lraQ=="])
def test_what_nearly_is_base64_becomes_base64(written: str) -> None:
    text = f"{SECRET}data:\n  a: {written}\n"
    assert fixed(text, "secret-data-not-base64", frozenset({Applicability.SAFE})) == yaml.safe_load(text)
    assert base64.b64decode(fixed(text, "secret-data-not-base64")["data"]["a"]) == b"hello wiki"


def test_numbers_stay_where_they_are() -> None:
    text = f"{SECRET}data:\n  port: 5432\n"
    assert fixed(text, "secret-data-not-base64") == yaml.safe_load(text)


ANNOTATION = (
    "    kubectl.kubernetes.io/last-applied-configuration: |\n"
    f'      {{"kind": "Secret", "apiVersion": "v1", "metadata": {{}}, "stringData": {{"password": "{PASSWORD}"}}}}\n'
)


def test_an_annotation_goes() -> None:
    assert fixed(f"{SECRET}  annotations:\n{ANNOTATION}", "last-applied-secret")["metadata"] == {"name": "wiki"}
    after = fixed(f"{SECRET}  annotations:\n    a: b\n{ANNOTATION}", "last-applied-secret")
    assert after["metadata"]["annotations"] == {"a": "b"}


def test_an_encrypted_file_is_left_to_sops() -> None:
    text = f"{SECRET}  annotations:\n{ANNOTATION}sops:\n  mac: ENC[AES256_GCM,data:x]\n  version: 3.9.0\n"
    assert fixed(text, "last-applied-secret") == yaml.safe_load(text)


def test_a_variable_comes_from_a_secret() -> None:
    head = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: wiki\n"
    head += "spec:\n  containers:\n    - name: wiki\n      image: wiki\n"
    after = fixed(f"{head}      env:\n        - name: DB_PASSWORD\n          value: {PASSWORD}\n", "secret-in-env")
    assert after["spec"]["containers"][0]["env"] == [
        {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "wiki", "key": "DB_PASSWORD"}}}
    ]
