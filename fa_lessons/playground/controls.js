// The form of all settings: one control for each field of state.js.

import { element } from "./dom.js";
import { sentence } from "./fields.js";
import { RULES } from "./rules.js";
import { ACTIONS } from "./schedule.js";
import { LABELS, SHARED, SIDE } from "./state.js";

const SHOWN = ["hidden", "activation", "batch", "seed", "replicas"];
const WORDS = Object.entries(ACTIONS).map(([action, words]) => `${action}: ${words}`);
const PLAN = `A plan is a list of ACTION@IMAGES: what happens after so many images. ${WORDS.join("; ")}. One line is
:layer.from.to, as in flip:1.10.3@5000, one layer :layer, counted from 1. Buttons and hands write it, too.`;
const HINTS = {
  hidden: "such as 100, or 200,100, or 20x32; empty for none",
  plan: "such as readout@0, hidden@10000, flip@12000",
};

// Fill `form`; onChange(side or null, name, value) for a value that fits, onProblem(sentence, or "") for any.
export function build(form, onChange, onProblem) {
  const controls = {};
  const group = (title, fields, names, side) =>
    element(
      "fieldset",
      { class: side ?? "" },
      element("legend", {}, title),
      ...names.map((name) => {
        const input = control(name, fields[name]);
        controls[side ? `${side}.${name}` : name] = input;
        input.addEventListener("change", () => {
          try {
            onChange(side, name, fields[name].parse(text(input)));
            input.removeAttribute("aria-invalid");
            onProblem("");
          } catch (error) {
            input.setAttribute("aria-invalid", "true");
            onProblem(sentence(LABELS[name], error, side));
          }
        });
        return element("label", { class: name === "plan" ? "wide" : "" }, `${LABELS[name]} `, input);
      }),
    );
  form.append(
    group("Both networks", SHARED, SHOWN),
    ...["a", "b"].map((side) => group(`Network ${side.toUpperCase()}`, SIDE, Object.keys(SIDE), side)),
  );
  form.firstChild.append(element("p", {}, PLAN));
  form.addEventListener("submit", (event) => event.preventDefault());
  return controls;
}

function control(name, field) {
  if (field.options) return select(field.options);
  if (field.initial === false) return element("input", { type: "checkbox", name });
  return element("input", {
    type: "text",
    name,
    inputmode: "min" in field ? "decimal" : "text",
    placeholder: HINTS[name] ?? "",
    spellcheck: "false",
    autocomplete: "off",
  });
}

export function select(options) {
  return element("select", {}, ...options.map((value) => element("option", { value }, RULES[value]?.label ?? value)));
}

function text(input) {
  return input.type === "checkbox" ? (input.checked ? "yes" : "no") : input.value;
}

// Show a state in the controls.
export function show(controls, state) {
  for (const [key, input] of Object.entries(controls)) {
    const [side, name] = key.includes(".") ? key.split(".") : [null, key];
    const value = side ? state[side][name] : state[name];
    if (input.type === "checkbox") input.checked = value;
    else input.value = (side ? SIDE : SHARED)[name].format(value);
    input.removeAttribute("aria-invalid");
  }
}
