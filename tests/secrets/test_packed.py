"""Credentials inside of base64 and gzip, and input that is large, broken or built to be slow."""

from __future__ import annotations

import base64
import gzip
import random
import textwrap

import pytest
from effort import grows_linearly
from invented import INVENTED
from linting import ids, lint_texts

from kubelint_rules.secrets import encodings
from kubelint_rules.secrets.credentials import Family, credentials_in
from kubelint_rules.secrets.encodings import MAX_UNPACKED, decode_base64, decode_text, is_encrypted, packed, text_of

TOKEN = INVENTED["github_token"]()
LINES = f"# wiki\nuser = wiki\ntoken = {TOKEN}\n"
SELECT = ("private-key", "provider-token", "credentials-in-url")


def encoded(data: str | bytes) -> str:
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


WRAPPED = {
    "base64": encoded(LINES),
    "URL-safe base64": base64.urlsafe_b64encode(LINES.encode() + b"?>~~").decode(),
    "base64 without padding": encoded(LINES + "x").rstrip("="),
    "base64 in lines": "\n".join(textwrap.wrap(encoded(LINES * 3), 76)),
    "base64 of base64": encoded(encoded(LINES)),
    "base64 of base64 of base64": encoded(encoded(encoded(LINES))),
    "base64 of gzip": encoded(gzip.compress(LINES.encode(), mtime=0)),
    "base64 of base64 of gzip": encoded(encoded(gzip.compress(LINES.encode(), mtime=0))),
    "base64 of UTF-16": encoded(LINES.encode("utf-16")),
    "base64 of UTF-8 under a mark": encoded(LINES.encode("utf-8-sig")),
    "base64 inside of a text": f'{{"auth": "{encoded(LINES)}"}}',
    "base64 on a command line": f"--config={encoded(LINES)} --verbose",
}


@pytest.mark.parametrize("text", WRAPPED.values(), ids=WRAPPED)
def test_credentials_are_found_in(text: str) -> None:
    assert {found.kind for found in credentials_in(text)} == {"GitHub token"}


@pytest.mark.parametrize("text", WRAPPED.values(), ids=WRAPPED)
def test_credentials_are_found_in_a_secret_of(text: str) -> None:
    secret = f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: wiki\ndata:\n  wiki.conf: {encoded(text)}\n"
    assert ids(lint_texts({"a.yaml": secret}, select=SELECT)) == ["provider-token"]


@pytest.mark.parametrize("text", WRAPPED.values(), ids=WRAPPED)
def test_harmless_text_stays_harmless_in(text: str) -> None:
    assert TOKEN not in text
    assert credentials_in(text.translate(str.maketrans("ghijGHIJ", "jihgJIHG"))) == ()


def test_a_packed_credential_stands_where_its_packing_starts() -> None:
    (found,) = credentials_in(f"a: 1\nb: 2\nauth: {encoded(LINES)}\n")
    assert (found.line, found.start) == (3, 16)


def test_four_layers_are_one_too_many() -> None:
    assert credentials_in(encoded(encoded(encoded(encoded(LINES))))) == ()


def test_a_private_key_in_base64_is_one_credential() -> None:
    for text in (encoded(INVENTED["rsa_key"]()), encoded("\n" + INVENTED["rsa_key"]())):
        assert [found.family for found in credentials_in(text)] == [Family.PRIVATE_KEY]


def test_what_gzip_blows_up_is_read_from_its_beginning() -> None:
    bomb = encoded(gzip.compress(LINES.encode() + b"0\n" * 50_000_000, 1))
    decoded = decode_text(bomb)
    assert decoded is not None
    assert len(decoded) <= MAX_UNPACKED
    assert [found.kind for found in credentials_in(bomb)] == ["GitHub token"]


