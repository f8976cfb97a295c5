"""Commands in Markdown documents: which there are, whether they are advised against, where their words stand."""

from __future__ import annotations

from textwrap import indent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubelint.manifests.project import Project
from kubelint.manifests.shell.advice import advises_against
from kubelint.manifests.shell.runbooks import scripts_of
from kubelint.manifests.shell.scripts import Script
from kubelint.manifests.texts import TextSlice
from kubelint.sources import SourceFile
from kubelint.sources.text_files import TextFile, TextKind

FILE = "docs/runbook.md"


def document(text: str) -> TextFile:
    return TextFile(FILE, TextKind.MARKDOWN, lambda: SourceFile(FILE, text))


def scripts(text: str) -> list[Script]:
    return scripts_of(document(text))


def typed(text: str) -> list[list[str]]:
    """The commands of a document, each word as it stands in the file."""
    found = []
    for script in scripts(text):
        for command in script.commands:
            words = []
            for word in command.words:
                assert isinstance(word.at, TextSlice) and word.at.file == FILE
                written = text[word.at.span.start : word.at.span.end]
                assert written == word.raw or "\n" in written or "\r" in written
                words.append(written)
            found.append(words)
    return found


def fenced(body: str, language: str = "bash") -> str:
    return f"```{language}\n{body}\n```\n"


@pytest.mark.parametrize(
    ("language", "body", "commands"),
    [
        ("bash", "helm ls", 1),
        ("sh", "helm ls", 1),
        ("shell", "helm ls", 1),
        ("zsh", "helm ls", 1),
        ("console", "$ helm ls\nNAME  STATUS", 1),
        ("Bash", "helm ls", 1),
        ("bash {linenos=true}", "helm ls", 1),
        ("{.bash}", "helm ls", 1),
        ('bash title="deploy"', "helm ls", 1),
        ("", "helm ls", 1),
        ("", "$ helm ls\nNAME", 1),
        ("text", "kubectl get pods", 1),
        ("", "# comment\nsudo systemctl stop k3s", 1),
        ("", "NAME  STATUS\nhelm ls", 0),
        ("console", "NAME  STATUS\nshop  (deployed)", 0),
        ("console", "helm ls\nhelm get", 2),
        ("", "shop:\n  image: a", 0),
        ("", "", 0),
        ("yaml", "kubectl: get", 0),
        ("powershell", "kubectl get pods", 0),
        ("python", "helm = 3", 0),
        ("diff", "kubectl get pods", 0),
    ],
)
def test_languages(language: str, body: str, commands: int) -> None:
    assert len(typed(fenced(body, language))) == commands


@pytest.mark.parametrize(
    ("body", "commands"),
    [
        ("$ helm ls\nNAME\n$ helm get x\nfoo", [["helm", "ls"], ["helm", "get", "x"]]),
        ("root@cp1:~# kubectl get nodes\nNAME", [["kubectl", "get", "nodes"]]),
        ("user@host ~ $ helm ls", [["helm", "ls"]]),
        ("[core@n1 ~]$ helm ls\nx", [["helm", "ls"]]),
        ("~/infra ❯ helm ls", [["helm", "ls"]]),
        ("(venv) $ helm ls", [["helm", "ls"]]),
        ("# kubectl get pods\nNAME", [["kubectl", "get", "pods"]]),
        ("$ helm upgrade \\\n>   shop \\\n>   ./chart\nRelease", [["helm", "upgrade", "shop", "./chart"]]),
        ("$ helm upgrade \\\n    shop\nRelease", [["helm", "upgrade", "shop"]]),
        ("$ cat <<EOF > a\nhelm ls\nEOF\n$ helm get", [["cat"], ["helm", "get"]]),
        ("helm ls\nhelm get", [["helm", "ls"], ["helm", "get"]]),
    ],
)
def test_sessions(body: str, commands: list[list[str]]) -> None:
    assert typed(fenced(body, "console")) == commands


def test_a_comment_in_a_script_is_no_prompt() -> None:
    assert typed(fenced("# kubectl get pods\nhelm ls")) == [["helm", "ls"]]


