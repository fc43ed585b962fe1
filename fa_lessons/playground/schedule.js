// What happens in the middle of a run, as text: "readout@0, hidden@10000, flip:0.3.12@12000". An action and the number
// of images seen when it is taken. Everything a visitor does by hand while training is written down like this.

// action: what it does, in words. Those of one line take :layer.from.to, or :layer.from.to.percent, those of one layer
// :layer, counted from 1.
export const ACTIONS = {
  redraw: "draw B anew",
  flip: "turn the sign of all of B, or of one line",
  cut: "cut a random half of B, or one line",
  set: "give one line of B a weight, in percent of the largest that it is drawn from",
  all: "all layers learn",
  readout: "only the output layer learns",
  hidden: "only the hidden layers learn",
  freeze: "one layer stops learning",
  thaw: "one layer learns again",
};
export const LAYERS = ["all", "readout", "hidden", "freeze"]; // those that say which layers learn
const FORM = /^(\w+)(?::(\d+(?:\.-?\d+)*))?@(\d+)$/;

// [{action, at, where: [numbers]}] in order of time. Throws a RangeError that says what is wrong, in a sentence.
export function parseSchedule(text) {
  const steps = text
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map((word) => {
      const [, action, where, at] = FORM.exec(word) ?? [];
      if (!(action in ACTIONS))
        throw new RangeError(
          `A plan is made of ACTION@IMAGES with an action among ${Object.keys(ACTIONS).join(", ")}, got “${word}”.`,
        );
      const step = { action, at: Number(at), where: where ? where.split(".").map(Number) : [] };
      const parts = { freeze: [1], thaw: [1], flip: [0, 3], cut: [0, 3], set: [4] }[action] ?? [0];
      if (!parts.includes(step.where.length))
        throw new RangeError(`${action} takes ${parts.join(" or ")} numbers after a colon, got “${word}”.`);
      return step;
    });
  return steps.sort((a, b) => a.at - b.at);
}

export function formatSchedule(steps) {
  return steps.map(({ action, at, where }) => `${action}${where.length ? `:${where.join(".")}` : ""}@${at}`).join(",");
}
