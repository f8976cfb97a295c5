"""The stream of YAML events, from libyaml where PyYAML was built with it, else from PyYAML's own parser."""

from typing import Protocol

import yaml
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

try:
    from yaml.cyaml import CParser as _LibyamlParser
except ImportError:  # PyYAML without libyaml
    _LibyamlParser = None


class EventSource(Protocol):
    """A parser that hands out one event at a time; its marks count code points."""

    def get_event(self) -> yaml.Event: ...
    def dispose(self) -> None: ...


class PureParser(Reader, Scanner, Parser):
    """PyYAML's parser in Python: the same events, slower."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)


def open_events(text: str, *, pure: bool = False) -> EventSource:
    """A fresh event source over `text`; its methods raise yaml.YAMLError where the text is not YAML."""
    if pure or _LibyamlParser is None:
        return PureParser(text)
    return _LibyamlParser(text)  # type: ignore[no-any-return]
