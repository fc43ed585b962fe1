// Fields of a page's state, and their form in its address. A field says how text becomes a value (throws a RangeError
// that ends a sentence) and how the value becomes text.

export const number = (initial, min, max, whole = false) => ({
  initial,
  min,
  max,
  whole,
  parse(text) {
    const value = Number(text);
    if (text.trim() === "" || !(value >= min && value <= max) || (whole && !Number.isInteger(value)))
      throw new RangeError(`must be ${whole ? "a whole number " : ""}from ${min} to ${max}, got “${text}”`);
    return value;
  },
  format: String,
});
export const choice = (initial, options) => ({
  initial,
  options,
  parse(text) {
    if (!options.includes(text)) throw new RangeError(`must be one of ${options.join(", ")}, got “${text}”`);
    return text;
  },
  format: String,
});
export const flag = {
  initial: false,
  parse: (text) => choice("no", ["yes", "no"]).parse(text) === "yes",
  format: (value) => (value ? "yes" : "no"),
};

export function initial(fields) {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.initial]));
}

// Read "#name=text&…" into the values that `slot(name)` gives as {fields, name, values, side}, or null for a word that
// is not of this page. What cannot be read stays as it is; returns a sentence for each.
export function readWords(hash, labels, slot) {
  const problems = [];
  for (const [key, text] of new URLSearchParams(hash.replace(/^#/, ""))) {
    const { fields = {}, name = "", values, side } = slot(key) ?? {};
    if (!Object.hasOwn(fields, name)) {
      problems.push(`The address names “${key}”, which this page does not have.`);
      continue;
    }
    try {
      values[name] = fields[name].parse(text);
    } catch (error) {
      problems.push(sentence(labels[name], error, side));
    }
  }
  return problems;
}

// Add to `words`, URLSearchParams, all values that differ from the usual ones.
export function writeWords(words, fields, values, usual, prefix = "") {
  for (const [name, field] of Object.entries(fields)) {
    const text = field.format(values[name]);
    if (text !== field.format(usual[name])) words.set(prefix + name, text);
  }
}

// What is wrong with a field, as a sentence. Throws on what is no RangeError of a field.
export function sentence(label, error, side) {
  if (!(error instanceof RangeError)) throw error;
  const message = error.message.endsWith(".") ? error.message : `${label} ${error.message}.`;
  return side ? `Side ${side.toUpperCase()}: ${message}` : message[0].toUpperCase() + message.slice(1);
}
