"""Small trees of files, written out and linted."""

from linting import lint_tree


def written(folder, files):
    """`folder` with `files`, texts by their paths, in it."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    return folder


def found(folder, files, *rules, **settings):
    """The rules and severities of what is found in `files`, sorted: `rule error`."""
    report = lint_tree(written(folder, files), select=rules, **settings)
    assert not report.crashed, [finding.message for finding in report.findings]
    return sorted(f"{finding.meta.id} {finding.severity}" for finding in report.findings)
