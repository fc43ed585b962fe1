"""How JupyterLab is called, and what happens to the folder before."""

import socket
import sys

import pytest
from typer.testing import CliRunner

from fa_lessons import places
from fa_lessons.cli import app
from fa_lessons.course import lab
from tests.course import small

runner = CliRunner()


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A workbook of one lesson; `served` holds what JupyterLab would be opened on."""
    lessons, served = tmp_path / "notebooks", []
    lessons.mkdir()
    monkeypatch.setattr(places, "checkout", lambda: tmp_path)
    monkeypatch.setattr(lab, "serve", lambda *arguments: served.append(arguments) or 0)
    small.save(lessons, "02_two.ipynb")
    return tmp_path / "my workbook", served


def test_the_arguments_say_loopback_port_folder_and_page():
    command = lab.arguments("/a folder/ü", 8890, "03_x y.ipynb")
    assert command[:4] == [sys.executable, "-m", "jupyter", "lab"]
    wanted = {"--ServerApp.ip=127.0.0.1", "--ServerApp.port=8890", "--ServerApp.root_dir=/a folder/ü"}
    assert wanted <= set(command) and "--LabApp.default_url=/lab/tree/03_x%20y.ipynb" in command
    assert not {"--allow-root", "--no-browser"} & set(command) and not any("token" in part for part in command)
    assert {"--allow-root", "--no-browser"} <= set(lab.arguments("f", 1, browser=False, root=True))
    assert "--LabApp.default_url=/lab" in lab.arguments("f", 1)


def test_the_address_carries_the_token():
    assert lab.address(8890, "03_x.ipynb", "abc") == "http://127.0.0.1:8890/lab/tree/03_x.ipynb?token=abc"
    assert lab.address(8890, "", "abc") == "http://127.0.0.1:8890/lab?token=abc"


def test_a_port_in_use_is_passed_over():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < lab.free_port(port) < port + 50


def test_over_ssh_the_tunnel_is_said():
    assert lab.advice({}, 8888) == []
    environment = {"SSH_CONNECTION": "10.0.0.9 55555 10.0.0.7 22", "USER": "ada"}
    assert "ssh -N -L 8890:127.0.0.1:8890 ada@10.0.0.7" in lab.advice(environment, 8890)[0]


class Process:
    """JupyterLab that is interrupted twice before it ends."""

    def __init__(self, command, env):
        self.command, self.env, self.interrupts = command, env, 2

    def wait(self):
        self.interrupts -= 1
        if self.interrupts >= 0:
            raise KeyboardInterrupt
        return 3


@pytest.mark.parametrize("ssh", [True, False])
def test_serving_prints_the_address_and_waits_for_the_end(monkeypatch, capsys, tmp_path, ssh):
    started = []
    monkeypatch.setattr(lab.subprocess, "Popen", lambda *a, **k: started.append(Process(*a, **k)) or started[0])
    monkeypatch.setattr(lab.signal, "signal", lambda *arguments: None)
    monkeypatch.setattr(lab, "free_port", lambda: 8891)
    monkeypatch.setattr(lab.os, "geteuid", lambda: 0, raising=False)
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    if ssh:
        monkeypatch.setenv("SSH_CONNECTION", "a 1 b 22")
    assert lab.serve(tmp_path, "02_two.ipynb") == 3
    printed, token = capsys.readouterr().out, started[0].env["JUPYTER_TOKEN"]
    assert len(token) == 48 and lab.address(8891, "02_two.ipynb", token) in printed
    assert "Port 8888 is in use; this is port 8891." in printed and ("ssh -N" in printed) is ssh
    assert "--allow-root" in started[0].command and ("--no-browser" in started[0].command) is ssh


def test_lab_writes_the_workbook_and_opens_the_lesson(course):
    folder, served = course
    result = runner.invoke(app, ["lab", "--folder", str(folder), "--lesson", "2", "--no-browser"])
    assert result.exit_code == 0 and served == [(folder, "02_two.ipynb", False)]
    assert "your turn: exercise 2.1" in (folder / "02_two.ipynb").read_text(encoding="utf-8")
    runner.invoke(app, ["lab", "--folder", str(folder), "--solutions"])
    assert served[1] == (folder / "solutions", "", True)
    assert "BEGIN SOLUTION" in (folder / "solutions" / "02_two.ipynb").read_text(encoding="utf-8")


def test_fresh_asks_and_moves_the_old_workbook_aside(course):
    folder, served = course
    asked = ["lab", "--folder", str(folder), "--fresh"]
    assert runner.invoke(app, asked).exit_code == 0  # nothing there: nothing to ask
    (folder / "02_two.ipynb").write_text("mine", encoding="utf-8")
    (folder.parent / "my workbook-backup-1").mkdir()
    for no in ("n\n", ""):
        assert runner.invoke(app, asked, input=no).exit_code == 1
        assert (folder / "02_two.ipynb").read_text(encoding="utf-8") == "mine" and len(served) == 1
    assert runner.invoke(app, asked, input="y\n").exit_code == 0
    assert (folder.parent / "my workbook-backup-2" / "02_two.ipynb").read_text(encoding="utf-8") == "mine"
    assert "your turn" in (folder / "02_two.ipynb").read_text(encoding="utf-8") and len(served) == 2


def test_fresh_from_within_the_workbook_opens_the_new_one(course, monkeypatch):
    folder, served = course
    runner.invoke(app, ["workbook", str(folder)])
    (folder / "02_two.ipynb").write_text("mine", encoding="utf-8")
    monkeypatch.chdir(folder)
    assert runner.invoke(app, ["lab", "--folder", ".", "--fresh"], input="y\n").exit_code == 0
    assert served == [(folder, "start.ipynb", True)] and "your turn" in (folder / "02_two.ipynb").read_text("utf-8")
    assert (folder.parent / "my workbook-backup-1" / "02_two.ipynb").read_text(encoding="utf-8") == "mine"


def test_fresh_renames_a_link_and_not_what_it_leads_to(course):
    folder, served = course
    far = folder.parent / "far"
    runner.invoke(app, ["workbook", str(far)])
    folder.symlink_to("far")
    assert runner.invoke(app, ["lab", "--folder", str(folder), "--fresh"], input="y\n").exit_code == 0
    assert (folder.parent / "my workbook-backup-1").resolve() == far and (far / "02_two.ipynb").exists()
    assert folder.is_dir() and not folder.is_symlink() and len(served) == 1


def test_fresh_moves_no_other_folder(course):
    folder, served = course
    folder.mkdir()
    (folder / "letter.txt").write_text("dear", encoding="utf-8")
    result = runner.invoke(app, ["lab", "--folder", str(folder), "--fresh"], input="y\n")
    assert result.exit_code == 2 and "must be a workbook" in result.output
    assert (folder / "letter.txt").read_text(encoding="utf-8") == "dear" and served == []


def test_what_cannot_be_is_said_in_one_line(course, tmp_path):
    folder, served = course
    assert "02_two" in runner.invoke(app, ["lab", "--folder", str(folder), "--lesson", "7"]).output
    blocked = tmp_path / "file" / "workbook"
    blocked.parent.write_text("", encoding="utf-8")
    result = runner.invoke(app, ["workbook", str(blocked)])
    assert result.exit_code == 1 and "Traceback" not in result.output and served == []
    (tmp_path / "nowhere").symlink_to("gone")
    result = runner.invoke(app, ["workbook", str(tmp_path / "nowhere")])
    assert result.exit_code == 2 and "must be a folder or new" in result.output
