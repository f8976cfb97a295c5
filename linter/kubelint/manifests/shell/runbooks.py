"""Commands that Markdown documents tell people to run: fenced and indented blocks, and commands within the text.

Blocks are found by a CommonMark parser. Prompts, indentation and the marks of quotes are taken off; every character
still knows its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from kubelint.manifests.shell.advice import advised_against, advises_against
from kubelint.manifests.shell.passages import Passage, passage_of_text
from kubelint.manifests.shell.scripts import Script, repository_of
from kubelint.manifests.shell.transcripts import Line, has_prompts, pieces_of, typed
from kubelint.sources.text_files import TextFile, TextKind

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

    from kubelint.manifests.project import Project

_SHELLS = frozenset({"sh", "bash", "shell", "zsh", "ksh", "dash", "shellscript", "fish"})
_SESSIONS = frozenset({"console", "shell-session", "shellsession", "sh-session", "bash-session", "terminal", "session"})
_ANYTHING = frozenset({"", "text", "txt", "plaintext", "plain", "none", "code", "output"})
_PROGRAMS = frozenset(
    """
    kubectl helm helmfile k3s rke2 k3s-uninstall.sh etcdctl etcdutl talosctl kubeadm kustomize flux argocd velero
    longhornctl sops age ansible ansible-playbook systemctl journalctl ssh scp sudo docker podman crictl ctr git curl
    cilium istioctl cmctl kubeseal kubens kubectx k9s stern task just make mise calicoctl oc nerdctl amtool promtool
    restic rclone vault terraform tofu
    """.split()  # noqa: SIM905
)
_FIRST = re.compile(r"\s*(?:sudo\s+)?([\w./-]+)(?:\s|$)")
_BREAK = re.compile(r"[ \t]*(?:\r\n|\n|\r)[ \t>]*")
_LONGEST = 2_000_000


class _Block(NamedTuple):
    """A block of code: its language, the words after it, its lines, and what stands before it."""

    language: str
    info: str
    lines: list[Line]
    before: str


def read_runbooks(project: Project) -> list[Script]:
    """The scripts in the Markdown files of `project`, in the order of files and lines."""
    repositories = sorted({document.repository for document in project.documents}, key=len, reverse=True)
    files = [file for file in project.texts if file.kind is TextKind.MARKDOWN]
    return [script for file in files for script in scripts_of(file, repository_of(file.path, repositories))]


def scripts_of(file: TextFile, repository: str = "") -> list[Script]:
    """The scripts in one Markdown file."""
    if len(file.text) > _LONGEST or not any(mark in file.text for mark in ("`", "~~~", "    ", "\t")):
        return []
    return list(_Reader(file, repository).scripts())


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark")


class _Reader:
    def __init__(self, file: TextFile, repository: str) -> None:
        self.file = file
        self.repository = repository
        self.heading = ""
        self.fresh = False
        """Whether no code stands between the heading and here."""
        self.before = ""

    def scripts(self) -> Iterator[Script]:
        tokens = _markdown().parse(self.file.text)
        for index, token in enumerate(tokens):
            if token.type in ("fence", "code_block"):
                yield from self._block(token)
                self.before, self.fresh = "", False
            elif token.type == "inline":
                yield from self._text(token, heading=tokens[index - 1].type == "heading_open")

    def _text(self, token: Token, heading: bool) -> Iterator[Script]:
        children = token.children or []
        plain = _plain(children)
        if heading:
            self.heading, self.fresh = plain.strip(), True
        yield from self._inline(token, children)
        self.before = plain

    def _block(self, token: Token) -> Iterator[Script]:
        language, _, info = token.info.strip().partition(" ")
        language = re.sub(r"^\{?\.?|[{},:].*$", "", language.lower())
        context = "\n".join((self.heading if self.fresh else "", self.before))
        block = _Block(language, token.info, list(self._lines(token)), context)
        if not _is_shell(block):
            return
        against = advises_against(info) or advises_against(context)
        for piece in pieces_of(typed(block.lines, language in _SESSIONS)):
            if piece.lines:
                yield self._script("markdown", _passage(self.file.path, piece.lines), against or piece.against)

    def _lines(self, token: Token) -> Iterator[Line]:
        """The lines of a block, each where it stands in the file."""
        first = (token.map or [0])[0] + (token.type == "fence")
        lines = self.file.lines
        for number, content in enumerate(token.content.split("\n")[:-1], first + 1):
            if number > len(lines):
                return
            span = lines.span(number)
            written = self.file.text[span.start : span.end]
            shown = content if written.endswith(content) else content.lstrip()
            if written.endswith(shown):
                yield Line(shown, span.end - len(shown))

    def _inline(self, token: Token, children: list[Token]) -> Iterator[Script]:
        """The commands within a paragraph: `kubectl get pods`, but not `kubectl` alone."""
        codes = [index for index, child in enumerate(children) if child.type == "code_inline"]
        bounds = [-1, *codes, len(children)]
        around = [_plain(children[start + 1 : end]) for start, end in pairwise(bounds)]
        first, last = token.map or (0, 0)
        at = self.file.lines.offset(first + 1)
        end = self.file.lines.span(min(last, len(self.file.lines))).end
        under = self.fresh and advises_against(self.heading)
        for code, against in zip(codes, advised_against(around), strict=True):
            match = _written(children[code]).search(self.file.text, at, end)
            if match is None:
                continue
            at = match.end()
            words = _FIRST.match(children[code].content)
            if words and words[1] in _PROGRAMS and " " in children[code].content.strip():
                lines = [Line(self.file.text[start:stop], start) for start, stop in _parts(match[1], match.start(1))]
                yield self._script("inline", _passage(self.file.path, lines, " "), under or against)

    def _script(self, kind: str, passage: Passage, against: bool) -> Script:
        return Script(
            "inline" if kind == "inline" else "markdown",
            self.file.path,
            passage,
            heading=self.heading,
            discouraged=against,
            repository=self.repository,
        )


def _plain(children: list[Token]) -> str:
    """The text of a paragraph, or of a part of it, without its marks."""
    return "".join(" " if child.type in ("softbreak", "hardbreak") else child.content for child in children)


def _is_shell(block: _Block) -> bool:
    if block.language in _SESSIONS:
        return has_prompts(block.lines, True) or _looks_typed(block.lines)
    return block.language in _SHELLS or (block.language in _ANYTHING and _looks_typed(block.lines))


def _looks_typed(lines: list[Line]) -> bool:
    """Whether a block without a language begins with a command that is known here."""
    shown = [line for line in lines if line.text.strip() and not line.text.lstrip().startswith("# ")]
    match = _FIRST.match(re.sub(r"^\s*\$ ", "", shown[0].text)) if shown else None
    return match is not None and match[1] in _PROGRAMS


def _written(code: Token) -> re.Pattern[str]:
    """How a code span may stand in the text, over several lines too."""
    content = rf"(?: |{_BREAK.pattern})".join(map(re.escape, code.content.split(" ")))
    return re.compile(rf"(?<!`){code.markup}(?!`) ?({content}) ?(?<!`){code.markup}(?!`)")


def _parts(written: str, start: int) -> Iterator[tuple[int, int]]:
    """Where the lines of a code span stand."""
    at = 0
    for match in _BREAK.finditer(written):
        yield start + at, start + match.start()
        at = match.end()
    yield start + at, start + len(written)


def _passage(file: str, lines: list[Line], separator: str = "\n") -> Passage:
    """The text of `lines`, each where it stands in `file`."""
    starts: list[int] = []
    for line in lines:
        starts += range(line.at, line.at + len(line.text) + 1)
    text = "".join(f"{line.text}{separator}" for line in lines)
    return passage_of_text(file, "").inner(text, starts, [start + 1 for start in starts])
