"""Rule: internal-error."""

from kubelint.checks import Category, EngineRule, RuleMeta, Severity


class InternalError(EngineRule):
    """
    A rule crashed.

    ## What it does
    When a rule raises an error, the engine reports it here with the rule's id, the file that it was looking at and
    the place in the rule's code. All other rules still report, and the run ends with exit code 2.

    ## Why it matters
    What the rule would have found is not known: a green run would be a lie.

    ## Example
    There is none to write: it is a bug in the rule. Please report the line.

    ## When to ignore
    Turn the crashing rule off until it is mended: `rules: {the-rule: off}` in `kubelint.yaml`.
    """

    meta = RuleMeta(
        id="internal-error",
        summary="a rule crashed",
        category=Category.INPUTS,
        severity=Severity.ERROR,
        since="0.1.0",
    )
