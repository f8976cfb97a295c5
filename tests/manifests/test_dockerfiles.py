"""Dockerfiles: stages, platforms and their places."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelint.manifests.dockerfiles import Dockerfile
from kubelint.manifests.project import Project
from kubelint.manifests.shell.passages import Place
from kubelint.manifests.texts import TextSlice
from kubelint.sources import SourceFile
from kubelint.sources.text_files import TextFile, TextKind

FILE = "build/Dockerfile"


def source(text: str) -> TextFile:
    return TextFile(FILE, TextKind.DOCKERFILE, lambda: SourceFile(FILE, text))


def read(text: str) -> Dockerfile:
    return Dockerfile(source(text))


def written(text: str, place: Place | None) -> str | None:
    if place is None:
        return None
    assert isinstance(place, TextSlice)
    return text[place.span.start : place.span.end]


@pytest.mark.parametrize(
    ("text", "image", "platform", "name"),
    [
        ("FROM alpine:3.22", "alpine:3.22", None, None),
        ("from alpine as Build", "alpine", None, "build"),
        ("FROM --platform=linux/amd64 alpine AS build", "alpine", "linux/amd64", "build"),
        ("FROM --platform=$BUILDPLATFORM alpine", "alpine", None, None),
        ("FROM \\\n  --platform=linux/arm64 \\\n  # why\n\n  alpine", "alpine", "linux/arm64", None),
        ("FROM alpine  # no comment", "alpine", None, None),
        ("ARG V=3\nFROM alpine:$V", "alpine:3", None, None),
        ("ARG R=\"a.example\" V='1'\nFROM ${R}/app:${V}-x", "a.example/app:1-x", None, None),
        ("ARG R=a\nARG I=$R/b\nFROM $I", "a/b", None, None),
        ("ARG V\nFROM alpine:$V", None, None, None),
        ("ARG V\nFROM alpine:${V:-4}", "alpine:4", None, None),
        ("FROM alpine:$V", None, None, None),
        ("ARG P=linux/arm64\nFROM --platform=$P alpine", "alpine", "linux/arm64", None),
        ("# syntax=docker/dockerfile:1\nFROM alpine", "alpine", None, None),
        ("# escape=`\nFROM `\n  alpine", "alpine", None, None),
        ("# a comment\n# escape=`\nFROM \\\n alpine", "alpine", None, None),
        ("  FROM alpine\r\n", "alpine", None, None),
        ("FROM scratch", "scratch", None, None),
    ],
)
def test_stage(text: str, image: str | None, platform: str | None, name: str | None) -> None:
    (stage,) = read(text).stages
    assert (stage.image, stage.platform, stage.name) == (image, platform, name)


def test_places() -> None:
    text = "# é\nARG V=1\r\nFROM --platform=linux/amd64 \\\r\n  app:$V AS build\r\nRUN make\r\nFROM build\r\n"
    first, second = read(text).stages
    assert written(text, first.at) == "app:$V"
    assert written(text, first.platform_at) == "linux/amd64"
    assert written(text, second.at) == "build"
    assert (first.base, second.base, second.platform_at) == (None, 0, None)


def test_an_argument_within_a_stage_is_none_of_the_next() -> None:
    assert [stage.image for stage in read("FROM a\nARG V=1\nFROM b:$V").stages] == ["a", None]


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nRUN <<EOF\nFROM b\nEOF\nCMD x",
        "FROM a\nRUN <<-'EOF' cat\nFROM b\n\tEOF\nCMD x",
        "FROM a\nCOPY <<A <<B /x\nFROM b\nA\nFROM c\nB\nCMD x",
        "FROM a\nRUN echo \\\n  FROM b\nCMD x",
        "FROM a\nRUN a \\\n# FROM b\n  c\nCMD x",
    ],
)
def test_text_of_other_instructions_is_no_stage(text: str) -> None:
    found = read(text)
    assert [stage.image for stage in found.stages] == ["a"]
    assert found.instructions[-1].name == "CMD"


def test_instructions() -> None:
    text = "FROM a\nRUN one && \\\n    two\n"
    instruction = read(text).instructions[1]
    assert instruction.arguments.text.split() == ["one", "&&", "two"]
    start = instruction.arguments.text.index("two")
    assert written(text, instruction.arguments.at(start, start + 3)) == "two"
    assert written(text, instruction.at) == "RUN one && \\\n    two"


def test_directives() -> None:
    assert read("# syntax=a/b:1\n#check=skip=all\nFROM a\n# escape=`").directives == {
        "syntax": "a/b:1",
        "check": "skip=all",
    }


@pytest.mark.parametrize(
    "text", ["", "FROM", "FROM \\", "\\\n\\\n", "RUN <<EOF", "FROM --platform=x", "# escape=xx\nFROM a"]
)
def test_odd_files_are_read(text: str) -> None:
    assert len(read(text).stages) == text.count("FROM a")


def test_project_has_them() -> None:
    assert [one.file for one in Project([], texts=[source("FROM a")]).dockerfiles] == [FILE]


_PARTS = [
    "FROM ",
    "a ",
    "AS ",
    "b",
    "\n",
    "\r\n",
    "\\\n",
    "# ",
    "escape=`\n",
    "`\n",
    "--platform=",
    "$V",
    "ARG V=1\n",
    "<<E",
    "E",
    "é",
    "RUN ",
]


@given(st.lists(st.sampled_from(_PARTS), max_size=25).map("".join))
def test_any_text_is_read(text: str) -> None:
    for stage in read(text).stages:
        shown = written(text, stage.at)
        assert shown and (stage.image is None or "$" in shown or "\n" in shown or shown == stage.image)
