"""Rule: duplicate-key."""

from collections.abc import Iterator

from kubelint.checks import Category, DocumentRule, Finding, Location, RuleMeta, Severity
from kubelint.manifests import Document


class DuplicateKey(DocumentRule):
    """
    A mapping gives the same key twice.

    ## What it does
    Reports a key that stands again in the same mapping, and shows where it stands first. Keys that a merge (`<<`)
    brings in are no repetition.

    ## Why it matters
    The API server keeps the last value without a word, other readers keep the first or refuse the file. Somebody
    edits the one that does not count, and nothing happens.

    ## Example
    ```yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
    data:
      level: info
      region: north
      level: debug
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
    data:
      level: debug
      region: north
    ```

    ## When to ignore
    Never in a manifest.

    ## References
    - [YAML 1.2, 3.2.1.3: mapping keys are unique](https://yaml.org/spec/1.2.2/#3213-node-comparison)
    """

    meta = RuleMeta(
        id="duplicate-key",
        summary="a mapping gives a key twice",
        category=Category.INPUTS,
        severity=Severity.ERROR,
        since="0.1.0",
    )

    def check(self, document: Document) -> Iterator[Finding]:
        """One finding per key that stands again."""
        for duplicate in document.duplicate_keys():
            again = Location(document.file, document.index, duplicate.path, span=duplicate.again)
            first = Location(document.file, document.index, duplicate.path, span=duplicate.first)
            yield (
                self.finding(
                    f"the key `{duplicate.path[-1]}` is given twice; the API server keeps the last value, silently",
                    at=again,
                    note="this one counts",
                )
                .label(first, "this one does not")
                .help("keep one of the two")
            )
