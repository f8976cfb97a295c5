"""How bad findings of security rules are, on the scale of CVSS: what is above 9 is critical, above 7 high.

A credential in a repository has what CodeQL's queries for hard-coded credentials have.
"""

from __future__ import annotations

from kubelint.checks import Category, Severity

_SCORES = {Severity.ERROR: 9.8, Severity.WARNING: 5.0, Severity.INFO: 2.0}


def security_score(category: Category, severity: Severity) -> float | None:
    """From 0.1 to 10; None for what is not about security."""
    return _SCORES[severity] if category is Category.SECRETS else None
