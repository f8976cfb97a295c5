"""Longhorn: where backups go, what they need, which volumes they cover."""
