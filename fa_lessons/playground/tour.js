// Three steps that explain the page at a first visit.

const STEPS = [
  "1 of 3. Two networks learn handwritten digits, A and B. They start alike and see the same digits. Only what you choose differs: here A learns by backprop, B by feedback alignment.",
  "2 of 3. In each drawing, digits go forward above, and the error comes back below. Backprop's way back needs the forward weights, transposed. Feedback alignment takes random weights that never change.",
  "3 of 3. Press Play and watch the angle. It starts near 90°: B's signal has nothing to do with backprop's. Then it falls, because the forward weights turn towards the feedback. That is feedback alignment.",
];
const KEY = "fa-lessons-playground-toured";

export class Tour {
  // part: tour, tour-text, tour-next, tour-skip
  constructor(part, play) {
    Object.assign(this, { part, at: -1, play });
    part["tour-next"].addEventListener("click", () => this.show(this.at + 1));
    part["tour-skip"].addEventListener("click", () => this.end());
    part.tour.addEventListener("keydown", (event) => event.key === "Escape" && this.end());
  }

  firstVisit() {
    let toured = "";
    try {
      toured = localStorage.getItem(KEY);
    } catch {} // no storage: explain again
    if (!toured) this.show(0, false);
  }

  show(step, focus = true) {
    if (step >= STEPS.length) {
      this.end();
      return this.play();
    }
    this.at = step;
    this.part.tour.hidden = false;
    this.part["tour-text"].textContent = STEPS[step];
    this.part["tour-next"].textContent = step === STEPS.length - 1 ? "Play" : "Next";
    if (focus) this.part["tour-text"].focus();
  }

  end() {
    this.part.tour.hidden = true;
    try {
      localStorage.setItem(KEY, "yes");
    } catch {} // asked again at the next visit
  }
}
