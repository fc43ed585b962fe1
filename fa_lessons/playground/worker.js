// A worker trains one replica of one side. Messages in: {start}, {advance}, {act}, {digit}; each is answered by a view
// of the network as it stands, or by {error}, a sentence.

import { asDigits } from "./digits.js";
import { Matrix } from "./matrices.js";
import { percentWrong, probe } from "./measures.js";
import { Trainer } from "./trainer.js";
import { recordDue, view } from "./view.js";

export function listen(scope) {
  let data, trainer, drawn, lastRecord;
  const answer = (more = {}) => scope.postMessage({ ...view(trainer, drawn), ...more });

  const record = () => {
    lastRecord = trainer.images;
    return { record: { images: trainer.images, error: percentWrong(trainer.network, data.test), ...probe(trainer) } };
  };

  const handlers = {
    start({ digits, settings, replica }) {
      if (digits) data = asDigits(digits);
      trainer = new Trainer(data, settings, replica);
      answer(record());
    },
    // Train until `images` are seen in all, and not much longer than `milliseconds`.
    advance({ images, milliseconds = Infinity }) {
      const begin = performance.now();
      const before = trainer.images;
      while (trainer.images < images && trainer.divergedAt === null && performance.now() - begin < milliseconds)
        trainer.step();
      const seconds = (performance.now() - begin) / 1000;
      const due = recordDue(lastRecord, trainer.images) || trainer.divergedAt !== null;
      answer({ trained: { images: trainer.images - before, seconds }, ...(due ? record() : {}) });
    },
    // quiet: while a line is being dragged, nothing is measured.
    act({ step, quiet }) {
      trainer.act(step);
      answer(quiet ? {} : record());
    },
    digit({ pixels }) {
      drawn = pixels && new Matrix(1, pixels.length, pixels);
      answer();
    },
  };

  scope.onmessage = ({ data: message }) => {
    try {
      handlers[message.type](message);
    } catch (error) {
      scope.postMessage({ error: error.message });
    }
  };
}
