"""Charts are looked over before Helm sees them."""

import gzip
import io
import os
import tarfile

import pytest
from rendering.trees import CHART, tree

from kubelint.rendering import chart_files
from kubelint.rendering.chart_files import look_over
from kubelint.rendering.engines import NotRendered

MIB = 2**20


def packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def chart(tmp_path, archive: bytes | None = None):
    root = tree(
        tmp_path, {"web/Chart.yaml": CHART, "web/templates/a.yaml": "a: {{ .b }}\n", "web/values.yaml": "b: 1\n"}
    )
    if archive is not None:
        (root / "web/charts").mkdir()
        (root / "web/charts/sub-1.0.0.tgz").write_bytes(archive)
    return root


def complaint(root) -> str:
    with pytest.raises(NotRendered) as error:
        look_over(root, root / "web")
    return str(error.value)


def test_a_chart(tmp_path):
    root = chart(tmp_path, packed({"sub/Chart.yaml": b"name: sub\n", "sub/templates/x.yaml": b"a: 1\n"}))
    tree(root, {"web/charts/other/Chart.yaml": "name: renamed\n", "web/charts/other/templates/y.yaml": "y"})
    files = look_over(root, root / "web")
    assert files.dependencies == {"sub", "renamed"}
    assert set(files.templates) == {"templates/a.yaml", "charts/other/templates/y.yaml"}
    assert files.packed


def test_the_digest_is_of_names_and_contents(tmp_path):
    root = chart(tmp_path)
    first = look_over(root, root / "web").digest
    assert look_over(root, root / "web").digest == first
    (root / "web/values.yaml").write_text("b: 2\n")
    second = look_over(root, root / "web").digest
    (root / "web/values.yaml").rename(root / "web/other.yaml")
    assert len({first, second, look_over(root, root / "web").digest}) == 3


def test_links(tmp_path):
    root = chart(tmp_path / "root")
    (tmp_path / "outside.yaml").write_text("secret")
    (root / "shared.yaml").write_text("a: 1\n")
    (root / "web/templates/in.yaml").symlink_to("../../shared.yaml")
    assert "templates/in.yaml" in look_over(root, root / "web").templates
    (root / "web/templates/out.yaml").symlink_to(tmp_path / "outside.yaml")
    assert complaint(root) == "a link in the chart leaves the project"


@pytest.mark.parametrize("target", ["..", ".", "../.."])
def test_links_in_a_circle(tmp_path, target):
    root = chart(tmp_path)
    (root / "web/templates/loop").symlink_to(target)
    assert "nest too deeply" in complaint(root) or "files" in complaint(root)


def test_a_link_to_itself(tmp_path):
    root = chart(tmp_path)
    (root / "web/templates/loop").symlink_to("loop")
    assert complaint(root) == "a link in the chart leads back to itself"


def test_links_to_nowhere(tmp_path):
    root = chart(tmp_path)
    (root / "web/templates/none.yaml").symlink_to("none")
    assert complaint(root) == "its files cannot be read: No such file or directory"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_pipes(tmp_path):
    root = chart(tmp_path)
    os.mkfifo(root / "web/templates/pipe.yaml")
    assert complaint(root) == "something in the chart is neither a file nor a folder"


def zeros(size: int) -> bytes:
    """A tar archive whose one file has `size` zeros, packed."""
    entry = tarfile.TarInfo("sub/big")
    entry.size = size
    return gzip.compress(entry.tobuf(), 1) + gzip.compress(bytes(size), 9)


def many(size: int) -> bytes:
    return packed({f"sub/{number}": bytes(MIB) for number in range(size // MIB)})


def header_of(size: int) -> bytes:
    """An archive that asks its reader to take in an extended header of `size` bytes."""
    entry = tarfile.TarInfo("x")
    entry.type, entry.size = tarfile.XHDTYPE, size
    return gzip.compress(entry.tobuf() + bytes(MIB)) + gzip.compress(bytes(size // 2), 9)


@pytest.mark.parametrize("archive", [zeros(100 * MIB), many(70 * MIB), header_of(200 * MIB)])
def test_archives_are_unpacked_up_to_a_limit(tmp_path, archive):
    assert complaint(chart(tmp_path, archive)) == "it is larger than 64 MiB unpacked"


def test_an_archive_of_100_mib(tmp_path):
    root = chart(tmp_path)
    with open(root / "web/big.bin", "wb") as stream:
        stream.truncate(100 * MIB)
    assert complaint(root) == "it is larger than 64 MiB unpacked"


def test_archives_in_archives_count(tmp_path):
    inner = packed({"deep/big": bytes(40 * MIB)})
    assert complaint(chart(tmp_path, packed({"sub/charts/a.tgz": inner, "sub/charts/b.tgz": inner}))) == (
        "it is larger than 64 MiB unpacked"
    )


def test_archives_without_end(tmp_path):
    archive = packed({"sub/Chart.yaml": b"name: sub\n"})
    for _ in range(20):
        archive = packed({"sub/charts/a.tgz": archive})
    assert complaint(chart(tmp_path, archive)) == "a chart in its `charts/` holds archives in archives"


@pytest.mark.parametrize("archive", [b"no archive", gzip.compress(b"x" * 700), packed({"sub/x": b"1" * 9000})[:60]])
def test_what_is_no_archive(tmp_path, archive):
    assert complaint(chart(tmp_path, archive)) == "a chart in its `charts/` is no archive that can be read"


def test_too_many_files(tmp_path, monkeypatch):
    monkeypatch.setattr(chart_files, "MAX_FILES", 2)
    assert complaint(chart(tmp_path)) == "it has more than 2 files"
