// The markup of the page. data-part names what the code fills in.

const side = (name) => `
  <section class="side ${name}" aria-label="Network ${name.toUpperCase()}">
    <div class="side-head">
      <h2><span class="swatch"></span>${name.toUpperCase()}</h2>
      <label class="grow"><span class="unseen">Learning rule of ${name.toUpperCase()}</span><select data-part="${name}-quick"></select></label>
      <p class="numbers" data-part="${name}-numbers"></p>
    </div>
    <canvas class="network" data-part="${name}-network" tabindex="0" role="application"
      aria-label="Network ${name.toUpperCase()}. Arrow keys choose a feedback line, F flips its sign, C cuts it, plus and minus change its weight."></canvas>
    <div class="hands" role="group" aria-label="Change the feedback of ${name.toUpperCase()} now">
      <button data-do="flip">flip B</button><button data-do="redraw">new B</button><button
        data-do="cut">cut half</button>
      <label><span class="unseen">What learns in ${name.toUpperCase()}</span><select data-part="${name}-learns"></select></label>
    </div>
  </section>`;

export const LAYOUT = `
  <header>
    <h1>Feedback alignment, live</h1>
    <label class="grow">experiment <select data-part="preset"></select></label>
    <div class="transport" role="group" aria-label="Training">
      <button class="play" data-part="play" aria-pressed="false">Play</button>
      <button data-part="step">Step</button>
      <button data-part="reset">Reset</button>
      <label>speed <select data-part="speed"><option value="slow">slow</option><option value="medium">medium</option>
        <option value="full" selected>full</option></select></label>
      <button data-part="share">Copy link</button>
      <button data-part="help">Help</button>
    </div>
  </header>
  <section class="tour" data-part="tour" aria-label="How to read this page" hidden>
    <p data-part="tour-text" tabindex="-1"></p>
    <button data-part="tour-next">Next</button><button data-part="tour-skip">Skip</button>
  </section>
  <p class="sentence" data-part="sentence"></p>
  <p class="problem" data-part="problem" role="alert" hidden></p>
  <p class="unseen" role="status" data-part="status"></p>
  <div class="stage">
    ${side("a")}
    <section class="charts" aria-label="Curves of both networks">
      <canvas data-part="error" role="img"></canvas>
      <canvas data-part="angle" role="img"></canvas>
      <canvas data-part="positive" role="img"></canvas>
      <p class="seen" data-part="seen"></p>
    </section>
    ${side("b")}
  </div>
  <section class="answers" aria-label="Ten test digits and your own">
    <div class="digits" role="group" aria-label="Ten test digits; choose the one that the networks show" data-part="digits"></div>
    <div class="own">
      <canvas class="pad" data-part="pad" tabindex="0" role="application"
        aria-label="Draw a digit. Arrow keys move the pen, space puts it down or lifts it, Escape wipes."></canvas>
      <div><p data-part="own">Draw a digit.</p><button data-part="wipe">Wipe</button></div>
    </div>
  </section>
  <details class="settings" data-part="settings">
    <summary>Change the experiment</summary>
    <form data-part="form"></form>
  </details>
  <footer>
    <p>Two networks learn 20,000 handwritten digits in your browser, from the same seed, on the same batches; 2,000
    other digits test them. They compute what the Python package computes: the same seed gives the same weights.
    Blue weights are positive, orange ones negative.</p>
    <p>MNIST by Y. LeCun, C. Cortes and C. J. C. Burges, CC BY-SA 3.0. Nothing that you do here leaves your machine.</p>
  </footer>`;
