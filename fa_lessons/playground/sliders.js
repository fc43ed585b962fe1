// The controls of a small page and its address, both from its fields.

import { element } from "./dom.js";
import { initial, readWords, writeWords } from "./fields.js";

// A slider for each number, a box for each yes or no, put into `form`. `state` follows the hand; onChange(done): whether
// the hand has let go. Returns a function that shows what `state` holds.
export function sliders(form, fields, labels, state, onChange) {
  const shows = Object.entries(fields).map(([name, field]) => {
    const box = field.initial === false;
    const input = element("input", box ? { type: "checkbox", name } : { type: "range", name, ...range(field) });
    const output = element("output");
    const show = () => {
      if (box) input.checked = state[name];
      else output.value = input.value = state[name];
    };
    const take = (done) => {
      state[name] = box ? input.checked : Number(input.value);
      show();
      onChange(done);
    };
    input.addEventListener("input", () => take(false));
    input.addEventListener("change", () => take(true));
    form.append(element("label", {}, ...(box ? [input, labels[name]] : [labels[name], input, output])));
    return show;
  });
  return () => shows.forEach((show) => show());
}

function range({ min, max, whole, step = 0.05 }) {
  return { min, max, step: whole ? 1 : step };
}

// Keep `state` in the page's address. onRead(sentences) after each reading of it, a new hash included; returns a
// function that writes it.
export function inAddress(fields, labels, state, onRead) {
  const read = () => {
    Object.assign(state, initial(fields));
    onRead(readWords(location.hash, labels, (name) => ({ fields, name, values: state })));
  };
  addEventListener("hashchange", read);
  read();
  return () => {
    const words = new URLSearchParams();
    writeWords(words, fields, state, initial(fields));
    history.replaceState(null, "", `#${words}`);
  };
}

// Say in `node` what is wrong, or hide it.
export function tell(node, sentences) {
  node.textContent = sentences.join(" ");
  node.hidden = !sentences.length;
}

const PAGES = {
  "index.html": "Digits, live",
  "linear.html": "The proof, live",
  "toy.html": "Two neurons, live",
};

// Links to the other pages beside this one.
export function links(here) {
  const others = Object.entries(PAGES).filter(([page]) => page !== here);
  return `<nav>${others.map(([page, title]) => `<a href="${page}">${title}</a>`).join(" · ")}</nav>`;
}