@pytest.mark.parametrize(
    "raw",
    [
        b"\x1f\x8b",
        b"\x1f\x8b\x08garbage that is no deflate stream",
        gzip.compress(b"wiki", mtime=0)[:10],
        b"\xff\xfe\x00",
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        bytes(4096),
        random.Random(1).randbytes(4096),
    ],
)
def test_bytes_that_are_no_text(raw: bytes) -> None:
    assert not text_of(raw)
    assert credentials_in(encoded(raw) * 2) == ()
    secret = f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: wiki\ndata:\n  blob: {encoded(raw)}\n"
    assert ids(lint_texts({"a.yaml": secret}, select=SELECT)) == []


@pytest.mark.parametrize("broken", ["!", "=", "====", "A", "AAAA=AAAA", "AAA", "\ud800AAA", "é" * 40, "A" * 4097])
def test_broken_base64_is_none(broken: str) -> None:
    assert decode_base64(broken) is None
    assert list(packed(broken)) == []


def test_twenty_megabytes_of_base64_are_decoded_once_and_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    noise = random.Random(2).randbytes(15_000_000)
    assert credentials_in(encoded(noise)) == ()
    text = ("x = 1\n" * 1000 + LINES) * 2400
    assert len(encoded(text)) > 19_000_000
    decoded: list[int] = []
    unpacked = encodings._unpacked
    monkeypatch.setattr(encodings, "_unpacked", lambda run: decoded.append(len(run)) or unpacked(run))
    assert len(credentials_in(encoded(text))) == 2400
    assert sum(size > 1_000_000 for size in decoded) == 1


def test_a_large_secret_is_linted() -> None:
    data = encoded(("x = 1\n" * 1000 + LINES) * 100)
    secret = f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: wiki\ndata:\n  blob: {data}\n"
    assert ids(lint_texts({"a.yaml": secret}, select=SELECT)) == ["provider-token"]


def test_a_helm_release_is_not_unpacked() -> None:
    release = encoded(encoded(gzip.compress(LINES.encode(), mtime=0)))
    secret = (
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: sh.helm.release.v1.wiki.v1\ntype: {}\ndata:\n  release: {}\n"
    )
    assert ids(lint_texts({"a.yaml": secret.format("helm.sh/release.v1", release)}, select=SELECT)) == []
    assert ids(lint_texts({"a.yaml": secret.format("Opaque", release)}, select=SELECT)) == ["provider-token"]


@pytest.mark.parametrize(
    "ciphertext", ["ENC[AES256_GCM,data:{},iv:x]", "$ANSIBLE_VAULT;1.1;AES256\n{}", "\x00GITCRYPT{}"]
)
def test_ciphertext_is_left_alone_at_every_layer(ciphertext: str) -> None:
    text = ciphertext.format(TOKEN)
    assert is_encrypted(text)
    assert credentials_in(text) == credentials_in(encoded(text)) == ()


def test_keys_with_newlines() -> None:
    data = f'  "a\\nb": {TOKEN}\n  ? |\n    c\n    d\n  : {TOKEN}\n'
    text = f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: wiki\nstringData:\n{data}"
    assert ids(lint_texts({"a.yaml": text}, select=("secrets",))) == ["provider-token"] * 2


def config_map(entries: int) -> str:
    lines = "".join(f"  key-{index}: value {index} of the wiki\n" for index in range(entries))
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: wiki\ndata:\n{lines}  token: {TOKEN}\n"


def test_a_config_map_of_a_hundred_thousand_entries() -> None:
    assert grows_linearly(lambda size: lint_texts({"a.yaml": config_map(size)}, select=SELECT), 400)
    assert ids(lint_texts({"a.yaml": config_map(100_000)}, select=SELECT)) == ["provider-token"]


def test_many_credentials_of_a_text_take_linear_time() -> None:
    assert grows_linearly(lambda size: credentials_in(f"{size}\n" + LINES * size), 100)
    assert grows_linearly(lambda size: credentials_in(f"{size}\n" + encoded(LINES) * size), 100)
    assert grows_linearly(lambda size: credentials_in(f"{size}\n" + INVENTED["ed25519_key"]() * size), 50)
