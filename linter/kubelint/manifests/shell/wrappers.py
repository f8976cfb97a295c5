"""Programs that only start another one: `sudo`, `env`, `timeout`, `xargs`, `bash -c`, `ssh`, `kubectl exec`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from posixpath import basename
from typing import NamedTuple

from kubelint.manifests.shell.commands import Assignment, Word
from kubelint.regexes import regex

_ASSIGNMENT = regex(r"([A-Za-z_]\w*)=")
_KEEPING = regex(r"--preserve-env|-[A-Za-z]*E")
_SHELL_SCRIPT = regex(r"-[a-zA-Z]*c[a-zA-Z]*")
SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh"})
"""The shells whose language is read."""


class _Starter(NamedTuple):
    """Which options take the next word, how many operands come before the program, options that start nothing."""

    valued: frozenset[str] = frozenset()
    operands: int = 0
    idle: frozenset[str] = frozenset()
    remote: bool = False


def _starter(valued: str = "", operands: int = 0, idle: str = "", remote: bool = False) -> _Starter:
    return _Starter(frozenset(valued.split()), operands, frozenset(idle.split()), remote)


_STARTERS = {
    "sudo": _starter("-u -g -h -p -C -T -r -t -U -D -R --user --group --host --prompt --chdir", idle="-l -v -e -K -k"),
    "doas": _starter("-u -C"),
    "env": _starter("-u -C --unset --chdir", idle="-S --split-string"),
    "time": _starter("-f -o --format --output"),
    "timeout": _starter("-s -k --signal --kill-after", 1),
    "chroot": _starter(operands=1),
    "command": _starter(idle="-v -V"),
    "builtin": _starter(),
    "exec": _starter("-a"),
    "nohup": _starter(),
    "setsid": _starter(),
    "nice": _starter("-n --adjustment"),
    "ionice": _starter("-c -n -p --class --classdata"),
    "stdbuf": _starter("-i -o -e --input --output --error"),
    "watch": _starter("-n --interval"),
    "xargs": _starter("-I -n -P -L -d -a -s -E --replace --max-args --max-procs --max-lines --delimiter --arg-file"),
    "ssh": _starter("-i -p -l -o -F -J -L -R -D -b -c -e -m -O -Q -S -W -w -E -B -I", 1, remote=True),
}
_AFTER_DASHES = frozenset({"mise", "rtx", "op", "doppler", "aws-vault", "devbox", "infisical", "teller"})
_IN_PODS = {"kubectl": ("exec", "run", "debug"), "oc": ("exec", "run", "debug"), "docker": (), "podman": ()}


class Started(NamedTuple):
    """What a command line starts in the end.

    `words` is the command, `script` a word that a shell reads again, `more` other commands that are started besides.
    `bare`: variables of the environment are withheld from it.
    """

    words: tuple[Word, ...]
    wrappers: tuple[str, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    fed: bool = False
    remote: bool = False
    bare: bool = False
    script: Word | None = None
    reads_stdin: bool = False
    more: tuple[Started, ...] = ()


def started(words: tuple[Word, ...], depth: int = 0) -> Started:
    """The command that `words` start in the end; the words themselves where that cannot be told."""
    found = Started(words)
    while found.words and depth < 20:
        following = _step(found)
        if following is None:
            break
        found = following
        depth += 1
    return _special(found, depth) if found.words else found


def _step(found: Started) -> Started | None:
    words, name = found.words, _name(found.words)
    starter = _STARTERS.get(name)
    at: int | None = None
    if starter is not None:
        at = _program_at(words, starter, name in ("sudo", "env"))
    elif name in _AFTER_DASHES:
        at = next((index + 1 for index, word in enumerate(words) if word.text == "--"), None)
    if at is None or at >= len(words):
        return None
    assignments = tuple(found_one for word in words[1:at] if (found_one := _assignment(word)) is not None)
    inner = words[at:]
    if name == "xargs":
        inner = _without_replaced(inner, words[1:at])
    following = found._replace(
        words=inner,
        wrappers=(*found.wrappers, name),
        assignments=(*found.assignments, *assignments),
        fed=found.fed or name == "xargs",
        remote=found.remote or bool(starter and starter.remote),
        bare=found.bare or _withholds(name, words[1:at]),
    )
    whole = name in ("ssh", "watch") and len(inner) == 1 and _is_script(inner[0])
    return following._replace(words=(), script=inner[0]) if whole else following


def _withholds(name: str, options: Sequence[Word]) -> bool:
    """Whether a program starts another without the variables of the environment: `sudo` unless it is told, `env -i`."""
    texts = [word.text or "" for word in options]
    if name == "env":
        return any(text in ("-", "-i", "--ignore-environment") for text in texts)
    keeps = any(_KEEPING.match(text) for text in texts)
    return name == "doas" or (name == "sudo" and not keeps)


def _is_script(word: Word) -> bool:
    return word.text is None or re.search(r"[\s;&|<>$]", word.text) is not None


def _program_at(words: Sequence[Word], starter: _Starter, assignments: bool) -> int | None:
    """Where the program stands that is started; None where that is unknown."""
    at, operands = 1, starter.operands
    while at < len(words):
        text = words[at].text
        if text is None and not operands:
            return None if words[at].raw.startswith("-") else at
        if text in starter.idle:
            return None
        if text is not None and text.startswith("-") and text != "-":
            at += 2 if text in starter.valued else 1
        elif assignments and _assignment(words[at]) is not None:
            at += 1
        elif operands:
            at, operands = at + 1, operands - 1
        else:
            return at
    return None


def _without_replaced(words: tuple[Word, ...], options: Sequence[Word]) -> tuple[Word, ...]:
    """The words that `xargs` starts, unknown where it replaces something in them."""
    texts = [word.text or "" for word in options]
    marks = [after for text, after in zip(texts, [*texts[1:], ""], strict=False) if text == "-I"]
    marks += [text[2:] or "{}" for text in texts if text.startswith(("-I", "-i")) and text != "-I"]
    return tuple(
        word._replace(text=None) if word.text and any(mark and mark in word.text for mark in marks) else word
        for word in words
    )


def _special(found: Started, depth: int) -> Started:
    """Commands that start others and are commands themselves, and shells that are given a script."""
    name, words = _name(found.words), found.words
    if name in SHELLS:
        return _shell(found)
    if name == "ssh":
        return found._replace(reads_stdin=True, remote=True)
    if name in ("eval", "trap") and len(words) >= 2:
        return found._replace(script=words[1] if name == "trap" or len(words) == 2 else None)
    if name in ("su", "runuser"):
        at = next((index for index, word in enumerate(words) if word.text in ("-c", "--command")), len(words))
        return found._replace(script=words[at + 1] if at + 1 < len(words) else None)
    if name == "find":
        return found._replace(more=tuple(_found_by(words, depth)))
    if any(word.text in _IN_PODS.get(name, ()) for word in words[1:]):
        at = next((index + 1 for index, word in enumerate(words) if word.text == "--"), len(words))
        inner = started(words[at:], depth + 1) if at < len(words) else None
        return found._replace(more=(inner._replace(remote=True),)) if inner else found
    return found


def _shell(found: Started) -> Started:
    words, at = found.words, 1
    script = False
    while at < len(words) and (words[at].text or "").startswith(("-", "+")):
        text = words[at].text or ""
        script = script or _SHELL_SCRIPT.fullmatch(text) is not None
        at += 2 if text in ("-o", "+o", "-O", "+O", "--rcfile", "--init-file") or text.endswith("o") else 1
    if script and at < len(words):
        return found._replace(script=words[at])
    plain = at >= len(words) or any(word.text == "-s" for word in words[1:at])
    return found._replace(reads_stdin=plain)


def _found_by(words: tuple[Word, ...], depth: int) -> list[Started]:
    commands = []
    for index, word in enumerate(words):
        if word.text in ("-exec", "-execdir", "-ok", "-okdir"):
            end = next((at for at in range(index, len(words)) if words[at].text in (";", "+")), len(words))
            inner = tuple(
                one._replace(text=None) if "{}" in (one.text or "") else one for one in words[index + 1 : end]
            )
            if inner:
                commands.append(started(inner, depth + 1)._replace(fed=True))
    return commands


def _name(words: Sequence[Word]) -> str:
    return basename(words[0].text or "") if words else ""


def _assignment(word: Word) -> Assignment | None:
    match = _ASSIGNMENT.match(word.raw)
    if match is None:
        return None
    return Assignment(match[1], word.after(match.end()))
