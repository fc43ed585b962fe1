"""Through nbgrader's exchange, headless: release, fetch, submit, collect, grade, and feedback back to the student."""

import copy
import os
import shutil

import pytest

from fa_lessons.course import grading, nbgrader_course, notebooks, sandbox

pytest.importorskip("nbgrader")
pwd = pytest.importorskip("pwd")
LESSON = "lesson2"


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    folder = tmp_path_factory.mktemp("teacher")
    (folder / "course").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        found = notebooks.find(["2"])
        patch.setattr(notebooks, "find", lambda names=(): found)
        nbgrader_course.write(folder / "course")
    (folder / "course" / "exchange").mkdir()
    (folder / "course" / "exchange").chmod(0o777)
    return nbgrader_course.Course(folder / "course")


def exchanged(course, step, home):
    """One step of nbgrader's exchange, as the apps of that name take it, in the folder `home`."""
    from nbgrader.auth import Authenticator
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.exchange import ExchangeFactory

    config = copy.deepcopy(nbgrader_course.api(course.root).config)
    config.CourseDirectory.assignment_id = LESSON
    config.CourseDirectory.root = str(home)
    config.Exchange.cache = str(home / "cache")
    factory = ExchangeFactory(config=config)
    made = getattr(factory, step)(
        coursedir=CourseDirectory(config=config), authenticator=Authenticator(config=config), config=config
    )
    made.start()


@pytest.mark.skipif(sandbox.apart() == "none", reason="no wall holds on this machine")
def test_a_lesson_goes_out_and_comes_back_with_feedback(teacher, tmp_path, monkeypatch):
    try:
        me = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        pytest.skip("this user has no name")
    monkeypatch.setenv("JUPYTERHUB_USER", me)
    exchanged(teacher, "ReleaseAssignment", teacher.root)
    monkeypatch.chdir(tmp_path)
    exchanged(teacher, "FetchAssignment", tmp_path)
    name = teacher.name(LESSON)
    assert sorted(path.name for path in (tmp_path / LESSON).iterdir()) == [name]
    shutil.copy(teacher.root / "source" / LESSON / name, tmp_path / LESSON / name)
    exchanged(teacher, "Submit", tmp_path)

    inbound = teacher.root / "exchange" / teacher.root.name / "inbound"
    (mine,) = inbound.iterdir()
    (mine / "link.ipynb").symlink_to(teacher.root / "secret")
    os.mkfifo(mine / "pipe")
    forged = inbound / f"bob+{LESSON}+2030-01-01 00:00:00 UTC"
    shutil.copytree(tmp_path / LESSON, forged)
    (inbound / f"bob+{LESSON}+no time").mkdir()
    (inbound / f"{me}+{LESSON}+2031-01-01 00:00:00 UTC").symlink_to(forged)

    monkeypatch.chdir(teacher.root)
    exchanged(teacher, "Collect", teacher.root)
    assert teacher.students(LESSON) == [me]
    came = {path.name for path in (teacher.root / "submitted" / me / LESSON).iterdir()}
    assert came == {name, "timestamp.txt", "submission_secret.txt"}

    graded = grading.grade(teacher, LESSON, jobs=2, progress=False)
    assert [v["passed"] for v in graded[me]["verdicts"]] == [True] * 8
    nbgrader_course.run_nbgrader(teacher.root, "generate_feedback", LESSON, me)
    exchanged(teacher, "ReleaseFeedback", teacher.root)
    monkeypatch.chdir(tmp_path)
    exchanged(teacher, "FetchFeedback", tmp_path)
    (page,) = (tmp_path / LESSON / "feedback").rglob("*.html")
    assert "correct" in page.read_text(encoding="utf-8")
