"""What to say where there was nothing to lint: a mistake of whoever names folders, a note to whoever names files."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from kubelint.cli.errors import UsageProblem
from kubelint.engine.reading import Input
from kubelint.engine.report import Report
from kubelint.reporters.style import clean
from kubelint.reporters.totals import count

STDIN = "-"
_PATH_LENGTH = 4096
_WHY = {
    "unknown-suffix": "kubelint reads no files of this kind",
    "unrecognised": "nothing in it is of Kubernetes",
    "helm-template": "it is the template of a chart; `--render` makes objects of those",
    "template": "it is a template of something that is not run here",
    "link-leaves-root": "the link leads out of the project",
    "configuration": "it is the configuration",
    "": "it is excluded",
}
_PASSED_OVER = {"unrecognised": "{} with nothing of Kubernetes", "helm-template": "{} of charts not rendered"}


def refuse_nothing(paths: Sequence[str], given: Input, report: Report) -> None:
    """Raise UsageProblem where folders hold nothing to lint, or standard input is empty."""
    if tuple(paths) == (STDIN,) and not any(file.text.strip() for file in given.files if _reported(given, file.path)):
        raise UsageProblem("nothing to lint on standard input", "did the command before it fail?")
    if _are_files(paths) or report.objects or report.findings or _read(report):
        return
    where = " ".join(paths)
    raise UsageProblem(f"nothing to lint in {where} ({_seen(report)})", "name a folder that holds Kubernetes manifests")


def note_nothing(paths: Sequence[str], given: Input, report: Report) -> None:
    """Say on stderr that files which were named one by one hold nothing to lint: pre-commit names whatever changed."""
    if STDIN in paths or not _are_files(paths) or report.findings or _read(report):
        return
    texts = [text.path for text in given.texts if _reported(given, text.path)]
    if len(paths) > 1:
        said = f"none of these {len(paths)} files is a manifest"
        said += f"; {count(len(texts), 'file')} read as text" if texts else ""
    elif texts:
        said = f"{paths[0]} is no manifest; it was read as text"
    else:
        reason = next((skipped.reason for skipped in report.skipped), "")  # of what is excluded, none
        said = f"{paths[0]} is not linted: {_WHY.get(reason, reason)}"
    print(f"kubelint: {clean(said, _PATH_LENGTH)}", file=sys.stderr)


def _seen(report: Report) -> str:
    reasons = Counter(skipped.reason for skipped in report.skipped if skipped.reason != "configuration")
    parts = [
        _PASSED_OVER.get(reason, f"{{}}: {reason}").format(count(number, "file"))
        for reason, number in sorted(reasons.items())
    ]
    return ", ".join(parts) or "no YAML or JSON file"


def _reported(given: Input, path: str) -> bool:
    return given.reported is None or path in given.reported


def _are_files(paths: Sequence[str]) -> bool:
    return all(path == STDIN or Path(path).is_file() for path in paths)


def _read(report: Report) -> bool:
    """Whether any file was understood, if only as a workflow."""
    skipped = {entry.path for entry in report.skipped}
    return any(path not in skipped for path in report.files)
