// Small helpers for the page: parts by name, elements, canvases, the colours of the theme.

const DARK = matchMedia("(prefers-color-scheme: dark)");
const THEMES = {}; // by whether it is dark; to ask the style sheet at every picture costs more than to draw

// The parts of `root` by their data-part, which is unique in it.
export function parts(root) {
  return Object.fromEntries([...root.querySelectorAll("[data-part]")].map((node) => [node.dataset.part, node]));
}

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

// Draw anew when `root` changes its size, or the theme its colours. Returns a function that ends it.
export function onLook(root, draw) {
  const size = new ResizeObserver(draw);
  size.observe(root);
  DARK.addEventListener("change", draw);
  return () => {
    size.disconnect();
    DARK.removeEventListener("change", draw);
  };
}

// A pen for a canvas in CSS pixels, cleared; null while the canvas is not on the page.
export function penFor(canvas) {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!(width > 0 && height > 0)) return null;
  const ratio = Math.min(2, globalThis.devicePixelRatio || 1);
  const size = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size;
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return { pen, width, height };
}

const NAMES = ["text", "quiet", "ground", "panel", "line", "a", "b", "plus", "minus"];

// The theme's colours, from the style sheet: {text, quiet, ground, panel, line, a, b, plus, minus, plusRgb, minusRgb}.
export function colours(node) {
  return THEMES[DARK.matches] ?? readColours(node);
}

function readColours(node) {
  const style = getComputedStyle(node);
  const found = Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  const theme = {
    ...found,
    plusRgb: rgb(found.plus),
    minusRgb: rgb(found.minus),
    groundRgb: rgb(found.panel),
    font: style.fontFamily,
  };
  if (found.text) THEMES[DARK.matches] = theme;
  return theme;
}

// Change a node's text, or an attribute, where it differs: what stays the same costs no layout.
export function write(node, text, attribute = null) {
  if (attribute === null) {
    if (node.textContent !== text) node.textContent = text;
  } else if (node.getAttribute(attribute) !== text) node.setAttribute(attribute, text);
}

// Draws 28 × 28 values as a picture; colour(value) → [red, green, blue].
export function paint(pen, values, x, y, size, colour) {
  const side = Math.sqrt(values.length);
  const image = new ImageData(side, side);
  for (let i = 0; i < values.length; i++) {
    const [red, green, blue] = colour(values[i]);
    image.data.set([red, green, blue, 255], 4 * i);
  }
  const small = (paint.canvas ??= document.createElement("canvas"));
  [small.width, small.height] = [side, side];
  small.getContext("2d").putImageData(image, 0, 0);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(small, x, y, size, size);
}

// The colour between ground and plus or minus, for a value in units of `most`.
export function diverging(theme, most) {
  return (value) => {
    const share = Math.min(1, Math.abs(value) / most || 0);
    const end = value < 0 ? theme.minusRgb : theme.plusRgb;
    return theme.groundRgb.map((from, k) => from + share * (end[k] - from));
  };
}

export const whole = (value) => Math.round(value).toLocaleString("en");
