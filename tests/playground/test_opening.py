"""The ways to open the playground: a server, one file, a widget."""

import re
import threading
import urllib.request
from http.client import HTTPConnection

import pytest
from typer.testing import CliRunner

from fa_lessons import places, playground
from fa_lessons.cli import app
from fa_lessons.playground import bundle, digits, serving
from tests.browser import __main__ as browser


@pytest.fixture(scope="module")
def running():
    with playground.server() as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield found
        found.shutdown()


def get(running, path):
    with urllib.request.urlopen(playground.address(running) + path) as response:
        return response.headers["Content-Type"], response.read()


def test_it_listens_on_this_machine_alone_at_an_unused_port(running):
    assert running.server_address[0] == "127.0.0.1" and running.server_port > 0
    with playground.server() as other:
        assert other.server_port != running.server_port


@pytest.mark.parametrize(
    ("path", "kind"),
    [("", "text/html"), ("main.js", "text/javascript"), ("style.css", "text/css"), ("digits.bin", "application/octet")],
)
def test_it_serves_the_page(running, path, kind):
    found, content = get(running, path)
    assert found.startswith(kind) and content == (serving.FOLDER / (path or "index.html")).read_bytes()


@pytest.mark.parametrize(
    "path", ["/serving.py", "/../cli.py", "/%2e%2e/cli.py", "/..%2fcli.py", "/nothing.js", "//x/main.js"]
)
def test_it_serves_nothing_else(running, path):
    connection = HTTPConnection("127.0.0.1", running.server_port)
    connection.request("GET", path)
    assert connection.getresponse().status == 404
    connection.close()


@pytest.mark.parametrize("port", [-1, 65536, 1.5, "8000"])
def test_a_port_that_is_none(port):
    with pytest.raises(ValueError, match="port must be a whole number"):
        playground.server(port)


def interrupted(running):
    raise KeyboardInterrupt


def test_the_command_prints_the_address_and_opens_it(monkeypatch):
    opened = []
    monkeypatch.setattr(serving.webbrowser, "open", opened.append)
    monkeypatch.setattr(serving.ThreadingHTTPServer, "serve_forever", interrupted)
    said = CliRunner().invoke(app, ["playground"])
    assert said.exit_code == 0
    (address,) = re.findall(r"http://127\.0\.0\.1:\d+/", said.output)
    assert opened == [address]
    assert CliRunner().invoke(app, ["playground", "--no-browser"]).exit_code == 0 and len(opened) == 1


def test_the_command_says_that_a_port_is_in_use(running):
    said = CliRunner().invoke(app, ["playground", "--port", str(running.server_port)])
    assert said.exit_code == 1 and "in use" in said.output and f"port {running.server_port} " in said.output


def test_one_file_holds_all_and_replaces_itself_alone(tmp_path):
    path = tmp_path / "page.html"
    for _ in range(2):
        assert CliRunner().invoke(app, ["playground", "--file", str(path)]).exit_code == 0
    text = path.read_text(encoding="utf-8")
    outside = [word for word in re.findall(r"(?:src|href)=\"([^\"]*)\"", text) if not word.startswith("data:")]
    assert outside == [] and "import.meta" not in text and len(text) > 4_000_000
    assert CliRunner().invoke(app, ["playground", "--file", str(tmp_path)]).exit_code == 1
    for mine in ("my thesis", text + "and mine", text.replace("fa-lessons-playground", "mine"), ""):
        path.write_text(mine, encoding="utf-8")
        said = CliRunner().invoke(app, ["playground", "--file", str(path)])
        assert said.exit_code == 2 and path.read_text(encoding="utf-8") == mine


def test_the_package_brings_every_file_of_the_page():
    declared = (places.checkout() / "pyproject.toml").read_text(encoding="utf-8")
    assert all(f'"playground/*{kind}"' in declared for kind in serving.TYPES)
    assert {path.suffix for path in serving.FOLDER.iterdir() if path.is_file()} == {*serving.TYPES, ".py"}


def test_every_module_names_what_it_imports_and_it_is_there():
    for path in serving.FOLDER.glob("*.js"):
        source = path.read_text(encoding="utf-8")
        for names, other in bundle.IMPORT.findall(source):
            exported = {name for _, name in bundle.EXPORT.findall((serving.FOLDER / other).read_text(encoding="utf-8"))}
            wanted = {name.strip() for name in names.split(",") if name.strip()}
            assert wanted <= exported, (path.name, other, wanted - exported)
            assert all(len(re.findall(rf"\b{name}\b", source)) > 1 for name in wanted), path.name


@pytest.mark.parametrize(
    "line",
    ['import * as all from "./dom.js";', 'import { a as b } from "./c.js";', "export default 3;", "export { a };"],
)
def test_a_module_that_imports_otherwise_is_refused(line, tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "FOLDER", tmp_path)
    (tmp_path / "a.js").write_text(line, encoding="utf-8")
    (tmp_path / "c.js").write_text("export const a = 1;", encoding="utf-8")
    with pytest.raises(ValueError, match="import and export by name"):
        bundle.bundle("a.js")


def test_the_widget_takes_a_state_and_gives_the_digits_when_asked(monkeypatch):
    widget, sent = playground.widget("preset=rank"), []
    monkeypatch.setattr(type(widget), "send", lambda self, *words: sent.append(words))
    widget._handle_custom_msg("digits", [])
    assert sent == [("digits", [digits.FILE.read_bytes()])]
    # What a notebook keeps of it, where it keeps widgets.
    assert widget.state == "preset=rank" and len(str(widget.get_state())) < 300_000
    assert "export default" in widget._esm and 'from "./' not in widget._esm and 'from "./' not in widget.worker
    with pytest.raises(ValueError, match="state must be the text after #"):
        playground.widget({"preset": "rank"})


def test_make_test_browser_says_what_is_missing_and_how_to_get_it(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(browser.shutil, "which", lambda name: None)
    monkeypatch.setattr(browser, "find_spec", lambda name: None)
    monkeypatch.setattr(browser, "AXE", tmp_path / "axe.min.js")
    assert browser.main() == 1
    said = capsys.readouterr().out.splitlines()
    assert [line.split(". To get it: ")[0] for line in said] == [
        "missing: playwright",
        "missing: Chromium",
        "missing: axe-core",
        "missing: the site's packages",
        "missing: npm, which fetches MathJax for the site",
    ]
    assert "apt install chromium" in said[1] and "npm install" in said[2]
