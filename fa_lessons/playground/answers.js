// Ten test digits with both networks' answers, and the answers to a digit of one's own.

import { SIDES } from "./curves.js";
import { PIXELS } from "./digits.js";
import { element, paint, write } from "./dom.js";
import { shownDigits } from "./view.js";

export class Answers {
  // part: digits, own. onChoose(label): the digit that the drawings show.
  constructor(part, onChoose) {
    Object.assign(this, { part, onChoose, chosen: 3 });
  }

  fill(digits) {
    this.pixels = shownDigits(digits.test).map((row) => digits.test.pixels.subarray(row * PIXELS, (row + 1) * PIXELS));
    this.buttons = this.pixels.map((pixels, label) => {
      const canvas = element("canvas", { width: 56, height: 56, role: "img", "aria-label": `digit ${label}` });
      paint(canvas.getContext("2d"), pixels, 0, 0, 56, (byte) => Array(3).fill(255 - byte));
      const words = Object.fromEntries(SIDES.map((side) => [side, element("span", { class: side })]));
      const onclick = () => this.choose(label);
      const button = element("button", { "aria-pressed": label === this.chosen, onclick }, canvas, words.a, words.b);
      this.part.digits.append(button);
      return { button, words };
    });
  }

  choose(label) {
    this.chosen = label;
    this.buttons.forEach(({ button }, other) => button.setAttribute("aria-pressed", other === label));
    this.onChoose(label);
  }

  get image() {
    return this.pixels[this.chosen];
  }

  // views: {a, b}; drawn: whether a digit of one's own is there.
  draw(views, drawn) {
    this.buttons.forEach(({ words }, label) => {
      for (const side of SIDES) {
        const best = answer(views[side].answers[label]);
        write(words[side], `${side.toUpperCase()} ${best ?? "–"} ${best === label ? "✓" : "✗"}`);
        words[side].classList.toggle("wrong", best !== label);
      }
    });
    const there = drawn && views.a.drawn && views.b.drawn;
    const own = ({ drawn: shares }) => `${answer(shares) ?? "–"} (${Math.round(100 * Math.max(...shares))} %)`;
    write(this.part.own, there ? `Your digit. A: ${own(views.a)}, B: ${own(views.b)}` : "Draw a digit.");
  }
}

// The digit with the largest output; null once numbers overflowed.
function answer(outputs) {
  return outputs.every(Number.isFinite) ? outputs.indexOf(Math.max(...outputs)) : null;
}
