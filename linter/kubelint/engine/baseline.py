"""The baseline: findings that were there already, told from new ones whatever becomes of their lines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from posixpath import dirname
from typing import Any, NamedTuple

from kubelint.engine.crashes import INTERNAL_ERROR
from kubelint.engine.report import ReportedFinding

VERSION = 1
_TYPES = {"rule": str, "file": str, "object": str | None, "path": str | None, "fingerprint": str, "count": int}
_RENDERED = "rendered"


class Entry(NamedTuple):
    """Findings that nothing but their number tells apart: one rule, file, object and field.

    `fingerprint` says the same without the file, which may be renamed; of text it says what was found there.
    `rendered`: it shows only where Helm or kustomize is there.
    """

    file: str
    rule: str
    object: str | None
    path: str | None
    fingerprint: str
    number: int = 1
    rendered: bool = False

    @property
    def folder(self) -> tuple[str, str]:
        """What stays when the file is renamed in its folder."""
        return self.fingerprint, dirname(self.file)

    @property
    def order(self) -> tuple[str, ...]:
        """The key by which entries are sorted."""
        return self.file, self.rule, self.object or "", self.path or "", self.fingerprint


class BrokenBaseline(Exception):
    """A text is no baseline. The message says why."""


def entry_of(finding: ReportedFinding) -> Entry:
    """The entry that knows one finding. It holds no value of the file."""
    from hashlib import sha256  # loads OpenSSL

    digits = sha256(finding.kin.encode(errors="surrogatepass")).hexdigest()
    fingerprint = "-".join(digits[start : start + 4] for start in range(0, 16, 4))  # no scanner takes it for a key
    if finding.is_of_all:
        return Entry(finding.place.path, finding.meta.id, None, None, fingerprint, rendered=finding.is_rendered)
    ref = finding.object
    name = "/".join(filter(None, (ref.kind, ref.namespace, ref.name or "?"))) if ref is not None else None
    where = finding.structure or None
    return Entry(finding.place.path, finding.meta.id, name, where, fingerprint, rendered=finding.is_rendered)


def entries_of(findings: Iterable[ReportedFinding]) -> list[Entry]:
    """The entries that know `findings`, in order. A crash is never known."""
    counts = Counter(entry_of(finding) for finding in findings if finding.meta.id != INTERNAL_ERROR)
    return joined(entry._replace(number=number) for entry, number in counts.items())


def joined(entries: Iterable[Entry]) -> list[Entry]:
    """The entries in order, those for the same findings as one."""
    found: dict[Entry, Entry] = {}
    for entry in entries:
        key = entry._replace(number=0, rendered=False)
        known = found.get(key)
        if known is not None:
            entry = entry._replace(number=entry.number + known.number, rendered=entry.rendered and known.rendered)
        found[key] = entry
    return sorted(found.values(), key=lambda entry: entry.order)


@dataclass
class Match:
    """What a baseline says of some findings: which are `new`, which `known`, and which entries are `left`, with the
    number of findings that each is short of.
    """

    new: list[ReportedFinding] = field(default_factory=list)
    known: list[ReportedFinding] = field(default_factory=list)
    left: list[Entry] = field(default_factory=list)


def match(
    entries: Sequence[Entry],
    findings: Iterable[ReportedFinding],
    files: Collection[str],
    asked: Callable[[str], bool] = lambda file: True,
) -> Match:
    """Tell known findings from new ones.

    Each entry knows as many findings as it counts: of its file first. Then those of a file beside it, if its own is not
    among `files` any more; or if they are of the same object, and `asked` says that its own file was looked at. What
    speaks of the whole project is known wherever it points.
    """
    matching = _Matching(entries, files, asked)
    rest = [finding for finding in findings if not matching.take_exact(finding)]
    result = Match(known=matching.taken)
    result.new = [finding for finding in rest if not matching.take_moved(finding)]
    result.left = [entry._replace(number=left) for entry, left in zip(entries, matching.counts, strict=True) if left]
    return result


class _Matching:
    def __init__(self, entries: Sequence[Entry], files: Collection[str], asked: Callable[[str], bool]) -> None:
        self.entries = entries
        self.counts = [entry.number for entry in entries]
        self.taken: list[ReportedFinding] = []
        self._files = files
        self._asked = asked
        self._exact = {(entry.fingerprint, entry.file): number for number, entry in enumerate(entries)}
        self._beside: dict[tuple[str, str], list[int]] = {}
        self._alike: dict[str, list[int]] = {}
        for number, entry in enumerate(entries):
            self._beside.setdefault(entry.folder, []).append(number)
            self._alike.setdefault(entry.fingerprint, []).append(number)

    def take_exact(self, finding: ReportedFinding) -> bool:
        entry = entry_of(finding)
        return self._take(self._exact.get((entry.fingerprint, entry.file)), finding)

    def take_moved(self, finding: ReportedFinding) -> bool:
        entry = entry_of(finding)
        if finding.is_of_all:
            return any(self._take(number, finding) for number in self._alike.get(entry.fingerprint, ()))
        beside = self._beside.get(entry.folder, ())
        return any(self._is_moved(number, finding) and self._take(number, finding) for number in beside)

    def _is_moved(self, number: int, finding: ReportedFinding) -> bool:
        file = self.entries[number].file
        return file not in self._files or (finding.object is not None and self._asked(file))

    def _take(self, number: int | None, finding: ReportedFinding) -> bool:
        if number is None or not self.counts[number] or finding.meta.id == INTERNAL_ERROR:
            return False
        self.counts[number] -= 1
        self.taken.append(finding)
        return True


def dumped(entries: Iterable[Entry]) -> str:
    """The text of a baseline: an entry on each line, so that branches merge."""
    lines = [json.dumps(_data(entry)) for entry in joined(entries)]
    body = ",\n".join(f"    {line}" for line in lines)
    findings = f"[\n{body}\n  ]" if lines else "[]"
    return f'{{\n  "version": {VERSION},\n  "findings": {findings}\n}}\n'


def loaded(text: str) -> list[Entry]:
    """The entries in the text of a baseline; an entry that a merge repeated counts once. Raises BrokenBaseline."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise BrokenBaseline("it is not JSON") from None
    if not isinstance(data, dict) or not isinstance(data.get("findings"), list):
        raise BrokenBaseline("it holds no `findings`")
    if data.get("version") != VERSION:
        raise BrokenBaseline(f"its version is not {VERSION}")
    found: dict[Entry, Entry] = {}
    for number, item in enumerate(data["findings"], 1):
        entry = _entry(item)
        if entry is None:
            raise BrokenBaseline(f"its entry {number} is not one of kubelint")
        known = found.setdefault(entry._replace(number=0, rendered=False), entry)
        if entry.number > known.number:
            found[entry._replace(number=0, rendered=False)] = entry
    return sorted(found.values(), key=lambda entry: entry.order)


def _data(entry: Entry) -> dict[str, Any]:
    data = entry._asdict()
    found = {key: data["number" if key == "count" else key] for key in _TYPES}
    return {**found, _RENDERED: True} if entry.rendered else found


def _entry(item: Any) -> Entry | None:
    if not isinstance(item, dict) or item.keys() - {_RENDERED} != _TYPES.keys():
        return None
    if item.get(_RENDERED, True) is not True:
        return None
    if not all(isinstance(item[key], kind) and not isinstance(item[key], bool) for key, kind in _TYPES.items()):
        return None
    if item["count"] < 1:
        return None
    values = (item[key] for key in ("file", "rule", "object", "path", "fingerprint", "count"))
    return Entry(*values)._replace(rendered=_RENDERED in item)
