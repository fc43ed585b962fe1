// The page: state, two runs, pictures.

import { Chart } from "./chart.js";
import { build, select, show } from "./controls.js";
import { asDigits, inflate, PIXELS } from "./digits.js";
import { element, paint, parts, whole } from "./dom.js";
import { Drawing } from "./drawing.js";
import { LAYOUT } from "./layout.js";
import { Pad } from "./pad.js";
import { findPreset, PRESETS, presetState, reached } from "./presets.js";
import { RULES } from "./rules.js";
import { Run } from "./run.js";
import { formatSchedule, parseSchedule } from "./schedule.js";
import { formatAddress, initialState, parseAddress, sentence } from "./state.js";
import { Tour } from "./tour.js";
import { shownDigits } from "./view.js";

const SIDES = ["a", "b"];
const DASH = { a: [], b: [8, 4] };

export class Playground {
  // startWorker: () → Worker; compressed: a promise of the digits' file, as bytes; address: whether the page's own
  // address holds the state.
  constructor(root, { startWorker, compressed, hash = "", address = false, onState = () => {} }) {
    Object.assign(this, { root, startWorker, compressed, address, onState });
    root.classList.add("fa-playground");
    root.innerHTML = LAYOUT;
    this.part = parts(root);
    this.shown = 3;
    this.playing = false;
    this.frames = 0;
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    const { state, problems } = parseAddress(hash, this.firstState(hash));
    this.state = state;
    this.problem(problems.join(" "));
    this.wire();
    this.showState();
    this.ready = this.load();
  }

