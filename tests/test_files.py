"""Files: whole or not at all, where ~ and links lead, with the permissions that an ordinary write gives."""

import os
import stat
import subprocess
import sys

import pytest

from fa_lessons import MLP, cli, load, save
from fa_lessons.data import cache_folder
from fa_lessons.files import alone, try_to_write, user_path, write_atomically

posix = pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")


def write(path, text):
    write_atomically(path, lambda file: file.write(text.encode()))


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@posix
@pytest.mark.parametrize("umask", [0o022, 0o027, 0o077, 0o002])
def test_a_new_file_follows_the_umask(tmp_path, umask):
    code = (
        f"import os; os.umask({umask}); from fa_lessons import MLP, save; save(MLP((2, 2)), 'saved.pt'); open('o', 'w')"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert mode(tmp_path / "saved.pt") == mode(tmp_path / "o") == 0o666 & ~umask


@posix
@pytest.mark.parametrize("kept", [0o600, 0o640, 0o664, 0o755])
def test_a_file_that_is_there_keeps_its_permissions(tmp_path, kept):
    path = tmp_path / "file"
    path.write_text("old", encoding="utf-8")
    path.chmod(kept)
    write(path, "new")
    assert mode(path) == kept and path.read_text(encoding="utf-8") == "new"


@posix
def test_a_link_stays_and_what_it_points_to_is_replaced(tmp_path):
    (tmp_path / "far").mkdir()
    target, link, chain = tmp_path / "far" / "target", tmp_path / "link", tmp_path / "chain"
    link.symlink_to("far/target")
    chain.symlink_to("link")
    write(chain, "first")
    write(link, "second")
    assert link.is_symlink() and chain.is_symlink() and target.read_text(encoding="utf-8") == "second"
    assert {path.name for path in tmp_path.rglob("*")} == {"far", "target", "link", "chain"}


def test_what_may_not_be_written_is_left(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write(path, "old")
    monkeypatch.setattr(os, "access", lambda *arguments: False)
    with pytest.raises(PermissionError, match="may not be written"):
        write(path, "new")
    with pytest.raises(IsADirectoryError, match="must be a file, got the folder"):
        write(tmp_path, "new")
    assert path.read_text(encoding="utf-8") == "old"


@posix
def test_what_is_no_regular_file_is_left(tmp_path):
    pipe, circle, link = tmp_path / "pipe", tmp_path / "circle", tmp_path / "link"
    os.mkfifo(pipe)
    circle.symlink_to("circle")
    link.symlink_to("pipe")
    for path in (pipe, circle, link):
        with pytest.raises(OSError, match="must be a regular file or new"):
            write(path, "new")
    assert stat.S_ISFIFO(pipe.stat().st_mode) and circle.is_symlink() and link.is_symlink()
    assert len(os.listdir(tmp_path)) == 3


@pytest.mark.parametrize("name", ["a" * 255, "ü" * 127, "\U0001f600" * 63])
def test_a_name_may_be_as_long_as_names_may_be(tmp_path, name):
    write(tmp_path / name, "first")
    write(tmp_path / name, "second")
    assert os.listdir(tmp_path) == [name] and (tmp_path / name).read_text(encoding="utf-8") == "second"


def test_a_folder_that_can_be_written_is_made_and_left_empty(tmp_path):
    try_to_write(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []
    write(tmp_path / "file", "x")
    with pytest.raises(OSError, match="file"):
        try_to_write(tmp_path / "file" / "c")


@posix
def test_a_folder_is_held_by_one_process_at_a_time(tmp_path):
    import fcntl

    handle = os.open(tmp_path, os.O_RDONLY)
    with alone(tmp_path), pytest.raises(BlockingIOError):
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(handle)


def test_a_write_that_fails_leaves_nothing_behind(tmp_path):
    path = tmp_path / "file"
    write(path, "old")

    def half(file):
        file.write(b"ne")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, half)
    assert path.read_text(encoding="utf-8") == "old" and os.listdir(tmp_path) == ["file"]


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    yield tmp_path / "home"
    assert os.listdir(tmp_path / "here") == []


def test_the_home_folder_is_meant_by_its_sign(home, monkeypatch):
    save(MLP((2, 2)), "~/a/network.pt")
    assert (home / "a" / "network.pt").exists() and load("~/a/network.pt").sizes == (2, 2)
    monkeypatch.setenv("FA_LESSONS_CACHE", "~/cache")
    assert cache_folder() == home / "cache"


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["workbook", "~/book"], "book"),
        (["reproduce", "depth", "--report", "--results=~/res"], "res/depth"),
        (["progress", "~/none"], "none"),
    ],
)
def test_the_home_folder_on_the_command_line(home, words, meant):
    from typer.testing import CliRunner

    said = CliRunner().invoke(cli.app, words).output
    assert str(home / meant) in "".join(line.strip(" │") for line in said.splitlines())


@pytest.mark.parametrize(
    "words",
    [
        ["workbook", ""],
        ["workbook", "~nobody-of-that-name"],
        ["carry-over", ""],
        ["progress", ""],
        ["lab", "--folder", ""],
        ["slides", "--folder", ""],
        ["playground", "--file", ""],
        ["course", "new", ""],
        ["course", "report", "--folder", ""],
        ["reproduce", "depth", "--results", ""],
    ],
)
def test_what_is_no_path_on_the_command_line(tmp_path, monkeypatch, words):
    from typer.testing import CliRunner

    monkeypatch.chdir(tmp_path)
    said = CliRunner().invoke(cli.app, words, env={"COLUMNS": "200"})
    assert said.exit_code == 2 and "path must be a file's name, got" in said.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("bad", [None, 3, 1.5, ["a"], "", "~nobody-of-that-name/x"])
def test_what_is_no_path(bad):
    with pytest.raises(ValueError, match="path must be a file's name"):
        user_path(bad)
    with pytest.raises(ValueError, match="path must be a file's name"):
        save(MLP((2, 2)), bad)
