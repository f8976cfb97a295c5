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

from kubelint.manifests.shell.advice import advised_against, advises_against, condemns, puts_right
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
_FENCE = re.compile(r"\s{0,12}(?P<mark>`{3,}|~{3,})(?P<info>[^`]*)$")
_BREAK = re.compile(r"[ \t]*(?:\r\n|\n|\r)[ \t>]*")
_LONGEST = 2_000_000


class _Block(NamedTuple):
    """A block of code: the words of its fence, its lines, and what stands before it."""

    info: str
    lines: list[Line]
    before: str

    @property
    def language(self) -> str:
        """What the first word of the fence says, in lower case; empty where there is none."""
        return re.sub(r"^\{?\.?|[{},:].*$", "", self.info.partition(" ")[0].lower())


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

    return MarkdownIt("commonmark").enable("strikethrough")


class _Reader:
    def __init__(self, file: TextFile, repository: str) -> None:
        self.file = file
        self.repository = repository
        self.heading = ""
        self.warned = 0
        """The level of the heading above that says what not to do; 0 where none does."""
        self.before = ""

    def scripts(self) -> Iterator[Script]:
        tokens = _markdown().parse(self.file.text)
        for index, token in enumerate(tokens):
            if token.type in ("fence", "code_block"):
                after = _following(tokens, index)
                for block in self._blocks(token):
                    yield from self._scripts_of(block, after)
                self.before = ""
            elif token.type == "inline":
                yield from self._text(token, tokens[index - 1])

    def _text(self, token: Token, opening: Token) -> Iterator[Script]:
        children = token.children or []
        plain = _plain(children)
        if opening.type == "heading_open":
            self._enter(plain.strip(), int(opening.tag[1:]))
        yield from self._inline(token, children)
        self.before = plain

    def _enter(self, heading: str, level: int) -> None:
        self.heading = heading
        if not self.warned or level <= self.warned:
            self.warned = level if advises_against(heading) else 0

    def _blocks(self, token: Token) -> Iterator[_Block]:
        """A block of code; for an indented one with fences in it, as MkDocs has them in its boxes, each of these."""
        lines = list(self._lines(token))
        if token.type == "code_block" and any(_FENCE.match(line.text) for line in lines):
            yield from _fenced(lines)
        else:
            yield _Block(token.info.strip(), lines, self.before)

    def _scripts_of(self, block: _Block, after: str) -> Iterator[Script]:
        if not _is_shell(block):
            return
        under = self.warned and not puts_right(block.before)
        against = under or advises_against(block.info) or advises_against(block.before) or condemns(after)
        for piece in pieces_of(typed(block.lines, block.language in _SESSIONS)):
            passage = _passage(self.file.path, piece.lines)
            yield self._script("markdown", passage, bool(against) or piece.against)

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
        under = self.warned > 0
        struck = _struck(children)
        for code, against in zip(codes, advised_against(around), strict=True):
            match = _written(children[code]).search(self.file.text, at, end)
            if match is None:
                continue
            at = match.end()
            words = _FIRST.match(children[code].content)
            if words and words[1] in _PROGRAMS and " " in children[code].content.strip():
                lines = [Line(self.file.text[start:stop], start) for start, stop in _parts(match[1], match.start(1))]
                yield self._script("inline", _passage(self.file.path, lines, " "), under or against or code in struck)

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


def _struck(children: list[Token]) -> set[int]:
    """The positions of what is struck through: ~~like this~~."""
    found: set[int] = set()
    depth = 0
    for index, child in enumerate(children):
        depth += {"s_open": 1, "s_close": -1}.get(child.type, 0)
        if depth:
            found.add(index)
    return found


def _following(tokens: list[Token], index: int) -> str:
    """The paragraph right after a block."""
    after = tokens[index + 1 : index + 3]
    if [token.type for token in after] != ["paragraph_open", "inline"]:
        return ""
    return _plain(after[1].children or [])


def _fenced(lines: list[Line]) -> Iterator[_Block]:
    """The fenced blocks within the lines of an indented one."""
    fence: re.Match[str] | None = None
    inside: list[Line] = []
    before = ""
    for line in lines:
        match = _FENCE.match(line.text)
        if fence is None:
            fence, inside = match, []
            before = line.text if match is None and line.text.strip() else before
        elif match is not None and match["mark"].startswith(fence["mark"]) and not match["info"].strip():
            yield _Block(fence["info"].strip(), inside, before)
            fence, before = None, ""
        else:
            inside.append(line)


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
