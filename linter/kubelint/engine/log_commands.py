"""What CI services obey when it stands in a log: https://github.com/actions/runner, `ActionCommand.cs`; Azure's and
TeamCity's likewise.
"""

from __future__ import annotations

from kubelint.regexes import regex

LOG_COMMAND = regex(r"#(?=[^\x00-\x7f]*#[^\x00-/:-@\[-^`{-\x7f]*\[)")
"""Where `##[error]`, `##vso[…]` or `##teamcity[…]` starts, which count anywhere in a line."""
WORKFLOW_COMMAND = regex(r"[^!-~]*:(?=:)")
"""What makes a line a command for GitHub's runner, which ignores blanks before it and may ignore other characters."""


def holds_command(line: str) -> bool:
    """Whether a service may find a command in `line`."""
    return WORKFLOW_COMMAND.match(line) is not None or LOG_COMMAND.search(line) is not None
