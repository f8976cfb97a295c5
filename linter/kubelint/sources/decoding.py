"""Bytes to text: UTF-8 with or without a byte order mark, UTF-16 recognised, the rest binary or broken."""

import codecs

MAX_BYTES = 32 * 1024 * 1024

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16-be"),
)


class BinaryContent(ValueError):
    """The bytes are not text."""


class BrokenEncoding(ValueError):
    """The bytes are text in an encoding that breaks off. `text` is what can be read; `offset` is where in it."""

    def __init__(self, message: str, text: str, offset: int) -> None:
        super().__init__(message)
        self.text = text
        self.offset = offset


def decode(data: bytes) -> tuple[str, str]:
    """The text of `data` without byte order mark, and the name of its encoding (`utf-8-sig` where a mark stood).

    Raises BinaryContent or BrokenEncoding. YAML 1.1, section 5.2, lists the encodings that a reader must know.
    """
    name, codec, body = _detect(data)
    try:
        text = body.decode(codec)
    except UnicodeDecodeError as error:
        offset = len(body[: error.start].decode(codec))
        message = f"byte 0x{body[error.start]:02x} is not {codec.upper()}"
        raise BrokenEncoding(message, body.decode(codec, "replace"), offset) from None
    if "\0" in text:
        raise BinaryContent
    return text, name


def encode(text: str, like: bytes) -> bytes:
    """`text` in the encoding of the bytes `like`, with their byte order mark."""
    _, codec, body = _detect(like)
    return like[: len(like) - len(body)] + text.encode(codec)


def _detect(data: bytes) -> tuple[str, str, bytes]:
    for mark, name, codec in _MARKS:
        if data.startswith(mark):
            return name, codec, data[len(mark) :]
    head = data[:4]
    if len(head) == 4 and head[0] and not head[1] and head[2] and not head[3]:
        return "utf-16-le", "utf-16-le", data
    if len(head) == 4 and not head[0] and head[1] and not head[2] and head[3]:
        return "utf-16-be", "utf-16-be", data
    if b"\0" in data[:8192]:
        raise BinaryContent
    return "utf-8", "utf-8", data
