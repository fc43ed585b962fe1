// Feedback lines changed by hand, by pointer or keyboard, in the drawing of one network.

const MOVES = { ArrowDown: 1, ArrowUp: -1, ArrowRight: 8, ArrowLeft: -8 };
const ACTIONS = { f: "flip", c: "cut" };
const DONE = { flip: "flipped", cut: "cut" };

// drawing: of drawing.js. onHarm(action, [layer, from, to]); onMove(); say(sentence).
export function byHand(canvas, drawing, { onHarm, onMove, say }) {
  const harm = (action, { layer, from, to }) => onHarm(action, [layer, from, to]);

  canvas.addEventListener("click", (event) => {
    const index = drawing.nearest(event.offsetX, event.offsetY);
    if (index !== null) harm(event.shiftKey ? "cut" : "flip", drawing.lines[index]);
  });

  canvas.addEventListener("keydown", (event) => {
    const by = MOVES[event.key],
      action = ACTIONS[event.key.toLowerCase()];
    if (!by && !action) return;
    event.preventDefault();
    const line = by ? drawing.choose(by) : drawing.lines[drawing.chosen];
    if (!line)
      return say(by ? "This rule has no feedback lines of its own." : "Choose a line by the arrow keys first.");
    const what = action ? DONE[action] : line.value.toFixed(2);
    say(`Line of B from ${line.from} down to unit ${line.to} of layer ${line.layer}: ${what}.`);
    if (action) harm(action, line);
    else onMove();
  });

  canvas.addEventListener("blur", () => {
    drawing.chosen = null;
    onMove();
  });
}
