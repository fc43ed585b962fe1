// Two sides, trained in step: each advances to the same number of images, each replica in a worker of its own.

import { settingsOf } from "./state.js";

const FRAME = 25; // milliseconds of training between two pictures, at full speed
const STRIDE = { slow: 32, medium: 400, full: Infinity }; // images a picture

// startWorker: () → Worker. onView(side, replica, view); onProblem(sentence).
export class Run {
  constructor(startWorker, digits, { onView, onProblem }) {
    Object.assign(this, { startWorker, digits, onView, onProblem });
    this.workers = []; // {worker, side, replica, waiting: resolve or null}
    this.images = 0;
    this.stride = 320; // images a picture, fitted to FRAME
  }

  // Start both sides anew with `state`; ends when both have answered.
  async start(state) {
    this.state = state;
    this.images = 0;
    this.generation = (this.generation ?? 0) + 1;
    const wanted = 2 * state.replicas;
    for (const { worker } of this.workers.splice(wanted)) worker.terminate();
    while (this.workers.length < wanted) this.add();
    this.workers.forEach((member, index) => Object.assign(member, { side: "ab"[index % 2], replica: index >> 1 }));
    await this.ask(({ side, replica, fresh }) => ({
      type: "start",
      settings: settingsOf(state, side),
      replica,
      digits: fresh ? this.digits : undefined,
    }));
    for (const member of this.workers) member.fresh = false;
  }

  add() {
    const member = { worker: this.startWorker(), fresh: true, queue: [] };
    member.worker.onmessage = ({ data }) => member.queue.shift()?.(data);
    member.worker.onerror = (event) =>
      this.onProblem(`The training stopped: ${event.message ?? "a worker did not start"}.`);
    this.workers.push(member);
  }

  close() {
    for (const { worker } of this.workers.splice(0)) worker.terminate();
  }

  // Send every worker (of a side) a message, and hand on the views that they answer with.
  async ask(message, side) {
    const generation = this.generation;
    const members = this.workers.filter((member) => !side || member.side === side);
    return Promise.all(
      members.map(async (member) => {
        const answer = await new Promise((resolve) => {
          member.queue.push(resolve);
          member.worker.postMessage(typeof message === "function" ? message(member) : message);
        });
        if (generation !== this.generation) return answer;
        if (answer.error) this.onProblem(`The training stopped: ${answer.error}`);
        else this.onView(member.side, member.replica, answer);
        return answer;
      }),
    );
  }

  // Train on to the next picture; or exactly `images` further.
  async advance(images) {
    const fixed = images ?? STRIDE[this.state.speed];
    const step = Math.max(this.state.batch, Number.isFinite(fixed) ? fixed : this.stride);
    this.images += step;
    const target = this.images;
    const answers = await this.ask({ type: "advance", images: target });
    const slowest = Math.max(...answers.map((answer) => answer.trained?.seconds ?? 0));
    if (slowest > 0)
      this.stride = Math.min(4000, Math.max(this.state.batch, Math.round((step * FRAME) / 1000 / slowest)));
    this.speeds = answers.map((answer) =>
      answer.trained?.seconds ? answer.trained.images / answer.trained.seconds : 0,
    );
    this.images = Math.max(this.images, ...answers.map((answer) => answer.images ?? 0));
  }
}
