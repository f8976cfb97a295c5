"""Bytes to text."""

import codecs

import pytest

from kubelint.sources.decoding import BinaryContent, BrokenEncoding, decode

TEXT = "apiVersion: v1\nname: é漢𝄞\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8-sig"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "utf-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), "utf-32"),
    ],
)
def test_encodings(data, encoding):
    assert decode(data) == (TEXT, encoding)


@pytest.mark.parametrize("data", [b"", b"a", b"ab", b"a: 1"])
def test_short_texts(data):
    assert decode(data) == (data.decode(), "utf-8")


@pytest.mark.parametrize(("data", "line"), [(b"caf\xe9\n", 1), (b"a: 1\nb: \xff\n", 2), (b"a: 1\n\n\xc3(", 3)])
def test_broken_utf8_says_where(data, line):
    with pytest.raises(BrokenEncoding) as caught:
        decode(data)
    assert caught.value.text[: caught.value.offset].count("\n") + 1 == line
    assert caught.value.text[caught.value.offset] == "\ufffd"


@pytest.mark.parametrize("data", [b"\x00\x01\x02", b"GITCRYPT\x00", b"\x7fELF\x02\x01\x01\x00" + b"\x00" * 50])
def test_binary(data):
    with pytest.raises(BinaryContent):
        decode(data)
