// Feedback lines changed by hand in the drawing of one network. A click flips a line's sign, with Shift it cuts the
// line, a drag up or down changes the weight. By keyboard: arrows choose, F flips, C cuts, + and − change.

const MOVES = { ArrowDown: 1, ArrowUp: -1, ArrowRight: 8, ArrowLeft: -8 };
const KEYS = { f: "flip", c: "cut", "+": 25, "=": 25, "-": -25 };
const MOST = 300; // percent

// drawing: of drawing.js. onHarm(action, where); onDrag(where), while the hand still moves; onMove(); say(sentence).
export function byHand(canvas, drawing, { onHarm, onDrag, onMove, say }) {
  let held = null; // {line, y, percent, moved}
  const place = ({ layer, from, to }, ...percent) => [layer, from, to, ...percent];
  const limited = (percent) => Math.round(Math.max(-MOST, Math.min(MOST, percent)));

  canvas.addEventListener("pointerdown", (event) => {
    const line = drawing.lines[drawing.nearest(event.offsetX, event.offsetY)];
    if (!line) return;
    canvas.setPointerCapture(event.pointerId);
    held = { line, y: event.offsetY, percent: line.percent, moved: false };
  });

  canvas.addEventListener("pointermove", (event) => {
    const up = held ? held.y - event.offsetY : 0;
    if (!held || (!held.moved && Math.abs(up) < 4)) return;
    Object.assign(held, { moved: true, now: limited(held.percent + 2 * up) });
    onDrag(place(held.line, held.now));
  });

  canvas.addEventListener("pointerup", (event) => {
    if (!held) return;
    const { line, moved, now } = held;
    held = null;
    if (moved) onHarm("set", place(line, now));
    else onHarm(event.shiftKey ? "cut" : "flip", place(line));
  });

  canvas.addEventListener("pointercancel", () => (held = null));

  canvas.addEventListener("keydown", (event) => {
    const by = MOVES[event.key],
      action = KEYS[event.key.toLowerCase()];
    if (!by && !action) return;
    event.preventDefault();
    const line = by ? drawing.choose(by) : drawing.lines[drawing.chosen];
    if (!line)
      return say(by ? "This rule has no feedback lines of its own." : "Choose a line by the arrow keys first.");
    const percent = { flip: -line.percent, cut: 0 }[action] ?? limited(line.percent + (action ?? 0));
    say(`Line of B from ${line.from} down to unit ${line.to} of layer ${line.layer}: ${Math.round(percent)} percent.`);
    if (by) onMove();
    else if (typeof action === "number") onHarm("set", place(line, percent));
    else onHarm(action, place(line));
  });

  canvas.addEventListener("blur", () => {
    drawing.chosen = null;
    onMove();
  });
}
