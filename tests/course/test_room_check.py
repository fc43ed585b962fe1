"""`fa-lessons course check` says of each wall whether it holds, by trying it."""

import sys

import pytest

from fa_lessons import places
from fa_lessons.course import room_check, sandbox


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="rooms are of Linux")
def test_all_walls_of_a_room_hold_and_without_one_the_missing_are_named():
    findings = {finding.name: finding for finding in room_check.examine()}
    assert next(iter(findings)) == "the room"
    if sandbox.apart() == "none":
        assert not findings["the room"].well
        assert not findings["network"].well
    else:
        assert all(finding.well for finding in findings.values()), "\n".join(map(str, findings.values()))


def test_a_command_keeps_its_end_in_every_kind():
    for kind in sandbox.KINDS:
        assert sandbox.wrap(["python", "-c", "1"], kind)[-3:] == ["python", "-c", "1"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="rooms are of Linux")
@pytest.mark.parametrize("name", ["__init__.py", "course/player.py", "course/wire.py"])
def test_a_room_is_made_anew_when_any_of_its_files_changes(tmp_path, monkeypatch, name):
    package = tmp_path / "fa_lessons"
    for file in ("__init__.py", "course/player.py", "course/wire.py"):
        (package / file).parent.mkdir(parents=True, exist_ok=True)
        (package / file).write_text("first = 1\n", encoding="utf-8")
    monkeypatch.setattr(places, "PACKAGE", package)
    monkeypatch.setattr(sandbox.platformdirs, "user_cache_dir", lambda _: str(tmp_path / "cache"))
    before = sandbox.room.__wrapped__()
    (package / name).write_text("second = 2\n", encoding="utf-8")
    after = sandbox.room.__wrapped__()
    assert before != after and before.is_dir()
    assert "second" in "".join(path.read_text(encoding="utf-8") for path in after.rglob("*.py"))
