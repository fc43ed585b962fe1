// The page: one state, two runs, and what shows them.

import { Answers } from "./answers.js";
import { build, select, show } from "./controls.js";
import { Curves, SIDES } from "./curves.js";
import { asDigits, inflate } from "./digits.js";
import { element, onLook, parts, whole, write } from "./dom.js";
import { Drawing } from "./drawing.js";
import { byHand } from "./hand.js";
import { LAYOUT } from "./layout.js";
import { Pad } from "./pad.js";
import { findPreset, PRESETS, presetState, reached } from "./presets.js";
import { RULES } from "./rules.js";
import { Run } from "./run.js";
import { formatSchedule, LAYERS, parseSchedule } from "./schedule.js";
import { formatAddress, initialState, parseAddress } from "./state.js";
import { Tour } from "./tour.js";

const PICTURE = 30; // milliseconds from one picture to the next, at least: about 30 a second
const MOST_FROZEN = 6; // layers that the menu offers to freeze; a plan can freeze any

export class Playground {
  // startWorker: () → Worker; compressed: the digits' file, bytes or a promise of them; hash: the state to open in;
  // address: whether the page's own address follows the state; onState(hash).
  constructor(root, { startWorker, compressed, hash = "", address = false, onState = () => {} }) {
    Object.assign(this, { root, startWorker, compressed, address, onState });
    root.classList.add("fa-playground");
    root.dataset.lmSuppressShortcuts = "true"; // in JupyterLab the page's keys are its own
    root.innerHTML = LAYOUT;
    this.part = parts(root);
    this.playing = false;
    this.frames = 0;
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.wire();
    const { state, problems } = read(hash);
    this.state = state;
    this.showState();
    this.problem(problems.join(" "));
    for (const side of SIDES) write(this.part[`${side}-numbers`], "waiting for the digits");
    write(this.part.seen, "In a notebook the digits come as soon as its kernel is free.");
    this.ready = this.load();
  }

  async load() {
    try {
      this.bytes = await inflate(await this.compressed);
      this.digits = asDigits(this.bytes);
    } catch (error) {
      return this.problem(`The digits could not be read (${error.message}). Load the page again.`);
    }
    this.answers.fill(this.digits);
    this.run = new Run(this.startWorker, this.bytes, {
      onView: (side, replica, view) => this.take(side, replica, view),
      onProblem: (text) => this.problem(text),
    });
    await this.begin();
  }

  // ---- What happens

  restart() {
    this.ready = this.begin();
    return this.ready;
  }

  async begin() {
    this.pause();
    this.views = {};
    this.diverged = {}; // images after which a side's numbers overflowed
    this.judged = false;
    this.curves.clear(
      SIDES.flatMap((side) => parseSchedule(this.state[side].plan).map((step) => event(side, step.action, step.at))),
    );
    if (!this.run) return;
    for (const side of SIDES) write(this.part[`${side}-numbers`], "starting");
    await this.run.start(this.state);
    if (this.drawn) await this.run.ask({ type: "digit", pixels: this.drawn });
    this.draw();
  }

  take(side, replica, view) {
    if (replica === 0) this.views[side] = view;
    if (view.record) this.curves.add(side, replica, { ...view.record, divergedAt: view.divergedAt });
    if (view.divergedAt === null || side in this.diverged) return;
    this.diverged[side] = view.divergedAt;
    this.problem(
      `Network ${side.toUpperCase()}: the numbers overflowed after ${whole(view.divergedAt)} images, so it stopped. ` +
        "It answers nothing. To take NaN for the answer 0 would be right for 9.8 % of the test digits. " +
        "Try a smaller learning rate.",
    );
  }

  async play() {
    await this.ready;
    if (this.playing || !this.run) return;
    this.playing = true;
    this.showPlaying();
    this.say("Training.");
    const loop = (this.loop = {}); // a pause ends it, and a new play begins another
    const alive = () => this.playing && this.loop === loop;
    this.animate(alive);
    while (alive()) {
      const picture = this.state.speed === "full" ? null : nextFrame();
      await this.run.advance(); // ends when both sides have answered
      this.judge();
      if (SIDES.every((side) => side in this.diverged)) this.pause();
      await picture;
    }
    this.draw();
  }

  // Draw what there is, however long a training step takes.
  async animate(alive) {
    for (let last = -Infinity; alive();) {
      const now = await nextFrame();
      if (now - last < PICTURE) continue;
      last = now;
      this.draw();
    }
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    this.showPlaying();
    this.say(this.summary());
  }

  async step() {
    this.pause();
    await this.run?.advance(this.state.batch);
    this.draw();
    this.say(this.summary());
  }

