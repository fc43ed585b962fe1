// The page as a folder of modules: the worker and the digits are files beside this one.

import { openPage } from "./main.js";
import { links } from "./sliders.js";

async function bytes(name) {
  const response = await fetch(new URL(name, import.meta.url));
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return response.arrayBuffer();
}

globalThis.playground = openPage(document.querySelector("main"), {
  startWorker: () => new Worker(new URL("./train.js", import.meta.url), { type: "module" }),
  compressed: bytes("digits.bin"),
});

document.querySelector("footer").insertAdjacentHTML("beforeend", links("index.html"));
