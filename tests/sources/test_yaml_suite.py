"""The cases of yaml/yaml-test-suite, which is written for YAML 1.2: what differs is listed, and why."""

from pathlib import Path
from typing import Any

import pytest
from sources.shared import SHARED

from kubelint.sources import read_documents
from kubelint.sources.json_nodes import build_json
from kubelint.sources.nodes import compose_documents
from kubelint.sources.scalars import PlainScalars
from kubelint.sources.values import UnreadableYaml, build_documents

SUITE = SHARED / "yaml-test-suite"
CASES = sorted(path.parent.name for path in SUITE.glob("*/in.yaml"))

REASONS = {
    "colon": "1.1 wants the colon of a flow pair on the line of its key, and no plain scalar to begin with one",
    "question": "1.1 has `?` begin a key in flow style even without space",
    "anchor": "1.1 anchors are letters, digits, `-` and `_`",
    "tab": "libyaml takes no tab where a block may be indented",
    "directive": "libyaml knows the directives YAML 1.1 and TAG only, and one version",
    "bare": "1.1 wants `---` before a document that follows another",
    "zero": "1.1 wants the text of a block scalar indented, at the root too",
    "key": "1.1 has no empty key without `?`",
    "multiline": "1.1 keeps a simple key on one line, and a `%` that begins a line in front of a directive",
    "end": "libyaml gives no last line break to a block scalar whose last line is spaces only",
    "lenient": "libyaml minds neither the indentation of flow collections and quoted text nor space before a comment",
    "stream": "libyaml takes directives after a document that was not closed with `...`",
    "dash": "1.1 reads a lone `-` in flow style as a plain scalar",
}
REJECTED = {  # no finding is raised on what YAML 1.2 alone allows, but kubectl cannot read it either
    "colon": "4ABK 4MUZ-00 4MUZ-01 4MUZ-02 58MP 5MUD 5T43 DBG4 FRK4 HM87-00 K3WX VJP3-01 UKK6-00",
    "anchor": "2SXE 8XYN W5VH",
    "tab": "6BCT 6CA3 96NN-00 96NN-01 A2M4 DK95-00 DK95-03 DK95-04 Q5MG R4YG Y79Y-01 Y79Y-10",
    "directive": "2LFX 6LVF BEC7 MUS6-05 MUS6-06 ZYU8-01 ZYU8-02 ZYU8-03",
    "bare": "7Z25 M7A3 HWV9 QT73",
    "zero": "DK3J FP8R",
    "key": "2JQS 6M2F CFD4 M2N8-00 NHX8 NKF9 S3PD SM9W-01",
    "multiline": "9SA2 NJ66 UT92 W4TN",
}
OTHERWISE = {"question": "652Z HM87-01", "anchor": "Y2GN", "end": "JEF9-02 L24T-01"}
ACCEPTED = {
    "lenient": "9C9N 9JBA CVW2 DK95-01 QB6E S98Z SU5Z X4QW Y79Y-03",
    "stream": "9HCY EB22 MUS6-00 MUS6-01 RHX7",
    "dash": "G5U8 YJV2",
}
PARSERS_DIFFER = {
    "PyYAML's own parser reads directives otherwise": "2LFX 6LVF BEC7 MUS6-00 MUS6-03 MUS6-05 MUS6-06 ZYU8-03",
    "PyYAML's own parser takes tabs that libyaml refuses": "96NN-00 96NN-01 DK95-04 R4YG Y79Y-01",
    "PyYAML's own parser takes `:` and refuses `?` in flow style": "4ABK JR7V",
    "an empty key after `?` stands elsewhere": "DFF7",
    "PyYAML's own parser takes a comma into a tag": "U99R WZ62",
    "PyYAML's own parser wants space before the comment of a block scalar's header": "X4QW",
}


def _ids(table: dict[str, str]) -> dict[str, str]:
    return {case: REASONS.get(reason, reason) for reason, cases in table.items() for case in cases.split()}


def _read(text: str, *, pure: bool = False) -> list[Any] | None:
    try:
        return [document.value for document in build_documents(text, PlainScalars(), pure=pure)]
    except UnreadableYaml:
        return None


def _text(case: str) -> str:
    return (SUITE / case / "in.yaml").read_bytes().decode()


needs_suite = pytest.mark.skipif(not CASES, reason="no yaml-test-suite beside the repository (KUBELINT_SHARED)")


@needs_suite
@pytest.mark.parametrize("case", CASES)
def test_case(case: str) -> None:
    values = _read(_text(case))
    if (SUITE / case / "error").exists():
        assert (values is not None) == (case in _ids(ACCEPTED))
        return
    assert (values is None) == (case in _ids(REJECTED))
    expected = SUITE / case / "in.json"
    if values is not None and expected.exists():
        assert (values == _json(expected)) != (case in _ids(OTHERWISE))


def _json(path: Path) -> list[Any]:
    text = path.read_text(encoding="utf-8")
    return [read.value for read in build_json(text)] if text.strip() else []


@needs_suite
@pytest.mark.parametrize("case", CASES)
def test_parsers_agree(case: str) -> None:
    text = _text(case)
    fast, slow = _read(text), _read(text, pure=True)
    same = repr(fast) == repr(slow)
    if fast is not None and slow is not None:
        same &= list(compose_documents(text)) == list(compose_documents(text, pure=True))
    assert same != (case in _ids(PARSERS_DIFFER))


@needs_suite
def test_tables_name_cases_that_exist() -> None:
    for table in (REJECTED, OTHERWISE, ACCEPTED, PARSERS_DIFFER):
        assert set(_ids(table)) <= set(CASES)


@needs_suite
@pytest.mark.parametrize("case", CASES)
def test_no_case_raises_and_places_lie_within(case: str) -> None:
    source = read_documents("a.yaml", _text(case))
    assert source.comments is not None
    for document in source.documents:
        node = document.node
        assert node is not None
        assert 0 <= node.span.start <= node.span.end <= len(source.text)
