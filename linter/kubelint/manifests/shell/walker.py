"""Walks the parser's tree of a shell script: which commands are there, and what holds where they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from posixpath import join, normpath
from typing import TYPE_CHECKING, NamedTuple

from kubelint.manifests.shell.commands import Assignment, Command, Redirect, Word
from kubelint.manifests.shell.words import WordReader
from kubelint.manifests.shell.wrappers import Started, started

if TYPE_CHECKING:
    from tree_sitter import Node

_DEEPEST = 100
_CLAUSES = frozenset({"elif_clause", "else_clause"})
_STATEMENTS = frozenset({"pipeline", "list", "command", "redirected_statement", "heredoc_content"})


class Reading(NamedTuple):
    """What a script says. `broken`: some of it cannot be read."""

    commands: list[Command]
    broken: bool


class Setting(NamedTuple):
    """What holds for the commands that are being read."""

    remote: bool = False
    conditional: bool = False
    redirects: Sequence[Redirect] = ()
    stdin: Word | None = None
    arguments: Sequence[Word] = ()
    withheld: bool = False
    """Whether variables of the environment are withheld: within `sudo bash -c`."""

    def bare(self) -> Setting:
        """The same without redirections: they are for the last command."""
        return Setting(self.remote, self.conditional, withheld=self.withheld)


Nested = Callable[[Word, Setting, str | None], Reading | None]
"""Reads the script that a word holds, in a setting and a directory."""


class Walker:
    """Walks the tree of one script and notes its commands. `words` is None where no shell has read them."""

    def __init__(self, words: WordReader | None, directory: str | None, nested: Nested) -> None:
        self.words = words
        self.directory = directory
        self.nested = nested
        self.level = 0
        self.commands: list[Command] = []
        self.broken = False

    def visit(self, node: Node, setting: Setting) -> None:
        """Note the commands below `node`."""
        if self.level > _DEEPEST:
            self.broken = True
            return
        self.level += 1
        self._visit(node, setting)
        self.level -= 1

    def _visit(self, node: Node, setting: Setting) -> None:
        handle = _HANDLERS.get(node.type)
        if handle is not None:
            handle(self, node, setting)
        elif node.type == "ERROR":
            self.broken = True
        else:
            self._all(node.named_children, setting)

    def _all(self, nodes: Iterable[Node], setting: Setting) -> None:
        broken = -1
        for node in nodes:
            if node.type == "ERROR":
                broken = node.end_point[0]
            if (node.named_child_count or node.is_error) and node.start_point[0] != broken:
                self.visit(node, setting)

    def _pipeline(self, node: Node, setting: Setting) -> None:
        parts = node.named_children
        for part in parts:
            self._apart([part], setting if part == parts[-1] else setting.bare())

    def _subshell(self, node: Node, setting: Setting) -> None:
        self._apart(node.named_children, setting)

    def _apart(self, nodes: Iterable[Node], setting: Setting) -> None:
        """What runs in a shell of its own, whose directory is nobody else's."""
        directory = self.directory
        for node in nodes:
            self.visit(node, setting)
        self.directory = directory

    def _maybe(self, nodes: Iterable[Node], setting: Setting) -> None:
        """What may be left out: where it changes the directory, nobody knows the directory after it."""
        directory = self.directory
        self._all(nodes, setting._replace(conditional=True))
        self.directory = directory if self.directory == directory else None

    def _branches(self, node: Node, setting: Setting) -> None:
        children = node.children
        kinds = [child.type for child in children]
        bound = kinds.index("then") if node.type == "if_statement" and "then" in kinds else 0
        self._all(children[:bound], setting)
        self._maybe([child for child in children[bound:] if child.type not in _CLAUSES], setting)
        for child in children[bound:]:
            if child.type in _CLAUSES:
                self._maybe([child], setting)

    def _function(self, node: Node, setting: Setting) -> None:
        directory, self.directory = self.directory, None
        self._all(node.named_children[1:], setting._replace(conditional=True))
        self.directory = directory

    def _list(self, node: Node, setting: Setting) -> None:
        parts: list[Node] = []
        while node.type == "list" and node.children:
            parts += reversed(node.children[1:])
            node = node.children[0]
        self.visit(node, setting.bare())
        alternative, last = False, setting
        for part in reversed(parts):
            setting = last if part == parts[0] else last.bare()
            if not part.is_named:
                alternative = part.type == "||"
            elif alternative:
                self._maybe([part], setting)
            else:
                self.visit(part, setting)

    def _redirected(self, node: Node, setting: Setting) -> None:
        body = node.child_by_field_name("body")
        redirects = [child for child in node.named_children if child != body]
        if any(redirect.has_error for redirect in redirects):
            self.broken = True
            return
        inner = self._with_redirects(redirects, setting)
        if body is not None and self.words is not None and redirects:
            dropped = self.words.between(body, redirects[0])  # the grammar loses the `-` of `-f - <<EOF name`
            self.visit(body, inner._replace(arguments=(*dropped, *inner.arguments)))
        for redirect in redirects:
            self._inside(redirect, setting)
            if redirect.type == "heredoc_redirect":
                rest = [child for child in redirect.named_children if child.type in ("pipeline", "list", "command")]
                self._all(rest, setting)
                right = redirect.child_by_field_name("right")
                if right is not None:
                    self.visit(right, setting)

    def _with_redirects(self, nodes: Iterable[Node], setting: Setting) -> Setting:
        redirects, arguments = [*setting.redirects], [*setting.arguments]
        stdin = setting.stdin
        queue = list(reversed(list(nodes)))
        while queue and self.words is not None:
            node = queue.pop()
            parts = node.named_children
            if node.type == "heredoc_redirect":
                stdin = self._heredoc(node) or stdin
                arguments += self.words.all(node.children_by_field_name("argument"))
                queue += [part for part in reversed(parts) if part.type in ("file_redirect", "herestring_redirect")]
            elif node.type == "herestring_redirect" and parts:
                stdin = self.words.word(parts[-1:])
            elif node.type == "file_redirect":
                words = self.words.all(node.children_by_field_name("destination"))
                redirects += [Redirect(_operator(node), target) for target in words[:1]]
                arguments += words[1:]
        return setting._replace(redirects=tuple(redirects), stdin=stdin, arguments=tuple(arguments))

    def _heredoc(self, node: Node) -> Word | None:
        assert self.words is not None
        start = next((child for child in node.named_children if child.type == "heredoc_start"), None)
        body = next((child for child in node.named_children if child.type == "heredoc_body"), None)
        if body is None or start is None:
            return None
        quoted = any(mark in (start.text or b"") for mark in (b"'", b'"', b"\\"))
        return self.words.document(body, quoted, tabs=node.children[0].type == "<<-")

    def _inside(self, node: Node, setting: Setting) -> None:
        """Note the commands of the substitutions below `node`."""
        setting = setting.bare()
        stack = [node]
        while stack:
            here = stack.pop()
            if here.type in ("command_substitution", "process_substitution"):
                self._apart(here.named_children, setting)
            elif here.named_child_count:
                stack += [child for child in reversed(here.named_children) if child.type not in _STATEMENTS]

    def _declaration(self, node: Node, setting: Setting) -> None:
        assert self.words is not None
        if node.has_error:
            self.broken = True
            return
        assignments = tuple(self._assignments([node, *node.named_children]))
        keyword = [] if node.type.startswith("variable_assignment") else node.children
        words = tuple(self.words.word([child]) for child in keyword)
        if words or assignments:
            self._note(Started(words), assignments, setting)
        self._inside(node, setting)

    def _assignments(self, nodes: Iterable[Node]) -> Iterator[Assignment]:
        assert self.words is not None
        for node in nodes:
            name = node.child_by_field_name("name")
            if node.type != "variable_assignment" or name is None:
                continue
            value, end = node.child_by_field_name("value"), self.words.char(node.end_byte)
            start = self.words.char(value.start_byte) if value is not None else end
            text = (name.text or b"").decode(errors="replace")
            yield Assignment(text, self.words.value([value] if value is not None else [], start, end))

    def _command(self, node: Node, setting: Setting) -> None:
        assert self.words is not None
        if node.has_error:
            self.broken = True
            return
        children = node.children
        redirects = [child for child in children if child.type.endswith("_redirect")]
        setting = self._with_redirects(redirects, setting)
        assignments = tuple(self._assignments(children))
        written = [child for child in children if not child.type.endswith("_redirect")]
        written = [child for child in written if child.type not in ("variable_assignment", "comment")]
        words = tuple(self.words.all(written))
        self.emit((*words, *setting.arguments), assignments, setting)
        self._inside(node, setting)

    def emit(self, words: tuple[Word, ...], assignments: tuple[Assignment, ...], setting: Setting) -> None:
        """Note what `words` start in the end."""
        self._note(started(words), assignments, setting)

    def _note(self, found: Started, assignments: tuple[Assignment, ...], setting: Setting) -> None:
        command = Command(
            found.words,
            assignments=(*assignments, *found.assignments),
            redirects=tuple(setting.redirects),
            stdin=setting.stdin,
            wrappers=found.wrappers,
            directory=None if found.remote else self.directory,
            remote=setting.remote or found.remote,
            conditional=setting.conditional,
            fed=found.fed,
            bare=setting.withheld or found.bare,
        )
        if found.words or assignments:
            self.commands.append(command)
        if command.name in ("cd", "pushd", "popd") and not command.remote:
            self.directory = _changed(self.directory, command)
        inner = Setting(command.remote, setting.conditional or command.name == "trap", withheld=command.bare)
        for more in found.more:
            self._note(more, (), inner)
        script = found.script or (setting.stdin if found.reads_stdin else None)
        if script is not None:
            self._nested(script, inner)

    def _nested(self, word: Word, setting: Setting) -> None:
        """Note the commands of the script that a word holds."""
        reading = self.nested(word, setting, None if setting.remote else self.directory)
        if reading is not None:
            self.commands += reading.commands
            self.broken = self.broken or reading.broken


_HANDLERS: dict[str, Callable[[Walker, Node, Setting], None]] = {
    "command": Walker._command,
    "list": Walker._list,
    "pipeline": Walker._pipeline,
    "redirected_statement": Walker._redirected,
    "function_definition": Walker._function,
    **dict.fromkeys(("subshell", "command_substitution", "process_substitution"), Walker._subshell),
    **dict.fromkeys(("if_statement", "elif_clause", "else_clause", "do_group", "case_item"), Walker._branches),
    **dict.fromkeys(
        ("declaration_command", "unset_command", "variable_assignment", "variable_assignments"), Walker._declaration
    ),
}


def _operator(node: Node) -> str:
    marks = [child for child in node.children if not child.is_named or child.type == "file_descriptor"]
    return "".join((mark.text or b"").decode(errors="replace") for mark in marks)


def _changed(directory: str | None, command: Command) -> str | None:
    """The directory after `cd`."""
    target = command.words[1].text if len(command.words) == 2 else None
    if directory is None or command.name == "popd" or not target or target[0] in "/~-+":
        return None
    path = normpath(join(directory, target))
    return None if path.startswith("..") else "" if path == "." else path
