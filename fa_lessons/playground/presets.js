// Experiments, one for each headline of the lessons: one sentence, and what both networks reach after `images` images.
// reaches: [side, measure, "<" or ">", bound]; measure: error (percent, test), angle (mean over layers), positive
// (percent of digits with eᵀWBe > 0), faded (signal at layer 1 over the last one's), diverged (1 or 0).

import { mean } from "./curves.js";
import { initialState } from "./state.js";

const RATE = 0.2; // where an experiment names no other
const deep = (layers, units) => Array(layers).fill(units);

export const PRESETS = [
  {
    id: "fa",
    lesson: 4,
    title: "FA beside backprop",
    images: 20000,
    sentence:
      "Through random feedback that never changes, B learns about as well as backprop, and its signal turns to backprop's.",
    a: { rule: "bp" },
    b: { rule: "fa" },
    reaches: [
      ["a", "error", "<", 15],
      ["b", "error", "<", 15],
      ["b", "angle", "<", 50],
    ],
  },
  {
    id: "shallow",
    lesson: 1,
    title: "No transport of weights",
    images: 12000,
    sentence:
      "B knows no forward weight, and yet it beats A, whose hidden layer does not learn, by more than 10 points.",
    a: { rule: "shallow", rate: 0.1 },
    b: { rule: "fa", rate: 0.1 },
    reaches: [
      ["a", "error", ">", 25],
      ["b", "error", "<", 16],
    ],
  },
  {
    id: "zeros",
    lesson: 1,
    title: "Zeros stop BP, not FA",
    images: 8000,
    sentence: "All weights start at zero: backprop never leaves chance, feedback alignment comes below 20 %.",
    a: { rule: "bp", start: 0 },
    b: { rule: "fa", start: 0 },
    reaches: [
      ["a", "error", ">", 85],
      ["b", "error", "<", 20],
    ],
  },
  {
    id: "sign",
    lesson: 2,
    title: "W takes the sign of B",
    images: 8000,
    sentence:
      "B's feedback is that of A with the sign turned. From zero, W follows it: both learn, and eᵀWBe turns positive.",
    a: { rule: "fa", start: 0 },
    b: { rule: "fa", start: 0, plan: "flip@0" },
    reaches: [
      ["a", "error", "<", 20],
      ["b", "error", "<", 20],
      ["a", "positive", ">", 95],
      ["b", "positive", ">", 95],
    ],
  },
  {
    id: "linear",
    lesson: 3,
    title: "Linear units",
    images: 12000,
    sentence: "With linear hidden units FA's error falls as backprop's does: the case in which it is proved.",
    activation: "linear",
    a: { rule: "bp", rate: 0.1 },
    b: { rule: "fa", rate: 0.1 },
    reaches: [
      ["a", "error", "<", 17],
      ["b", "error", "<", 17],
      ["b", "positive", ">", 95],
    ],
  },
  {
    id: "rank",
    lesson: 4,
    title: "Rank 1",
    images: 12000,
    sentence:
      "A's feedback passes on one direction of the error alone: A ends more than 10 points behind B, with full rank.",
    a: { rule: "fa", rank: 1, rate: 0.1 },
    b: { rule: "fa", rate: 0.1 },
    reaches: [
      ["a", "error", ">", 25],
      ["b", "error", "<", 16],
    ],
  },
  {
    id: "signs",
    lesson: 4,
    title: "Signs, or a tenth of the lines",
    images: 12000,
    sentence: "A keeps the signs of B only, B a tenth of its lines: both come below 20 %.",
    a: { rule: "fa", signs: true },
    b: { rule: "fa", density: 0.1 },
    reaches: [
      ["a", "error", "<", 18],
      ["b", "error", "<", 20],
    ],
  },
  {
    id: "small",
    lesson: 4,
    title: "Too small a B",
    images: 12000,
    sentence: "A's B is a hundred times smaller: at this learning rate A is more than 8 points behind B.",
    a: { rule: "fa", scale: 0.01, rate: 0.1 },
    b: { rule: "fa", rate: 0.1 },
    reaches: [
      ["a", "error", ">", 22],
      ["b", "error", "<", 16],
    ],
  },
  {
    id: "nan",
    lesson: 4,
    title: "NaN is 9.8 %",
    images: 4000,
    sentence: "A's steps are too large: its numbers overflow. Who takes NaN for the answer 0 calls that 9.8 % right.",
    activation: "linear",
    a: { rule: "bp", rate: 3 },
    b: { rule: "bp", rate: 0.1 },
    reaches: [
      ["a", "diverged", ">", 0],
      ["b", "error", "<", 25],
    ],
  },
  {
    id: "readout",
    lesson: 6,
    title: "Readout first, then hidden",
    images: 20000,
    sentence:
      "First only the output layers learn. Then A's hidden layer alone: it unlearns, to above 60 %. All of B: it goes on.",
    a: { rule: "fa", plan: "readout@0,hidden@10000" },
    b: { rule: "fa", plan: "readout@0,all@10000" },
    reaches: [
      ["a", "error", ">", 60],
      ["b", "error", "<", 20],
    ],
  },
  {
    id: "flip",
    lesson: 6,
    title: "Flip B in mid-flight",
    images: 16000,
    sentence:
      "After 10,000 images A's feedback turns its sign, and A unlearns. B's is drawn anew, and B goes on learning.",
    a: { rule: "fa", plan: "flip@10000", rate: 0.1 },
    b: { rule: "fa", plan: "redraw@10000", rate: 0.1 },
    reaches: [
      ["a", "error", ">", 50],
      ["b", "error", "<", 20],
    ],
  },
  {
    id: "late",
    lesson: 6,
    title: "A late error",
    images: 12000,
    sentence: "The error comes eight steps late. Backprop ends near chance; feedback alignment still learns.",
    a: { rule: "bp", delay: 8 },
    b: { rule: "fa", delay: 8 },
    reaches: [
      ["a", "error", ">", 70],
      ["b", "error", "<", 60],
    ],
  },
  {
    id: "roads",
    lesson: 5,
    title: "DFA and IFA",
    images: 20000,
    hidden: [100, 50],
    sentence:
      "Through two hidden layers, A sends the error to each layer directly, B to the first one and then forward: both learn.",
    a: { rule: "dfa" },
    b: { rule: "ifa" },
    reaches: [
      ["a", "error", "<", 16],
      ["b", "error", "<", 16],
      ["a", "angle", "<", 60],
      ["b", "angle", "<", 60],
    ],
  },
  {
    id: "deep",
    lesson: 5,
    title: "20 layers",
    images: 10000,
    hidden: deep(20, 32),
    sentence: "Twenty layers: backprop stays at chance, and DFA, which sends the error to each layer directly, learns.",
    a: { rule: "bp" },
    b: { rule: "dfa" },
    reaches: [
      ["a", "error", ">", 80],
      ["b", "error", "<", 50],
    ],
  },
  {
    id: "vanishing",
    lesson: 6,
    title: "100 layers",
    images: 320,
    hidden: deep(100, 32),
    sentence:
      "A hundred layers: less than 10⁻²⁰ of backprop's signal is left at the first; DFA's arrives at full length.",
    a: { rule: "bp" },
    b: { rule: "dfa" },
    reaches: [
      ["a", "faded", "<", 1e-20],
      ["b", "faded", ">", 0.1],
    ],
  },
  {
    id: "kp",
    lesson: 8,
    title: "Feedback that learns",
    images: 30000,
    sentence:
      "Kolen–Pollack gives B the updates of W, and decay draws them together: A's angle falls below 17°, FA's stays above.",
    a: { rule: "kp", decay: 0.01, rate: 0.1 },
    b: { rule: "fa", decay: 0.01, rate: 0.1 },
    reaches: [
      ["a", "angle", "<", 17],
      ["b", "angle", ">", 17],
      ["a", "error", "<", 16],
    ],
  },
  {
    id: "symmetry",
    lesson: 8,
    title: "Signs of W are enough",
    images: 12000,
    sentence:
      "Sign-symmetry sends the error through the signs of W alone, and learns as backprop does, its angle below 40°.",
    a: { rule: "bp", rate: 0.1 },
    b: { rule: "sign-symmetry", rate: 0.1 },
    reaches: [
      ["a", "error", "<", 17],
      ["b", "error", "<", 17],
      ["b", "angle", "<", 40],
    ],
  },
];

export function findPreset(id) {
  return PRESETS.find((preset) => preset.id === id);
}

// The whole state of the page in which an experiment starts.
export function presetState(preset, speed = "full") {
  const { id, hidden, activation, a, b } = preset,
    state = initialState();
  if (hidden) state.hidden = hidden;
  if (activation) state.activation = activation;
  Object.assign(state.a, { rate: RATE }, a);
  Object.assign(state.b, { rate: RATE }, b);
  return { ...state, speed, preset: id };
}

// Whether each of `reaches` holds for the last records {a, b} of both sides.
export function reached(preset, records) {
  return preset.reaches.map(([side, measure, sign, bound]) => {
    const value = valueOf(records[side], measure);
    return sign === "<" ? value < bound : value > bound;
  });
}

function valueOf(record, measure) {
  if (measure === "diverged") return record.divergedAt === null ? 0 : 1;
  if (measure !== "angle") return record[measure];
  return mean(record.angles);
}
