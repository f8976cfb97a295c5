"""Bytes to text."""

import codecs

import pytest

from kubelint.sources.decoding import BinaryContent, BrokenEncoding, decode

TEXT = "é: 🦀\r\nb: x\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8-sig"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "utf-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16"),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), "utf-32"),
        (codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"), "utf-32"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_encodings(data: bytes, encoding: str) -> None:
    assert decode(data) == (TEXT, encoding)


def test_empty() -> None:
    assert decode(b"") == ("", "utf-8")
    assert decode(codecs.BOM_UTF8) == ("", "utf-8-sig")


@pytest.mark.parametrize(
    ("data", "message", "before"),
    [
        (b"a: 1\nb: \xe9\n", "0xe9 is not UTF-8", "a: 1\nb: "),
        ("é\r\n🦀: ".encode() + b"\xff", "0xff is not UTF-8", "é\r\n🦀: "),
        (b"a: \xf0\x9f\xa6", "0xf0 is not UTF-8", "a: "),
        (b"a: \xed\xa0\x80", "0xed is not UTF-8", "a: "),
        (b"a: \xc0\xaf", "0xc0 is not UTF-8", "a: "),
        (codecs.BOM_UTF16_LE + "a: ĊĊ\n".encode("utf-16-le") + b"\x00\xd8x\x00", "is not UTF-16-LE", "a: ĊĊ\n"),
        (codecs.BOM_UTF16_LE + "a: b".encode("utf-16-le")[:-1], "is not UTF-16-LE", "a: "),
    ],
)
def test_broken(data: bytes, message: str, before: str) -> None:
    with pytest.raises(BrokenEncoding, match=message) as caught:
        decode(data)
    assert caught.value.text[: caught.value.offset] == before
    assert caught.value.offset < len(caught.value.text)


@pytest.mark.parametrize("data", [b"\x00\x01\x02\x03", b"a: b\0", b"\x7fELF\x02\0\0\0", b"x" * 9000 + b"\0", b"a\0"])
def test_binary(data: bytes) -> None:
    with pytest.raises(BinaryContent):
        decode(data)
