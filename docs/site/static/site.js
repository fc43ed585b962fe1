// What the pages do: start the playground on a click, fit a frame to what is in it, filter the ledger, unfold on paper.

for (const link of document.querySelectorAll("a.start"))
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const frame = Object.assign(document.createElement("iframe"), { className: "live", title: link.dataset.title });
    frame.src = link.href;
    link.closest("div.live").replaceWith(frame);
    fit(frame);
    frame.focus();
  });

// A frame is as high as its page, at every width.
function fit(frame) {
  frame.addEventListener("load", () => {
    const page = frame.contentDocument.documentElement;
    const resize = () => (frame.style.height = `${frame.contentDocument.body.scrollHeight + 4}px`);
    new ResizeObserver(resize).observe(page.querySelector("body"));
  });
}
document.querySelectorAll("iframe.live").forEach(fit);

for (const form of document.querySelectorAll("form[data-filters]")) {
  const rows = [...document.querySelectorAll(`#${form.dataset.filters} tbody tr`)];
  const column = { source: 1, verdict: 2, measured: 4 };
  const chosen = new URLSearchParams(location.search);
  for (const select of form.querySelectorAll("select")) select.value = chosen.get(select.name) ?? "";
  const show = () => {
    const wanted = [...new FormData(form)].filter(([, value]) => value);
    const fits = (row) => wanted.every(([name, value]) => matches(name, row.cells[column[name]].textContent, value));
    for (const row of rows) row.hidden = !fits(row);
    form.querySelector("output").textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} claims`;
    const query = new URLSearchParams(wanted).toString();
    history.replaceState(null, "", location.pathname + (query && `?${query}`) + location.hash);
  };
  form.addEventListener("change", show);
  form.hidden = false;
  show();
}

// "lesson 1" is not "lesson 10", and "reproduced" is not "not reproduced".
function matches(name, text, value) {
  if (name === "verdict") return text.split(":")[0].trim() === value;
  return name === "source" ? text.includes(value) : new RegExp(`${value}\\b`).test(text);
}

// On paper nothing is folded, and every picture is there: the button waits for them.
let folded = [];
function unfold() {
  folded = [...document.querySelectorAll(".bd-article details:not([open])")];
  for (const part of folded) part.open = true;
  for (const picture of document.images) picture.loading = "eager";
}
addEventListener("beforeprint", unfold);
addEventListener("afterprint", () => {
  for (const part of folded) part.open = false;
});
for (const button of document.querySelectorAll("button.print")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    unfold();
    await Promise.all([...document.querySelectorAll(".bd-article img")].map((picture) => picture.decode()));
    print();
  });
}
