"""Regular expressions that are compiled when they are first asked something.

Compiling those of the modules that every run loads took an eighth of a short run, which asks few of them anything.
"""

from __future__ import annotations

import re
from typing import Any, cast


def regex(pattern: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """What `re.compile` gives, later; an invalid `pattern` is an `re.error` at its first use."""
    return cast("re.Pattern[str]", _Regex(pattern, flags))


class _Regex:
    def __init__(self, pattern: str, flags: re.RegexFlag) -> None:
        self._written = (pattern, flags)

    def __getattr__(self, name: str) -> Any:
        answer = getattr(re.compile(*self._written), name)
        setattr(self, name, answer)  # asked again, it is as fast as the compiled one
        return answer
