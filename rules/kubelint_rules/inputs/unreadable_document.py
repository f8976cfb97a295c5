"""Rule: unreadable-document."""

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Location, Problem, ProblemRule, RuleMeta, Severity


class UnreadableDocument(ProblemRule):
    """
    A file, or one of its documents, cannot be read.

    ## What it does
    Reports YAML and JSON that does not parse, broken encodings, and files beyond kubelint's limits (32 MiB, 200
    levels of nesting, aliases that expand to millions of nodes). The other documents of the file are still linted.

    Chart values that are kept as text inside of an object are read too: `valuesContent` of a HelmChart or
    HelmChartConfig, `helm.values` of an Argo CD Application. What is wrong in them is shown where it is.

    Files that hold template syntax (`{{ … }}`) and do not parse before they are rendered are skipped and counted, not
    reported.

    ## Why it matters
    `kubectl apply`, Flux and Argo CD stop at the first document that they cannot read; whatever stands behind it is
    not applied. Values that are no YAML fail later: the object is applied, and its chart is never installed or updated.

    ## Example
    ```yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
    data:
      greeting: "hello
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
    data:
      greeting: "hello"
    ```

    ## When to ignore
    Files that are broken on purpose, such as test data: exclude them in `kubelint.yaml`.

    ## References
    - [YAML 1.2, chapter 5: character productions](https://yaml.org/spec/1.2.2/#chapter-5-character-productions)
    """

    meta = RuleMeta(
        id="unreadable-document",
        summary="a file or document cannot be read",
        category=Category.INPUTS,
        severity=Severity.ERROR,
        since="0.1.0",
    )

    def check(self, problem: Problem, location: Location) -> Iterator[Finding]:
        """One finding per place that does not read."""
        yield self.finding(f"cannot be read: {problem.message}", at=location).help(
            "correct the file, or exclude it in kubelint.yaml if it is broken on purpose"
        )
