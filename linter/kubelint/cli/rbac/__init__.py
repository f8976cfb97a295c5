"""`kubelint rbac`: what an identity may do, which files say so, and what a deployment takes."""

from kubelint.cli.rbac.commands import command

__all__ = ["command"]