  // A preset's name alone opens its experiment.
  firstState(hash) {
    const preset = findPreset(new URLSearchParams(hash.replace(/^#/, "")).get("preset"));
    return preset ? presetState(preset) : initialState();
  }

  async load() {
    try {
      this.bytes = await inflate(await this.compressed);
      this.digits = asDigits(this.bytes);
    } catch (error) {
      return this.problem(`The digits could not be read (${error.message}). Load the page again.`);
    }
    this.fillDigits();
    this.run = new Run(this.startWorker, this.bytes, {
      onView: (side, replica, view) => this.take(side, replica, view),
      onProblem: (text) => this.problem(text),
    });
    await this.restart();
  }

  // ---- What happens

  async restart() {
    this.pause();
    this.curves = { a: [], b: [] };
    this.views = {};
    this.turned = {};
    this.diverged = {};
    this.promised = false;
    this.marks = SIDES.flatMap((side) => parseSchedule(this.state[side].plan).filter(({ at }) => at > 0).map(({ action, at }) => ({ images: at, colour: side, word: `${side.toUpperCase()}: ${action}` })));
    if (!this.run) return;
    await this.run.start(this.state);
    if (this.drawn) await this.run.ask({ type: "digit", pixels: this.drawn });
    this.draw();
  }

  take(side, replica, view) {
    if (replica === 0) this.views[side] = view;
    if (view.record) {
      const record = { ...view.record, divergedAt: view.divergedAt };
      (this.curves[side][replica] ??= []).push(record);
      if (replica === 0 && record.positive >= 95 && !(side in this.turned)) this.turned[side] = record.images;
    }
    if (view.divergedAt !== null && !(side in this.diverged)) {
      this.diverged[side] = view.divergedAt;
      this.problem(`Network ${side.toUpperCase()}: the numbers overflowed after ${whole(view.divergedAt)} images, so it stopped. Such a network answers nothing; to take NaN for the answer 0 would be right for 9.8 % of the test digits. Try a smaller step size.`);
    }
  }

  async play() {
    await this.ready;
    if (this.playing || !this.run) return;
    this.playing = true;
    this.showPlaying();
    this.say("Training.");
    while (this.playing) {
      const training = this.run.advance();
      await this.frame();
      this.draw();
      await training;
      this.keepPromise();
      if (SIDES.every((side) => side in this.diverged)) this.pause();
    }
    this.draw();
  }

  frame() {
    return new Promise((resolve) => (document.hidden ? setTimeout(resolve, 100) : requestAnimationFrame(resolve)));
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

  // What a hand does now, and what the plan says from now on.
  async act(side, action, where = []) {
    const at = this.views[side]?.images ?? 0;
    const plan = formatSchedule([...parseSchedule(this.state[side].plan), { action, at, where }]);
    this.state[side].plan = plan;
    this.marks?.push({ images: at, colour: side, word: `${side.toUpperCase()}: ${action}` });
    this.state.preset = "";
    this.showState();
    await this.run?.ask({ type: "act", step: { action, at, where } }, side);
    this.draw();
  }

  async change(side, name, value) {
    (side ? this.state[side] : this.state)[name] = value;
    if (name !== "speed") this.state.preset = "";
    this.showState();
    if (name !== "speed") await this.restart();
  }

  async open(state) {
    this.state = state;
    this.problem("");
    this.showState();
    await this.restart();
  }

  keepPromise() {
    const preset = findPreset(this.state.preset);
    const records = Object.fromEntries(SIDES.map((side) => [side, this.curves[side][0]?.at(-1)]));
    if (!preset || this.promised || !records.a || !records.b) return;
    if (!SIDES.every((side) => records[side].images >= preset.images || side in this.diverged)) return;
    this.promised = true;
    const kept = reached(preset, records).every(Boolean);
    this.part.sentence.textContent = `${preset.sentence} ${kept ? "✓ So it is here" : "✗ Not so here"}, after ${whole(preset.images)} images.`;
    this.say(this.part.sentence.textContent);
  }

  // ---- What is shown

  showState() {
    const { part, state } = this;
    show(this.controls, state);
    const preset = findPreset(state.preset);
    part.preset.value = preset ? preset.id : "";
    part.sentence.textContent = preset ? preset.sentence : "Your own experiment. Only what you chose for A and B differs; the rest is shared.";
    part.speed.value = state.speed;
    for (const side of SIDES) {
      part[`${side}-quick`].value = state[side].rule;
      const learns = parseSchedule(state[side].plan).filter(({ action }) => ["all", "readout", "hidden"].includes(action)).at(-1);
      part[`${side}-learns`].value = learns?.action ?? "all";
    }
    const hash = formatAddress(state);
    if (this.address && location.hash !== hash) history.replaceState(null, "", hash === "#" ? location.pathname + location.search : hash);
    this.onState(hash);
  }

  showPlaying() {
    this.part.play.textContent = this.playing ? "Pause" : "Play";
    this.part.play.setAttribute("aria-pressed", this.playing);
  }

  draw() {
    const { part, views } = this;
    if (!views.a || !views.b) return;
    this.frames += 1;
    const phase = this.still.matches || !this.playing ? 0 : (this.frames % 24) / 24;
    const row = this.digits && shownDigits(this.digits.test)[this.shown];
    for (const side of SIDES) {
      this.drawings[side].draw(views[side], this.shown, this.digits.test.pixels.subarray(row * PIXELS, (row + 1) * PIXELS), phase);
      part[`${side}-numbers`].textContent = this.numbers(side);
    }
    this.drawCharts();
    this.drawAnswers();
    const speed = this.run.speed?.filter(Boolean) ?? [];
    part.seen.textContent = `${whole(Math.max(views.a.images, views.b.images))} images seen${this.playing && speed.length ? ` · ${whole(Math.min(...speed))} a second` : ""}`;
  }

  numbers(side) {
    const last = this.curves[side][0]?.at(-1);
    if (!last) return "";
    if (side in this.diverged) return "NaN";
    const angle = mean(last.angles);
    return `${last.error.toFixed(1)} % wrong${Number.isFinite(angle) ? ` · ${angle.toFixed(0)}°` : ""}`;
  }

  drawCharts() {
    const lines = { error: [], angle: [], positive: [] };
    for (const side of SIDES) {
      const replicas = this.curves[side].filter(Boolean), look = { colour: side, dash: DASH[side] };
      for (const measure of ["error", "positive"]) {
        const curves = replicas.map((records) => records.map((record) => [record.images, record[measure]]));
        if (curves.length > 1) lines[measure].push(...curves.map((points) => ({ ...look, points, width: 1, alpha: 0.5 })));
        lines[measure].push({ ...look, points: meanCurve(curves) });
      }
      const depth = replicas[0]?.[0]?.angles.length ?? 0;
      for (let layer = 0; layer < depth; layer++) {
        const points = meanCurve(replicas.map((records) => records.map((record) => [record.images, record.angles[layer]])));
        lines.angle.push({ ...look, points, width: layer ? 1.2 : 2.5, alpha: layer ? 0.65 : 1 });
      }
    }
    const most = Math.max(2000, this.views.a.images, this.views.b.images) * 1.02;
    this.charts.error.draw(lines.error, most, this.marks.filter(({ images }) => images <= most));
    this.charts.angle.draw(lines.angle, most);
    const turned = Object.entries(this.turned).map(([side, images]) => ({ images, colour: side, word: `${side.toUpperCase()}: ${whole(images)}` }));
    this.charts.positive.draw(lines.positive, most, turned.filter(({ images }) => images > 0));
    this.describe();
  }

  // The charts in words, for who does not see them.
  describe() {
    const say = (measure, unit) => SIDES.map((side) => {
      const last = this.curves[side][0]?.at(-1);
      const value = measure === "angle" ? mean(last?.angles ?? []) : last?.[measure];
      return `${side.toUpperCase()} ${Number.isFinite(value) ? value.toFixed(0) + unit : "none"}`;
    }).join(", ");
    for (const [measure, words, unit] of [["error", "Test error", " %"], ["angle", "Signal angle to backprop", "°"], ["positive", "Digits with eᵀWBe above 0", " %"]])
      this.part[measure].setAttribute("aria-label", `${words} against images seen: ${say(measure, unit)}`);
  }

  summary() {
    return SIDES.map((side) => `${side.toUpperCase()}, ${RULES[this.state[side].rule].label}: ${this.numbers(side)}.`).join(" ");
  }

  fillDigits() {
    this.pictures = shownDigits(this.digits.test).map((row, label) => {
      const canvas = element("canvas", { width: 56, height: 56 });
      const pixels = this.digits.test.pixels.subarray(row * PIXELS, (row + 1) * PIXELS);
      paint(canvas.getContext("2d"), pixels, 0, 0, 56, (byte) => [255 - byte, 255 - byte, 255 - byte]);
      const words = Object.fromEntries(SIDES.map((side) => [side, element("span", { class: side })]));
      const button = element("button", { "aria-pressed": label === this.shown, onclick: () => this.choose(label) }, canvas, words.a, words.b);
      this.part.digits.append(button);
      return { button, words };
    });
  }

  choose(label) {
    this.shown = label;
    this.pictures.forEach(({ button }, other) => button.setAttribute("aria-pressed", other === label));
    this.draw();
  }

  drawAnswers() {
    this.pictures.forEach(({ button, words }, label) => {
      for (const side of SIDES) {
        const answer = this.views[side].answers[label], best = largest(answer);
        words[side].textContent = `${side.toUpperCase()} ${best === null ? "–" : best} ${best === label ? "✓" : "✗"}`;
        words[side].classList.toggle("wrong", best !== label);
      }
      button.setAttribute("aria-label", `a ${label}: ${words.a.textContent}, ${words.b.textContent}`.replace(/✓/g, "right").replace(/✗/g, "wrong"));
    });
    const { a, b } = this.views;
    const words = (side, view) => `${side}: ${largest(view.drawn) ?? "–"} (${Math.round(100 * Math.max(...view.drawn))} %)`;
    this.part.own.textContent = this.drawn && a.drawn && b.drawn ? `Your digit. ${words("A", a)}, ${words("B", b)}` : "Draw a digit.";
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
    part.preset.append(element("option", { value: "" }, "your own"), ...PRESETS.map(({ id, lesson, title }) => element("option", { value: id }, `Lesson ${lesson}: ${title}`)));
    part.preset.addEventListener("change", () => {
      const preset = findPreset(part.preset.value);
      if (preset) this.open(presetState(preset, this.state.speed));
    });
    part.play.addEventListener("click", () => (this.playing ? this.pause() : this.play()));
    part.step.addEventListener("click", () => this.step());
    part.reset.addEventListener("click", () => this.restart());
    part.speed.addEventListener("change", () => this.change(null, "speed", part.speed.value));
    part.share.addEventListener("click", () => this.share());
    this.tour = new Tour(part, () => this.play());
    part.help.addEventListener("click", () => this.tour.show(0));
    this.controls = build(part.form, (side, name, value) => this.change(side, name, value), (text) => this.problem(text));
    this.charts = {
      error: new Chart(part.error, { title: "test error", min: 2, max: 100, ticks: [2, 5, 10, 20, 50, 100], log: true, unit: "%" }),
      angle: new Chart(part.angle, { title: "angle of the error signal to backprop's, each layer", min: 0, max: 125, ticks: [0, 30, 60, 90, 120], unit: "°", mark: { at: 90, word: "90°: chance" } }),
      positive: new Chart(part.positive, { title: "digits with eᵀWBe > 0", min: 0, max: 100, ticks: [0, 50, 100], unit: "%" }),
    };
    this.drawings = Object.fromEntries(SIDES.map((side) => [side, this.wireSide(side)]));
    this.pad = new Pad(part.pad, async (pixels) => {
      this.drawn = pixels;
      await this.run?.ask({ type: "digit", pixels });
      if (!this.playing) this.draw();
    });
    part.wipe.addEventListener("click", () => this.pad.clear());
    for (const button of this.root.querySelectorAll("[data-do]")) {
      const [side, action] = button.dataset.do.split(" ");
      button.addEventListener("click", () => this.act(side, action));
    }
    new ResizeObserver(() => this.redraw()).observe(this.root);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.redraw());
    if (this.address)
      addEventListener("hashchange", () => {
        if (location.hash === formatAddress(this.state)) return;
        const { state, problems } = parseAddress(location.hash, this.firstState(location.hash));
        this.open(state).then(() => this.problem(problems.join(" ")));
      });
  }

  // The page goes away: so do its workers.
  close() {
    this.playing = false;
    this.run?.close();
  }

  redraw() {
    this.pad.draw();
    if (!this.playing && this.views) this.draw();
  }

  wireSide(side) {
    const { part } = this, canvas = part[`${side}-network`], drawing = new Drawing(canvas);
    const rule = part[`${side}-quick`];
    rule.append(...select(Object.keys(RULES)).children);
    rule.addEventListener("change", () => this.change(side, "rule", rule.value));
    const learns = part[`${side}-learns`];
    learns.addEventListener("change", () => this.act(side, learns.value));
    const harm = (action, { layer, from, to }) => this.act(side, action, [layer, from, to]);
    canvas.addEventListener("click", (event) => {
      const index = drawing.nearest(event.offsetX, event.offsetY);
      if (index !== null) harm(event.shiftKey ? "cut" : "flip", drawing.lines[index]);
    });
    canvas.addEventListener("keydown", (event) => {
      const by = { ArrowDown: 1, ArrowUp: -1, ArrowRight: 8, ArrowLeft: -8 }[event.key];
      const line = by ? drawing.choose(by) : drawing.lines[drawing.chosen];
      const action = { f: "flip", c: "cut" }[event.key.toLowerCase()];
      if (by && !line) this.say("This rule has no feedback lines of its own.");
      if (!line || !(by || action)) return;
      event.preventDefault();
      this.say(`Line of B from ${line.from} down to unit ${line.to} of layer ${line.layer}: ${action ? (action === "flip" ? "flipped" : "cut") : line.value.toFixed(2)}.`);
      if (action) harm(action, line);
      else this.draw();
    });
    canvas.addEventListener("blur", () => {
      drawing.chosen = null;
      this.draw();
    });
    return drawing;
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

function largest(values) {
  if (!values || !values.every(Number.isFinite)) return null;
  return values.indexOf(Math.max(...values));
}

function mean(values) {
  const known = values.filter(Number.isFinite);
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

// The mean of curves that were recorded at the same moments.
function meanCurve(curves) {
  if (!curves.length) return [];
  const length = Math.min(...curves.map((points) => points.length));
  return curves[0].slice(0, length).map(([images], k) => [images, mean(curves.map((points) => points[k][1]))]);
}

// The page on its own: modules beside it, the state in the address.
export function openPage(root, { startWorker, compressed }) {
  const playground = new Playground(root, { startWorker, compressed, hash: location.hash, address: true });
  playground.ready.then(() => playground.tour.firstVisit());
  return playground;
}