_BLOCK = "```bash\nkubectl  get 'é b' \\\n  -n prod\n```\n"
_WORDS = [["kubectl", "get", "'é b'", "-n", "prod"]]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "text",
    [
        _BLOCK,
        f"# É\n\n{_BLOCK}",
        f"1. a\n\n{indent(_BLOCK, '   ')}",
        f"- a\n  - b\n\n{indent(_BLOCK, '    ')}",
        f"-\ta\n\n{indent(_BLOCK, chr(9))}",
        f"> {_BLOCK[:-1].replace(chr(10), chr(10) + '> ')}\n",
        f"> - a\n>\n>   {_BLOCK[:-1].replace(chr(10), chr(10) + '>   ')}\n",
        indent(_BLOCK, "  "),
        _BLOCK.replace("```", "~~~~"),
        f"a\n\n{indent('kubectl  get ' + chr(39) + 'é b' + chr(39) + ' -n prod', '    ')}\n",
        "a\n\n\tkubectl  get 'é b' -n prod\n",
        "1. a\n\n       kubectl  get 'é b' -n prod\n",
        "- a\n\n\t\tkubectl  get 'é b' -n prod\n",
        _BLOCK.removesuffix("```\n"),
        f"<!-- a -->\n\n{_BLOCK}",
        f"---\ntitle: a\n---\n{_BLOCK}",
    ],
)
def test_places(text: str, newline: str) -> None:
    assert typed(text.replace("\n", newline)) == _WORDS


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("Run `kubectl get pods` now.", [["kubectl", "get", "pods"]]),
        ("Run ``kubectl get `x` `` now.", [["kubectl", "get", "`x`"], ["x"]]),
        ("`kubectl get pods`, `kubectl get pods`", [["kubectl", "get", "pods"]] * 2),
        ("`kubectl` and `helm` and `some text`", []),
        ("- `helm ls`\n- **`helm get`**", [["helm", "ls"], ["helm", "get"]]),
        ("[`helm ls`](https://example.com)", [["helm", "ls"]]),
        ("| a | `helm ls` |\n|---|---|\n| `helm get` | b |", [["helm", "ls"], ["helm", "get"]]),
        ("## Use `helm ls`", [["helm", "ls"]]),
        ("> a `kubectl get\n> pods` b", [["kubectl", "get", "pods"]]),
        ("`kubectl get\r\npods -n x`", [["kubectl", "get", "pods", "-n", "x"]]),
        ("`kubectl delete node <name> -n x`", [["kubectl", "delete", "node", "<name>", "-n", "x"]]),
        ("\\`kubectl get pods\\`", []),
    ],
)
def test_inline(text: str, commands: list[list[str]]) -> None:
    assert typed(text) == commands


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("helm get h<RELEASE>", ["helm", "get", None]),
        ("helm get <release name> -n <ns>", ["helm", "get", None, "-n", None]),
        ("helm get <in.txt >out.txt", ["helm", "get"]),
        ("helm get <<<x", ["helm", "get"]),
        ("helm get pod/<name>", ["helm", "get", None]),
    ],
)
def test_placeholders(body: str, words: list[str | None]) -> None:
    (command,) = scripts(fenced(body))[0].commands
    assert [word.text for word in command.words] == words


def test_a_placeholder_is_unknown() -> None:
    (script,) = scripts(fenced("kubectl delete node <node-name> -n x < in.txt"))
    (command,) = script.commands
    assert [word.text for word in command.words] == ["kubectl", "delete", "node", None, "-n", "x"]
    assert [one.target.text for one in command.redirects] == ["in.txt"]


@pytest.mark.parametrize(
    ("before", "discouraged"),
    [
        ("Run this:", False),
        ("Do not run this:", True),
        ("Don't do this:", True),
        ("Don’t do this:", True),
        ("Never run:", True),
        ("This is wrong:", True),
        ("**Wrong:**", True),
        ("❌", True),
        ("## Wrong", True),
        ("## Bad example\n\nPeople write:", True),
        ("## Bad\n\nA\n\n```\nx\n```\n\nNow run:", False),
        ("The following must not be used:", True),
        ("Avoid this:", True),
        ("To avoid data loss, run:", False),
        ("If something went wrong, run:", False),
        ("If the node does not come back, run:", False),
        ("Don't forget to drain it:", False),
        ("Do not restart it. Instead, run:", False),
        ("Never delete the pod.\n\nRun:", False),
        ("Pods that do not start are deleted with:", False),
        ("## If it goes wrong", False),
        ("", False),
    ],
)
def test_discouraged(before: str, discouraged: bool) -> None:
    found = scripts(f"{before}\n\n{fenced('helm ls')}")
    assert [script.discouraged for script in found] == [discouraged]


def test_discouraged_by_the_words_of_the_fence() -> None:
    assert scripts(fenced("helm ls", 'bash title="wrong"'))[0].discouraged


def test_comments_in_a_block_part_it() -> None:
    found = scripts(fenced("# Wrong\nkubectl a\n\n# Right\nkubectl b\nkubectl c"))
    assert [(script.discouraged, len(script.commands)) for script in found] == [(True, 1), (False, 2)]


@pytest.mark.parametrize(
    ("text", "discouraged"),
    [
        ("Run `helm ls`, never `helm get`.", [False, True]),
        ("Do not run `helm ls` or `helm get`.", [True, True]),
        ("`helm ls` is wrong.", [True]),
        ("`helm ls` does not work; use `helm get`.", [True, False]),
        ("It is wrong there. Use `helm ls`.", [False]),
        ("Run `helm ls` where it is wrong.", [False]),
        ("## Wrong\n\n`helm ls`", [True]),
    ],
)
def test_discouraged_within_text(text: str, discouraged: list[bool]) -> None:
    assert [script.discouraged for script in scripts(text)] == discouraged


def test_heading() -> None:
    found = scripts(f"{fenced('a')}# One\n{fenced('b')}## `Two` *x*\n\ntext\n\n{fenced('c')}{fenced('d')}")
    assert [script.heading for script in found] == ["", "One", "Two x", "Two x"]


@pytest.mark.parametrize("text", ["never mind, this is fine", "do not worry", "when it is wrong, run"])
def test_harmless_words(text: str) -> None:
    assert not advises_against(text)


def test_project_reads_markdown_only() -> None:
    def unread() -> SourceFile:
        raise AssertionError

    found = Project([], texts=[TextFile("a.sh", TextKind.SHELL, unread), document(fenced("helm ls"))])
    assert [(script.kind, script.file) for script in found.runbooks] == [("markdown", FILE)]


_PARTS = [
    "# a\n", "```bash\n", "```\n", "~~~\n",
    "- ", "> ", "    ", "\t", "\n", "\r\n", "`kubectl get`", "`", "helm ls 'é'\n",
    "$ helm x \\\n", "1. ", "text ", "  ", "<x>", "\r", "\0", "\u2028", "***", "[a](b)",
]  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(_PARTS), max_size=30).map("".join))
def test_every_word_of_any_document_stands_where_it_is_written(text: str) -> None:
    typed(text)
