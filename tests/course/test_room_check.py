"""`fa-lessons course check` says of each wall whether it holds, by trying it."""

import sys

import pytest

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
