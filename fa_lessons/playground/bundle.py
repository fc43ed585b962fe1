"""The page as one file, and as one module for a widget: every module of the folder in a function of its own."""

import base64
import re
from pathlib import Path

from fa_lessons import marked

FOLDER = Path(__file__).parent
IMPORT = re.compile(r'^import \{(\s*\w+(?:,\s*\w+)*,?\s*)\} from "\./(\w+\.js)";$', re.M)
EXPORT = re.compile(r"^export (async function|function|class|const) (\w+)", re.M)


def bundle(entry):
    """The module `entry` and all that it imports, as one script that leaves the object `modules[entry]`.

    Each module becomes a function; an import reads from `modules`, an export is what the function returns.
    Raises ValueError for an import or export in another form than `import { a, b } from "./c.js";` and
    `export function|class|const NAME`.
    """
    done, texts = [], []

    def add(name):
        if name in done:
            return
        done.append(name)
        source = (FOLDER / name).read_text(encoding="utf-8")
        for needed in IMPORT.findall(source):
            add(needed[1])
        texts.append(_as_function(name, source))

    add(entry)
    return "const modules = {};\n" + "".join(texts)


def _as_function(name, source):
    source = IMPORT.sub(r'const {\1} = modules["\2"];', source)
    exported = [found[1] for found in EXPORT.findall(source)]
    source = EXPORT.sub(r"\1 \2", source)
    left = re.search(r"^(import|export)\b.*|import\.meta", source, re.M)
    if left:
        raise ValueError(f"{name} must import and export by name, got {left.group()!r}")
    return f'modules["{name}"] = (() => {{\n{source}\nreturn {{ {", ".join(exported)} }};\n}})();\n'


def style():
    """The style sheet."""
    return (FOLDER / "style.css").read_text(encoding="utf-8")


def worker():
    """The worker's script, for a Blob."""
    return bundle("worker.js") + 'modules["worker.js"].listen(self);\n'


def page():
    """The whole page as one HTML text, digits included: it opens from a file, too."""
    html = (FOLDER / "index.html").read_text(encoding="utf-8")
    digits = base64.b64encode((FOLDER / "digits.bin").read_bytes()).decode()
    link, script = '<link rel="stylesheet" href="style.css">', '<script type="module" src="start.js"></script>'
    start = f"""{bundle("main.js")}
const text = (id) => document.getElementById(id).textContent;
const script = URL.createObjectURL(new Blob([text("worker")], {{ type: "text/javascript" }}));
globalThis.playground = modules["main.js"].openPage(document.querySelector("main"), {{
  startWorker: () => new Worker(script),
  compressed: Uint8Array.from(atob(text("digits")), (letter) => letter.charCodeAt(0)),
}});"""
    for old, new in (
        (link, f"<style>\n{style()}</style>"),
        (
            script,
            f'<script type="text/plain" id="digits">{digits}</script>\n'
            f'<script type="text/plain" id="worker">\n{worker()}</script>\n<script type="module">\n{start}\n</script>',
        ),
    ):
        assert html.count(old) == 1
        html = html.replace(old, new)
    return html


def save(path):
    """Write the page as one file; its digits and its code are inside.

    Raises ValueError for a file in the way that is no page of this, and as `files.write_atomically` does.
    """
    marked.write({path: page()})