  // What a hand does now. The plan says it from now on, at the moment at which the workers did it.
  async act(side, action, where = []) {
    if (!this.run) return;
    const [{ images }] = await this.run.ask({ type: "act", step: { action, where } }, side);
    const plan = [...parseSchedule(this.state[side].plan), { action, at: images, where }];
    this.state[side].plan = formatSchedule(plan);
    this.state.preset = "";
    this.curves.events.push(event(side, action, images));
    this.showState();
    this.draw();
  }

  async change(side, name, value) {
    (side ? this.state[side] : this.state)[name] = value;
    if (name !== "speed") this.state.preset = "";
    this.showState();
    if (name !== "speed") await this.restart();
  }

  async open({ state, problems }) {
    this.state = state;
    this.showState();
    this.problem(problems.join(" "));
    await this.restart();
  }

  // Say whether the experiment has reached what its sentence says, once it has seen enough.
  judge() {
    const preset = findPreset(this.state.preset);
    if (!preset || this.judged) return;
    const done = (side) => this.curves.last(side)?.images >= preset.images || side in this.diverged;
    if (!SIDES.every(done)) return;
    this.judged = true;
    const records = Object.fromEntries(SIDES.map((side) => [side, this.curves.last(side)]));
    const holds = reached(preset, records).every(Boolean) ? "✓ So it is here" : "✗ Not so here";
    this.part.sentence.textContent = `${preset.sentence} ${holds}, after ${whole(preset.images)} images.`;
    this.say(this.part.sentence.textContent);
  }

  // The page goes away: so do its workers.
  close() {
    this.playing = false;
    this.unlook();
    this.run?.close();
  }

  // ---- What is shown

  showState() {
    const { part, state } = this;
    show(this.controls, state);
    const preset = findPreset(state.preset);
    part.preset.value = preset ? preset.id : "";
    part.sentence.textContent = preset
      ? preset.sentence
      : "Your own experiment. Only what you chose for A and B differs; the rest is shared.";
    part.speed.value = state.speed;
    for (const side of SIDES) {
      part[`${side}-quick`].value = state[side].rule;
      this.showLearns(part[`${side}-learns`], parseSchedule(state[side].plan));
    }
    part.share.textContent = "Copy link";
    const hash = formatAddress(state);
    if (this.address && location.hash !== hash)
      history.replaceState(null, "", hash === "#" ? location.pathname + location.search : hash);
    this.onState(hash);
  }

  // Which layers learn, by the last word of the plan about it; any one layer can be frozen.
  showLearns(learns, plan) {
    const layers = Math.min(MOST_FROZEN, this.state.hidden.length + 1);
    const frozen = Array.from({ length: layers }, (_, k) => [`freeze:${k + 1}`, `all but layer ${k + 1}`]);
    const options = [["all", "all layers learn"], ["readout", "output only"], ["hidden", "hidden only"], ...frozen];
    learns.replaceChildren(...options.map(([value, text]) => element("option", { value }, text)));
    const last = plan.filter(({ action }) => LAYERS.includes(action)).at(-1);
    learns.value = last ? [last.action, ...last.where].join(":") : "all";
  }

  // A frozen layer stands alone: all others learn.
  async learn(side, choice) {
    const [action, layer] = choice.split(":");
    if (layer) await this.act(side, "all");
    await this.act(side, action, layer ? [Number(layer)] : []);
  }

  showPlaying() {
    this.part.play.textContent = this.playing ? "Pause" : "Play";
    this.part.play.setAttribute("aria-pressed", this.playing);
  }

  draw() {
    const { part, views } = this;
    if (!views?.a || !views.b) return;
    this.frames += 1;
    const phase = this.still.matches || !this.playing ? 0 : (this.frames % 24) / 24;
    const images = Math.max(views.a.images, views.b.images);
    for (const side of SIDES) this.drawings[side].draw(views[side], this.answers.chosen, this.answers.image, phase);
    this.curves.draw(1.02 * Math.max(2000, images));
    // Words after pictures: a changed word makes the next canvas wait for a layout.
    for (const side of SIDES) write(part[`${side}-numbers`], this.numbers(side));
    this.curves.describe();
    this.answers.draw(views, this.drawn);
    const speeds = this.playing ? (this.run.speeds ?? []).filter(Boolean) : [];
    write(part.seen, `${whole(images)} images seen${speeds.length ? ` · ${whole(Math.min(...speeds))} a second` : ""}`);
  }

  redraw() {
    this.pad.draw();
    if (!this.playing) this.draw();
  }

