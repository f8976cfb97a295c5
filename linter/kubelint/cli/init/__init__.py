"""`kubelint init`: the first configuration, from what the files tell; a hook for pre-commit; a baseline."""

from kubelint.cli.init.commands import command

__all__ = ["command"]
