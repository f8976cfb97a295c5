"""`kubelint --fix` of a thousand files, killed again and again while it writes: each file is the old one or the new,
and the next run ends what was begun.
"""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from time import sleep

import pytest

from kubelint.cli import fixing
from kubelint.cli.main import run

POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: web-{0}}}
spec:
  nodeSelector: {{kubernetes.io/arch: {1}}}
  containers: [{{name: web, image: "registry.example.org/web:1"}}]
"""
FIX = ["check", "--fix", "--select", "unknown-arch-value", "--no-config", "tree"]
KILLS = 50


def files(root):
    """A thousand small files in a few folders, one of which git ignores: what each holds, and what it should."""
    (root / ".git").mkdir()
    (root / ".gitignore").write_text("ignored/\n")
    folders = ["tree", "tree/apps", "tree/apps/web", "ignored"]
    names = {root / folders[number % 4] / f"{number}.yaml": number for number in range(1000)}
    for folder in folders:
        (root / folder).mkdir()
    return {path: (POD.format(number, "x86_64"), POD.format(number, "amd64")) for path, number in names.items()}


def left_behind(root):
    return [name for _, _, names in os.walk(root) for name in names if name.endswith("kubelint-fix")]


class Killer:
    """Takes the place of what writes files: lets copies of this process do it, and kills each at some moment."""

    def __init__(self, texts):
        self.texts = texts
        self.chance = random.Random(11)
        self.write = fixing.write_files
        self.halfway = 0
        self.left_behind = 0

    def __call__(self, outcome, *arguments, **named):
        in_order = [Path(name) for name in outcome.changed]
        for _ in range(KILLS):
            last = in_order[int(len(in_order) * self.chance.random() ** 3)]  # what is written when it is killed
            self.kill_after(last, outcome, *arguments, **named)
            self.left_behind += bool(left_behind("."))
            self.halfway += 0 < self.restored() < len(self.texts)

    def kill_after(self, last, *arguments, **named):
        before = last.stat().st_ino
        child = os.fork()
        if not child:
            try:
                self.write(*arguments, **named)
            finally:
                os._exit(0)
        while last.stat().st_ino == before and not os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            sleep(0.0001)
        for _ in range(self.chance.randrange(3000)):  # somewhere in the writing of the next one
            pass
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

    def restored(self):
        """How many files were new, which are old again now."""
        new = [path for path, (old, _) in self.texts.items() if path.read_text() != old]
        for path in new:
            assert path.read_text() == self.texts[path][1]
            path.write_text(self.texts[path][0])
        return len(new)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="copies this process")
def test_each_file_is_old_or_new(tmp_path, monkeypatch, capfd):
    texts = files(tmp_path)
    for path, (old, _) in texts.items():
        path.write_text(old)
    monkeypatch.chdir(tmp_path)
    killer = Killer(texts)
    monkeypatch.setattr(fixing, "write_files", killer)
    arguments = [*FIX, *(str(path) for path in texts if path.parent.name == "ignored")]
    assert run(arguments) == 0
    assert killer.halfway > KILLS / 2 and killer.left_behind
    (tmp_path / "ignored" / ".0.yaml.1.kubelint-fix").write_text("")
    capfd.readouterr()
    done = subprocess.run(
        [sys.executable, "-m", "kubelint", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, left_behind(tmp_path)) == (0, []), done.stderr
    assert {path: path.read_text() for path in texts} == {path: new for path, (_, new) in texts.items()}