  numbers(side) {
    if (side in this.diverged) return "NaN";
    const [error, angle, faded] = ["error", "angle", "faded"].map((measure) => this.curves.value(side, measure));
    const words = [`${error.toFixed(1)} % wrong`];
    if (Number.isFinite(angle)) words.push(`${angle.toFixed(0)}°`);
    if (faded < 1e-3) words.push(`layer 1 hears ${faded ? faded.toExponential(0) : "nothing"}`);
    return words.join(" · ");
  }

  summary() {
    const one = (side) => `${side.toUpperCase()}, ${RULES[this.state[side].rule].label}: ${this.numbers(side)}.`;
    return SIDES.map(one).join(" ");
  }

  problem(text) {
    this.part.problem.textContent = text;
    this.part.problem.hidden = !text;
  }

  say(text) {
    this.part.status.textContent = text;
  }

  // ---- Wiring

  wire() {
    const { part } = this;
    const on = (name, kind, handler) => part[name].addEventListener(kind, handler);
    const titles = PRESETS.map(({ id, lesson, title }) =>
      element("option", { value: id }, `Lesson ${lesson}: ${title}`),
    );
    part.preset.append(element("option", { value: "" }, "your own"), ...titles);
    on("preset", "change", () => {
      const preset = findPreset(part.preset.value);
      if (preset) this.open({ state: presetState(preset, this.state.speed), problems: [] });
    });
    on("play", "click", () => (this.playing ? this.pause() : this.play()));
    on("step", "click", () => this.step());
    on("reset", "click", () => this.restart());
    on("speed", "change", () => this.change(null, "speed", part.speed.value));
    on("share", "click", () => this.share());
    on("help", "click", () => this.tour.show(0));
    on("wipe", "click", () => this.pad.clear());
    this.tour = new Tour(part, () => this.play());
    this.controls = build(
      part.form,
      (...words) => this.change(...words),
      (text) => this.problem(text),
    );
    this.curves = new Curves(part);
    this.answers = new Answers(part, () => this.draw());
    this.drawings = Object.fromEntries(SIDES.map((side) => [side, this.wireSide(side)]));
    this.pad = new Pad(part.pad, (pixels) => this.ownDigit(pixels));
    this.unlook = onLook(this.root, () => this.redraw());
    if (this.address)
      addEventListener("hashchange", () => {
        if (location.hash !== formatAddress(this.state)) this.open(read(location.hash));
      });
  }

  wireSide(side) {
    const { part } = this;
    const rule = part[`${side}-quick`],
      learns = part[`${side}-learns`],
      canvas = part[`${side}-network`];
    rule.append(...select(Object.keys(RULES)).children);
    rule.addEventListener("change", () => this.change(side, "rule", rule.value));
    learns.addEventListener("change", () => this.learn(side, learns.value));
    for (const button of this.root.querySelectorAll(`.${side} [data-do]`))
      button.addEventListener("click", () => this.act(side, button.dataset.do));
    const drawing = new Drawing(canvas);
    byHand(canvas, drawing, {
      onHarm: (action, where) => this.act(side, action, where),
      onDrag: (where) =>
        this.run.ask({ type: "act", step: { action: "set", where }, quiet: true }, side).then(() => this.draw()),
      onMove: () => this.draw(),
      say: (text) => this.say(text),
    });
    return drawing;
  }

  async ownDigit(pixels) {
    this.drawn = pixels;
    await this.run?.ask({ type: "digit", pixels });
    if (!this.playing) this.draw();
  }

  async share() {
    const link = this.address ? location.href : formatAddress(this.state);
    try {
      await navigator.clipboard.writeText(link);
      this.part.share.textContent = "Copied";
      this.say("The link is copied. It opens this experiment.");
    } catch {
      this.problem(`Copy this address: ${link}`);
    }
  }
}

// {state, problems} of an address; a preset's name alone opens its experiment.
function read(hash) {
  const preset = findPreset(new URLSearchParams(hash.replace(/^#/, "")).get("preset"));
  return parseAddress(hash, preset ? presetState(preset) : initialState());
}

function event(side, action, at) {
  return { images: at, colour: side, word: `${side.toUpperCase()}: ${action}` };
}

// The browser's next picture, and its time; a page in the background trains on, slowly.
function nextFrame() {
  return new Promise((resolve) =>
    document.hidden ? setTimeout(() => resolve(performance.now()), 100) : requestAnimationFrame(resolve),
  );
}

// The page on its own: the state in the address, explained at a first visit.
export function openPage(root, { startWorker, compressed }) {
  const playground = new Playground(root, { startWorker, compressed, hash: location.hash, address: true });
  playground.ready.then(() => playground.tour.firstVisit());
  return playground;
}
