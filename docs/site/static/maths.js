// Mathematics, set after the first paint: MathJax is 1.2 MB, and the words can be read before.

window.MathJax = {
  options: { enableMenu: false, processHtmlClass: "tex2jax_process|mathjax_process|math|output_area" },
  chtml: { displayAlign: "left" },
  startup: {
    pageReady: () => MathJax.startup.defaultPageReady().then(() => {
      for (const formula of document.querySelectorAll("mjx-container[display]"))
        if (formula.scrollWidth > formula.clientWidth) formula.tabIndex = 0; // so that the arrow keys can scroll it
      for (const formula of document.querySelectorAll("th > p > .math:only-child > mjx-container")) inWords(formula);
      document.documentElement.dataset.maths = "set";
    }),
  },
};
// A column's head that is a formula alone gets words: some readers say nothing for one.
function inWords(formula) {
  const [{ math }] = MathJax.startup.document.getMathItemsWithin(formula.parentNode);
  formula.ariaHidden = "true";
  formula.after(Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: math }));
}

const mathjax = new URL("mathjax/tex-chtml.js", document.currentScript.src);
const script = Object.assign(document.createElement("script"), { src: mathjax, async: true });
requestAnimationFrame(() => setTimeout(() => document.head.append(script)));
