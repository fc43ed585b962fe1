"""The playground in a notebook: the same modules, as an anywidget."""

from functools import cache

from fa_lessons.playground import bundle
from fa_lessons.playground.digits import FILE

# A view asks the kernel for the digits: as a trait they would add 5 MB to every notebook that keeps its widgets.
START = """
const digitsOf = (model) => new Promise((resolve) => {
  const take = (_, [{ buffer, byteOffset, byteLength }]) => {
    model.off("msg:custom", take);
    resolve(new Uint8Array(buffer, byteOffset, byteLength));
  };
  model.on("msg:custom", take);
  model.send("digits");
});
export default { render({ model, el }) {
  const script = URL.createObjectURL(new Blob([model.get("worker")], { type: "text/javascript" }));
  const root = document.createElement("div");
  el.append(root);
  const playground = new modules["main.js"].Playground(root, {
    startWorker: () => new Worker(script),
    compressed: digitsOf(model),
    hash: model.get("state"),
    onState: (hash) => { model.set("state", hash); model.save_changes(); },
  });
  return () => playground.close();
} };
"""


@cache
def _kind():
    import anywidget
    import traitlets

    class Widget(anywidget.AnyWidget):
        _esm = bundle.bundle("main.js") + START
        _css = bundle.style()
        state = traitlets.Unicode().tag(sync=True)
        worker = traitlets.Unicode().tag(sync=True)

        def __init__(self, **traits):
            super().__init__(**traits)
            self.on_msg(lambda *_: self.send("digits", [FILE.read_bytes()]))

        def __repr__(self):
            return "The playground: run this cell to open it here, or fa-lessons playground to open it in a browser."

    return Widget


def widget(state=""):
    """The playground as a widget, opened in `state`: what follows # in the page's address, "preset=zeros" for instance.

    The widget's `.state` follows what the reader chooses. Raises ValueError for a state that is no text.
    """
    if not isinstance(state, str):
        raise ValueError(f"state must be the text after # in the playground's address, got {state!r}")
    return _kind()(state=state, worker=bundle.worker())
