"""The stream of YAML events, from libyaml where PyYAML was built with it, else from PyYAML's own parser."""

from contextlib import suppress
from typing import Any, Protocol

import yaml
from yaml.events import ScalarEvent, StreamEndEvent
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.scanner import Scanner, ScannerError

from kubelint.regexes import regex

_LibyamlParser: Any = None
with suppress(ImportError):  # PyYAML may have been built without libyaml
    from yaml.cyaml import CParser as _LibyamlParser  # type: ignore[attr-defined]

BREAKS = "\r\n\x85\u2028\u2029"
"""The characters that end a line in YAML 1.1."""

_PROPERTIES = regex(rf"(?:[&!][^ \t{BREAKS}]*|[ \t{BREAKS}]|#[^{BREAKS}]*)*+")
_DOCUMENT_MARK = regex(rf"(?:---|\.\.\.)(?:[\0 \t{BREAKS}]|\Z)")
_SURROGATE = regex("[\ud800-\udfff]")


class EventSource(Protocol):
    """A parser that hands out one event at a time; its marks count code points."""

    def get_event(self) -> Any:
        """The next event. Raises yaml.YAMLError where the text is not YAML."""


class PureParser(Reader, Scanner, Parser):
    """PyYAML's parser in Python: the same events, slower. It is taught what libyaml takes for white space."""

    peek: Any
    buffer: Any
    pointer: Any
    forward: Any
    prefix: Any
    scan_line_break: Any

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)

    def scan_to_next_token(self) -> None:
        """Skip white space and comments; tabs too, where no key of a block mapping can begin, and byte order marks."""
        super().scan_to_next_token()
        while (self.peek() == "\t" and (self.flow_level or not self.allow_simple_key)) or self._at_byte_order_mark():
            self.forward()
            super().scan_to_next_token()

    def _at_byte_order_mark(self) -> bool:
        """One may begin a line; it does not count as a column here, so a second one would seem to."""
        first: bool = self.column == 0 and self.buffer[self.pointer - 1] != "\ufeff"
        return first and self.peek() == "\ufeff"

    def scan_plain_spaces(self, indent: Any, start_mark: Any) -> list[str] | None:
        """What the white space after a word of a plain scalar stands for; None where a document ends there."""
        blanks = self._take_blanks()
        if self.peek() not in BREAKS:
            return [blanks] if blanks else []
        first, others = self.scan_line_break(), ""
        self.allow_simple_key = True
        while not _DOCUMENT_MARK.match(self.prefix(4)):
            self._take_blanks()
            if self.peek() not in BREAKS:
                return [others or " "] if first == "\n" else [first, others]
            others += self.scan_line_break()
        return None

    def _take_blanks(self) -> str:
        length = 0
        while self.peek(length) in (" ", "\t"):
            length += 1
        blanks: str = self.prefix(length)
        self.forward(length)
        return blanks

    def get_event(self) -> Any:
        """The next event. Escapes of what is no character are refused, as libyaml does."""
        try:
            event: Any = super().get_event()  # type: ignore[no-untyped-call]
        except (ValueError, OverflowError):
            raise _no_character(self.get_mark()) from None
        if event.__class__ is ScalarEvent and event.style == '"' and _SURROGATE.search(event.value):
            raise _no_character(event.start_mark)
        return event


def _no_character(mark: Any) -> ScannerError:
    return ScannerError(None, None, "found invalid Unicode character escape code", mark)


def open_events(text: str, *, pure: bool = False) -> EventSource:
    """A fresh event source over `text`. It and this raise yaml.YAMLError where the text is not YAML."""
    if text.startswith("\ufeff"):  # counted as a character by one parser and not by the other
        text = "\n" + text[1:]
    if pure or _LibyamlParser is None:
        return PureParser(text)
    try:
        source: EventSource = _LibyamlParser(text)
    except UnicodeEncodeError as error:
        raise ReaderError("", error.start, ord(text[error.start]), "unicode", "half a character") from None
    return source


def read_scalars(text: str, *, pure: bool = False) -> tuple[list[Any], yaml.YAMLError | None]:
    """The events of all scalars of `text`, keys too, up to the error where it stops being YAML, and that error."""
    scalars: list[Any] = []
    try:
        source = open_events(text, pure=pure)
        event = source.get_event()
        while event.__class__ is not StreamEndEvent:
            if event.__class__ is ScalarEvent:
                scalars.append(event)
            event = source.get_event()
    except yaml.YAMLError as error:
        return scalars, error
    return scalars, None


def content_start(text: str, start: int, end: int) -> int:
    """Where the node that stands between `start` and `end` begins after its anchor and its tag."""
    if text[start : start + 1] not in ("&", "!"):
        return start
    match = _PROPERTIES.match(text, start, end)
    return match.end() if match else start
