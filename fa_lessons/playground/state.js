// The whole state of the page, and its form in the address. Nothing here touches the page.

import { choice, flag, initial, number, readWords, writeWords } from "./fields.js";
import { ACTIVATIONS } from "./network.js";
import { RULES } from "./rules.js";
import { parseSchedule } from "./schedule.js";

export const MOST_LAYERS = 100;
export const UNITS = [5, 500];

const layers = {
  initial: [100],
  parse(text) {
    const sizes = text
      .split(",")
      .filter((word) => word.trim())
      .flatMap(layerGroup);
    if (sizes.length > MOST_LAYERS) throw new RangeError(`must be at most ${MOST_LAYERS} layers, got ${sizes.length}`);
    return sizes;
  },
  format: (sizes) => (sizes.length > 3 && new Set(sizes).size === 1 ? `${sizes.length}x${sizes[0]}` : sizes.join(",")),
};
const plan = {
  initial: "",
  parse(text) {
    parseSchedule(text);
    return text.trim();
  },
  format: String,
};

// "100" → [100]; "20x32", twenty layers of 32 units.
function layerGroup(word) {
  const [, times = "1", units] = /^\s*(?:(\d{1,3})\s*[x×]\s*)?(\d{1,4})\s*$/.exec(word) ?? [];
  if (!(units >= UNITS[0] && units <= UNITS[1]) || Number(times) < 1 || Number(times) > MOST_LAYERS)
    throw new RangeError(
      `must be units per layer from ${UNITS.join(" to ")}, such as 100 or 200,100 or 20x32, got “${word.trim()}”`,
    );
  return Array(Number(times)).fill(Number(units));
}

// Of both sides, and of each side.
export const SHARED = {
  hidden: layers,
  activation: choice("tanh", Object.keys(ACTIVATIONS)),
  batch: number(32, 1, 1000, true),
  seed: number(0, 0, 1e6, true),
  replicas: number(1, 1, 4, true),
  speed: choice("full", ["slow", "medium", "full"]),
  preset: { initial: "", parse: (text) => text.slice(0, 40), format: String },
};
export const SIDE = {
  rule: choice("fa", Object.keys(RULES)),
  rate: number(0.5, 1e-5, 1e6),
  decay: number(0, 0, 1),
  start: number(1, 0, 1000),
  scale: number(1, 0, 1000),
  rank: number(0, 0, 500, true),
  density: number(1, 0, 1),
  signs: flag,
  delay: number(0, 0, 100, true),
  plan,
};
export const LABELS = {
  hidden: "hidden layers (units of each)",
  activation: "activation",
  batch: "batch size",
  seed: "seed",
  replicas: "networks a side",
  speed: "speed",
  preset: "experiment",
  rule: "learning rule",
  rate: "learning rate",
  decay: "weight decay",
  start: "start: scale of W",
  scale: "scale of B",
  rank: "rank of B (0: full)",
  density: "lines of B that are there",
  signs: "signs of B only",
  delay: "delay of the error (steps)",
  plan: "plan",
};

export function initialState() {
  return { ...initial(SHARED), a: { ...initial(SIDE), rule: "bp" }, b: initial(SIDE) };
}

// The settings of one side, as the trainer takes them.
export function settingsOf(state, side) {
  const { a, b, ...shared } = state;
  return { ...shared, ...state[side] };
}

// "#activation=relu&a.rule=bp" → {state, problems}: what cannot be read keeps its first value and gives a sentence.
export function parseAddress(hash, known = initialState()) {
  const state = structuredClone(known);
  const problems = readWords(hash, LABELS, (key) => {
    const [, side, name] = /^(?:([ab])\.)?(\w+)$/.exec(key) ?? [];
    return side ? { fields: SIDE, name, values: state[side], side } : { fields: SHARED, name, values: state };
  });
  return { state, problems };
}

// The address of a state: all that differs from the first one.
export function formatAddress(state) {
  const first = initialState(),
    words = new URLSearchParams();
  writeWords(words, SHARED, state, first);
  for (const side of ["a", "b"]) writeWords(words, SIDE, state[side], first[side], `${side}.`);
  return `#${words}`;
}
