"""Shell scripts as commands: what is one, what its words are, and where they stand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubelint.manifests.shell.commands import Command
from kubelint.manifests.shell.lexer import read_shell
from kubelint.manifests.shell.passages import passage_of_text
from kubelint.manifests.shell.walker import Reading
from kubelint.manifests.texts import TextSlice


def read(text: str, directory: str | None = "", **env: str) -> Reading:
    return read_shell(passage_of_text("run.sh", text), env, directory)


def commands(text: str, **env: str) -> list[Command]:
    return read(text, **env).commands


def texts(text: str, **env: str) -> list[list[str | None]]:
    return [[word.text for word in command.words] for command in commands(text, **env)]


def one(text: str, **env: str) -> Command:
    (command,) = commands(text, **env)
    return command


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("helm ls", ["helm"]),
        ("/usr/local/bin/helm ls", ["helm"]),
        ("a | b |& c", ["a", "b", "c"]),
        ("a && b || c; d & e\nf", ["a", "b", "c", "d", "e", "f"]),
        ("helm \\\n  ls", ["helm"]),
        ("(a; b) && { c; }", ["a", "b", "c"]),
        ("a $(b $(c)) `d`", ["a", "b", "c", "d"]),
        ('a "x $(b) y"', ["a", "b"]),
        ("diff <(a) >(b)", ["diff", "a", "b"]),
        ("X=$(a)", [None, "a"]),
        ("if a; then b; elif c; then d; else e; fi", ["a", "b", "c", "d", "e"]),
        ("for i in 1 2; do a; done", ["a"]),
        ("while a; do b; done; until c; do d; done", ["a", "b", "c", "d"]),
        ("case $x in a|b) c ;; *) d ;; esac", ["c", "d"]),
        ("f() { a; }\nfunction g { b; }", ["a", "b"]),
        ("! a", ["a"]),
        ("# helm ls\na # helm ls", ["a"]),
        ("[[ -f x ]] && a", ["a"]),
        ("[ -f x ]", []),
        ("((x++)); a", ["a"]),
        ("cat <<EOF\nhelm ls\nEOF\na", ["cat", "a"]),
        ("cat <<'EOF'\n$(helm ls)\nEOF", ["cat"]),
        ("cat <<EOF\n$(helm ls)\nEOF", ["cat", "helm"]),
        ("cat <<-EOF | a -f -\n\tx\n\tEOF\nb", ["cat", "a", "b"]),
        ("$CMD x", [None]),
        ("a; 'b c'; d", ["a", "b c", "d"]),
        ("export A=b", ["export"]),
        ("", []),
        ("   \n# only a comment\n", []),
    ],
)
def test_what_is_a_command(text: str, names: list[str | None]) -> None:
    assert [command.name for command in commands(text)] == names


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a 'b c' \"d e\" $'f\\tg' h\\ i", ["a", "b c", "d e", "f\tg", "h i"]),
        ("a b\"c\"'d'e", ["a", "bcde"]),
        ("a \"\" ''", ["a", "", ""]),
        ('a "\\$x \\" \\n"', ["a", '$x " \\n']),
        ("a b\\\nc", ["a", "bc"]),
        ('a "b\\\nc"', ["a", "bc"]),
        ("a $'\\x41\\u00e9\\101\\''", ["a", "AéA'"]),
        ("a $x ${x} ${x:-y} \"$x\" '$x'", ["a", None, None, None, None, "$x"]),
        ("a b$x c", ["a", None, "c"]),
        ("a $(b) `b` $((1+1)) <(b)", ["a", None, None, None, None]),
        ("a *.yaml x? ~/b", ["a", None, "x?", "~/b"]),
        ("a '*' \"*\" \\*", ["a", "*", "*", "*"]),
        ("a {b,c} x={b,c} {1..3} {} {a}", ["a", None, None, None, "{}", "{a}"]),
        ("a -o jsonpath={.items[0].name} -l a!=b", ["a", "-o", "jsonpath={.items[0].name}", "-l", "a!=b"]),
        ("a ${{ inputs.x }} b-${{ inputs.x }} '${{ inputs.x }}'", ["a", None, None, None]),
        ('a ${{ env.NAME }} "x-${{ env.NAME }}"', ["a", "shop", "x-shop"]),
        ("a {{ .Values.x }} b", ["a", None, "b"]),
        ("a é 日本 'ü'", ["a", "é", "日本", "ü"]),
        ("a # b", ["a"]),
        ("a b#c", ["a", "b#c"]),
        ("a 2>&1 > out b", ["a", "b"]),
        ("a\tb", ["a", "b"]),
        ("a b\r\n", ["a", "b"]),
    ],
)
def test_words(text: str, words: list[str | None]) -> None:
    assert texts(text, NAME="shop")[0] == words


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("helm ls", True),
        ('helm ls "$x"', True),
        ("helm ls $x", False),
        ("helm ls *.yaml", False),
        ('helm ls "${args[@]}"', False),
        ('helm ls "$@"', False),
        ("helm ls $(x)", False),
        ('helm ls "$(x)"', True),
        ("helm ls ${{ inputs.args }}", False),
        ("helm ls '${{ inputs.args }}'", True),
        ("x | xargs helm ls", False),
        ("helm ls {a,b}", False),
        ("helm ls $((1+1))", True),
    ],
)
def test_whether_all_words_are_known_to_be_there(text: str, complete: bool) -> None:
    found = next(command for command in commands(text) if command.name == "helm")
    assert found.complete is complete


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sudo helm ls", ["helm", "ls"]),
        ("sudo -u root -E helm ls", ["helm", "ls"]),
        ("env -i A=b helm ls", ["helm", "ls"]),
        ("time helm ls", ["helm", "ls"]),
        ("timeout -k 5 60 helm ls", ["helm", "ls"]),
        ("timeout $T helm ls", ["helm", "ls"]),
        ("command helm ls", ["helm", "ls"]),
        ("chroot /host helm ls", ["helm", "ls"]),
        ("nohup nice -n 5 helm ls", ["helm", "ls"]),
        ("exec helm ls", ["helm", "ls"]),
        ("xargs -n 1 helm ls", ["helm", "ls"]),
        ("xargs -I{} helm ls {}", ["helm", "ls", None]),
        ("xargs -I % helm ls a-%", ["helm", "ls", None]),
        ("mise exec -- helm ls", ["helm", "ls"]),
        ("watch -n 1 helm ls", ["helm", "ls"]),
        ("sudo", ["sudo"]),
        ("sudo -l", ["sudo", "-l"]),
        ("command -v helm", ["command", "-v", "helm"]),
        ("env", ["env"]),
        ("timeout 60", ["timeout", "60"]),
        ("sudo $OPTIONS", [None]),
    ],
)
def test_programs_that_start_others(text: str, words: list[str | None]) -> None:
    assert texts(text) == [words]


def test_wrappers_and_their_assignments_are_kept() -> None:
    found = one("A=1 sudo env B=2 timeout 5 helm ls")
    assert found.wrappers == ("sudo", "env", "timeout")
    assert [(given.name, given.value.text) for given in found.assignments] == [("A", "1"), ("B", "2")]


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ("bash -c 'helm ls'", ["helm", "ls"]),
        ('sh -ec "helm ls a"', ["helm", "ls", "a"]),
        ("bash -eo pipefail -c 'helm ls'", ["helm", "ls"]),
        ('bash -c "helm ls $x"', ["helm", "ls", None]),
        ("bash -c \"helm ls '\\$x'\"", ["helm", "ls", "$x"]),
        ("bash <<'EOF'\nhelm ls\nEOF", ["helm", "ls"]),
        ("eval 'helm ls'", ["helm", "ls"]),
        ("su - deploy -c 'helm ls'", ["helm", "ls"]),
        ("trap 'helm ls' EXIT", ["helm", "ls"]),
        ("find . -name x -exec helm ls {} \\;", ["helm", "ls", None]),
        ("bash -c \"bash -c 'helm ls'\"", ["helm", "ls"]),
    ],
)
def test_scripts_in_words(text: str, inner: list[str | None]) -> None:
    found = commands(text)[-1]
    assert ([word.text for word in found.words], found.remote) == (inner, False)


@pytest.mark.parametrize(
    "text",
    [
        "ssh host helm ls",
        "ssh -i key -p 22 host 'helm ls'",
        'ssh "$HOST" "cd /srv; helm ls"',
        "ssh host <<'EOF'\nhelm ls\nEOF",
        "kubectl exec -it pod -- helm ls",
        "kubectl -n x exec pod -c y -- sh -c 'helm ls'",
        "sudo kubectl exec pod -- helm ls",
    ],
)
def test_commands_elsewhere(text: str) -> None:
    found = commands(text)[-1]
    assert ([word.text for word in found.words], found.remote, found.directory) == (["helm", "ls"], True, None)


def test_the_command_that_reaches_out_is_one_itself() -> None:
    first, second = commands("kubectl -n x exec pod -- etcdctl snapshot save a.db")
    assert first.subcommand("kubectl", "exec") is not None and not first.remote
    assert [word.text for word in first.arguments.rest] == ["etcdctl", "snapshot", "save", "a.db"]
    assert second.name == "etcdctl" and second.remote


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("N=app; helm ls $N", "app"),
        ("N=app\nhelm ls ${N}", "app"),
        ("N='a'\"b\"\nhelm ls $N", "ab"),
        ("export N=app\nhelm ls $N", "app"),
        ("readonly N=app\nhelm ls $N", "app"),
        ("M=shop\nN=$M-api\nhelm ls $N", "shop-api"),
        ("N=app\nif x; then helm ls $N; fi", "app"),
        ("N=app\nf() { helm ls $N; }", "app"),
        ("N='a b'\nhelm ls \"$N\"", "a b"),
        ("N='a b'\nhelm ls $N", None),
        ("helm ls $N\nN=app", None),
        ("N=app\nN=web\nhelm ls $N", None),
        ("N=app\nN+=x\nhelm ls $N", None),
        ("if x; then N=app; fi\nhelm ls $N", None),
        ("x || N=app\nhelm ls $N", None),
        ("N=$(x)\nhelm ls $N", None),
        ("N=$1\nhelm ls $N", None),
        ("N=${{ inputs.name }}\nhelm ls $N", None),
        ("N=(app)\nhelm ls $N", None),
        ("for N in a; do helm ls $N; done", None),
        ("N=app\nread N\nhelm ls $N", None),
        ("N=app\nsource ./env\nhelm ls $N", None),
        ("N=app\nunset N\nhelm ls $N", None),
        ("N=1\n((N++))\nhelm ls $N", None),
        ("N=app\n: ${N:=b}\nhelm ls $N", None),
        ("f() { local N=app; }\nhelm ls $N", None),
        ("declare -i N=app\nhelm ls $N", None),
        ("N=app x\nhelm ls $N", None),
        ("helm ls $E", "outer"),
        ("E=inner\nhelm ls $E", "inner"),
        ("if x; then E=inner; fi\nhelm ls $E", None),
        ("helm ls ${E:-x}", None),
        ("helm ls $UNKNOWN", None),
        ("bash -c 'helm ls $E'", "outer"),
        ('N=app\nbash -c "helm ls $N"', "app"),
        ("N=app\nbash -c 'helm ls $N'", None),
    ],
)
def test_variables(text: str, value: str | None) -> None:
    found = [command for command in commands(text, E="outer") if command.name == "helm"]
    assert found[-1].words[2].text == value


@pytest.mark.parametrize(
    ("text", "directory"),
    [
        ("helm ls", ""),
        ("cd charts\nhelm ls", "charts"),
        ("cd charts/a && helm ls", "charts/a"),
        ("cd ./charts/\ncd ../apps\nhelm ls", "apps"),
        ("cd ..; helm ls", None),
        ("cd /srv; helm ls", None),
        ("cd $X; helm ls", None),
        ("cd -; helm ls", None),
        ("cd; helm ls", None),
        ("(cd charts); helm ls", ""),
        ("(cd charts; helm ls)", "charts"),
        ("cd charts | x; helm ls", ""),
        ("cd charts || exit 1\nhelm ls", "charts"),
        ("if x; then cd charts; fi; helm ls", None),
        ("if x; then cd charts; helm ls; fi", "charts"),
        ("f() { cd charts; }\nhelm ls", ""),
        ("f() { helm ls; }", None),
        ("D=charts\ncd $D\nhelm ls", "charts"),
        ("pushd charts; helm ls", "charts"),
        ("pushd charts; popd; helm ls", None),
    ],
)
def test_directory(text: str, directory: str | None) -> None:
    assert next(command for command in commands(text) if command.name == "helm").directory == directory


@pytest.mark.parametrize(
    ("text", "conditional"),
    [
        ("helm ls", False),
        ("x && helm ls", False),
        ("x || helm ls", True),
        ("if helm ls; then x; fi", False),
        ("if x; then helm ls; fi", True),
        ("if x; then y; else helm ls; fi", True),
        ("for i in a; do helm ls; done", True),
        ("case a in a) helm ls;; esac", True),
        ("f() { helm ls; }", True),
        ("if x; then y $(helm ls); fi", True),
    ],
)
def test_what_may_be_left_out(text: str, conditional: bool) -> None:
    assert next(command for command in commands(text) if command.name == "helm").conditional is conditional


def test_redirects_and_here_documents() -> None:
    found = one("kubectl apply -f - > out.txt 2> err.txt <<'EOF'\nkind: Pod\nEOF")
    assert [(one.operator, one.target.text) for one in found.redirects] == [(">", "out.txt"), ("2>", "err.txt")]
    assert found.stdin is not None and found.stdin.text == "kind: Pod\n"
    assert one("kubectl apply -f - <<EOF\nkind: $KIND\nEOF").stdin.text is None  # type: ignore[union-attr]
    assert one("kubectl apply -f - <<< 'kind: Pod'").stdin.text == "kind: Pod"  # type: ignore[union-attr]
    assert one("x <<-EOF\n\ta\n\t\tb\n\tEOF").stdin.text == "a\nb\n"  # type: ignore[union-attr]


def test_a_redirect_is_for_the_last_command_of_a_pipeline() -> None:
    first, last = commands("helm ls | tee > out")
    assert not first.redirects and last.redirects


def test_words_after_a_here_document_are_the_commands_own() -> None:
    found = one("helm upgrade -f - <<EOF shop ./chart\na: 1\nEOF")
    assert [word.text for word in found.words] == ["helm", "upgrade", "-f", "-", "shop", "./chart"]


@pytest.mark.parametrize(
    "text",
    ["helm ls 'a", 'echo "a\nhelm ls', "if x; then\nhelm ls", "helm ls $(", "a <<EOF --x && helm ls\nEOF"],
)
def test_what_cannot_be_read_is_left_out_and_said(text: str) -> None:
    found = read(text)
    assert found.broken or not found.commands


def test_a_command_beside_a_mistake_is_none() -> None:
    found = read("user@host ls\nhelm ls")
    assert found.broken and [command.name for command in found.commands] == ["helm"]


def test_an_expression_that_touches_a_name() -> None:
    assert texts("N=a\nhelm$N${{ x }} ls x${{ env.E }}", E="v")[-1] == [None, "ls", "xv"]


def test_a_mistake_does_not_hide_what_stands_before_it() -> None:
    found = read("helm ls\nkubectl get pods\nif x; then")
    assert found.broken
    assert [command.name for command in found.commands][:2] == ["helm", "kubectl"]


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ("é 'b c' d", "'b c'"),
        ('日本 \\\n  "x"', '"x"'),
        ("a ${{ x }} b", "${{ x }}"),
        ("a $'b\\n'", "$'b\\n'"),
        ("a x=$(b)", "x=$(b)"),
    ],
)
def test_a_word_knows_its_place(text: str, raw: str) -> None:
    word = commands(text)[0].words[1]
    assert word.raw == raw
    assert isinstance(word.at, TextSlice)
    assert text[word.at.span.start : word.at.span.end] == raw


def test_a_word_of_an_inner_script_knows_its_place() -> None:
    text = 'é; ssh host "sh -c \'helm \\"a b\\" --set=\\$x y\'"'
    word = commands(text)[-1].words[1]
    assert (word.raw, word.text) == ('"a b"', "a b")
    assert isinstance(word.at, TextSlice)
    assert text[word.at.span.start : word.at.span.end] == '\\"a b\\"'


def test_the_value_of_an_option_knows_its_place() -> None:
    text = "helm upgrade --namespace=\"x y\" -nz '--set=a=b'"
    for name, shown, value in (("--namespace", '"x y"', "x y"), ("-n", "z", "z"), ("--set", "a=b", "a=b")):
        (word,) = one(text).option(name)
        assert word.text == value
        assert isinstance(word.at, TextSlice)
        assert text[word.at.span.start : word.at.span.end] == shown


@pytest.mark.parametrize(
    ("text", "operands", "certain"),
    [
        ("helm upgrade --install shop ./chart", ["upgrade", "shop", "./chart"], True),
        ("helm -n prod upgrade shop ./chart -f a.yaml", ["upgrade", "shop", "./chart"], True),
        ("helm upgrade shop ./chart --set a=b --wait --timeout 5m", ["upgrade", "shop", "./chart"], True),
        ("helm upgrade --new-option x shop ./chart", ["upgrade", "x", "shop", "./chart"], False),
        ("kubectl -n longhorn-system delete node worker-1", ["delete", "node", "worker-1"], True),
        ("kubectl delete node worker-1 -n longhorn-system", ["delete", "node", "worker-1"], True),
        ("kubectl logs -f pod/a", ["logs", "pod/a"], True),
        ("kubectl apply -f a.yaml", ["apply"], True),
        ("kubectl exec -it pod -- sh", ["exec", "pod"], True),
        ("kubectl get pods -Ao wide", ["get", "pods"], True),
        ("talosctl -n 10.0.0.1 bootstrap --recover-from=./db", ["bootstrap"], True),
        ("make build", ["build"], False),
    ],
)
def test_operands(text: str, operands: list[str], certain: bool) -> None:
    found = commands(text)[0]
    assert [word.text for word in found.operands] == operands
    assert found.arguments.certain is certain


def test_subcommand() -> None:
    found = one("helm -n prod upgrade --install shop ./chart")
    rest = found.subcommand("helm", {"upgrade", "install"})
    assert rest is not None and [word.text for word in rest] == ["shop", "./chart"]
    assert found.subcommand("helm", "template") is None
    assert found.subcommand("kubectl") is None
    assert one("helm").subcommand("helm", "upgrade") is None
    assert one("$HELM upgrade").subcommand("helm", "upgrade") is None


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("helm upgrade --wait", True),
        ("helm upgrade --wait=true", True),
        ("helm upgrade --wait=false", False),
        ("helm upgrade", False),
        ("helm upgrade -- --wait", False),
        ("helm upgrade --set --wait", False),
    ],
)
def test_flag(text: str, on: bool) -> None:
    assert (one(text).flag("--wait") is not None) is on


@pytest.mark.parametrize(
    ("directory", "word", "path"),
    [
        ("", "./chart", "chart"),
        ("", ".", ""),
        ("deploy", "../chart/", "chart"),
        ("deploy", "../../chart", None),
        ("deploy", "/chart", None),
        ("deploy", "~/chart", None),
        ("deploy", "$X/chart", None),
        (None, "./chart", None),
    ],
)
def test_path(directory: str | None, word: str, path: str | None) -> None:
    (found,) = read(f"helm lint {word}", directory).commands
    assert found.path(found.words[2]) == path


@pytest.mark.parametrize(
    "text",
    [
        "echo " + "$(" * 4000 + "x" + ")" * 4000,
        "(" * 4000,
        " && ".join(["helm ls"] * 4000),
        "bash -c '" * 30,
        "\0\x0c\u2028\ud800 helm",
        "<<EOF " * 500,
        "${{ " * 50_000,
        "x" * 1_000_001,
    ],
)
def test_odd_text_is_read_or_given_up(text: str) -> None:
    for command in read(text).commands:
        assert command.at is not None and command.arguments is not None


_PIECES = [
    "helm",
    "ls ",
    "$x",
    "${",
    "}",
    "'",
    '"',
    "\\",
    "\n",
    "$(",
    ")",
    "<<E",
    "E",
    "|",
    "&&",
    ";",
    "é",
    "=",
    "*",
    "`",
    "-n ",
    "#",
    "if ",
    "fi",
    "{{",
    " ",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=40).map("".join))
def test_any_text_is_read(text: str) -> None:
    for command in commands(text):
        for word in (*command.words, *command.operands):
            assert isinstance(word.at, TextSlice)
            assert 0 <= word.at.span.start <= word.at.span.end <= len(text)


_QUOTED = st.text(st.sampled_from("abz019_./:= é日$*\\'\"\n#{}"), max_size=8)


@settings(deadline=None)
@given(st.lists(_QUOTED, min_size=1, max_size=5), st.data())
def test_what_was_quoted_is_read_back(values: list[str], data: st.DataObject) -> None:
    single = [data.draw(st.booleans()) for _ in values]
    written = [_single(value) if one else _double(value) for value, one in zip(values, single, strict=True)]
    (found,) = commands(" ".join(["helm", *written]))
    assert [word.text for word in found.words[1:]] == values
    assert [word.raw for word in found.words[1:]] == written


def _single(value: str) -> str:
    return "'" + value.replace("'", "'\\''") + "'"


def _double(value: str) -> str:
    return '"' + "".join(f"\\{one}" if one in '$`"\\' else one for one in value) + '"'
