// The page of the playground: a text, or a file that is dropped, becomes a module whose exports can
// be called and stepped through.
import { Engine, Live } from "./live.mjs";
import { make } from "./panes.mjs";
import { Viewer } from "./viewer.mjs";

const [examplesLine, moduleLine] = document.getElementById("data").textContent.split("\n");
const examples = JSON.parse(examplesLine);
const viewer = new Viewer();

/** The part of the page where programs are written. */
class Workbench {
  constructor(engine) {
    this.engine = engine;
    this.binary = null;
    this.exports = [];
    this.build();
    this.text.value = examples[0]?.[1] ?? "";
    this.load();
  }

  build() {
    const place = document.getElementById("workbench");
    this.example = make("select", { id: "example" });
    examples.forEach(([name], at) => this.example.append(make("option", { value: at }, name)));
    this.text = make("textarea", { id: "text", spellcheck: "false", autocapitalize: "off", rows: 12 });
    this.file = make("input", { type: "file", id: "file", accept: ".wat,.wasm,.wast" });
    this.export_ = make("select", { id: "export" });
    this.args = make("input", { type: "text", id: "args", size: 14, autocomplete: "off", value: "5" });
    this.start = make("button", { type: "button", id: "start", class: "main" }, "Start");
    this.more = make("button", { type: "button", id: "more" }, "Run on");
    this.script = make("button", { type: "button", id: "script" }, "Run as a test script");
    this.said = make("pre", { id: "said", class: "good", role: "status" });
    const label = (id, text) => make("label", { for: id }, text);
    place.append(
      make("h2", {}, "Program"),
      make("div", { class: "bar" }, label("example", "Example"), this.example, label("file", "or a file"), this.file),
      label("text", "WebAssembly text (a .wat or .wasm file can be dropped here)"),
      this.text,
      make("div", { class: "bar" }, label("export", "Call"), this.export_, label("args", "with"), this.args, this.start, this.more, this.script),
      this.said,
    );
    place.hidden = false;
    this.listen();
  }

  listen() {
    this.example.addEventListener("change", () => this.take(examples[this.example.value][1]));
    this.text.addEventListener("input", () => {
      this.binary = null;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => {
        this.timer = null;
        this.load();
      }, 400);
    });
    this.file.addEventListener("change", () => this.read(this.file.files[0]));
    this.start.addEventListener("click", () => this.run());
    this.args.addEventListener("keydown", (event) => event.key === "Enter" && this.run());
    this.export_.addEventListener("change", () => this.suggest());
    this.more.addEventListener("click", () => this.runOn());
    this.script.addEventListener("click", () => this.runScript());
    for (const name of ["dragover", "dragleave", "drop"]) {
      this.text.addEventListener(name, (event) => {
        event.preventDefault();
        this.text.classList.toggle("over", name === "dragover");
        if (name === "drop") this.read(event.dataTransfer.files[0]);
      });
    }
  }

  /** Takes another text. */
  take(text) {
    this.binary = null;
    this.text.value = text;
    return this.load();
  }

  /** Takes a file: a text, or a binary module. */
  async read(file) {
    if (!file) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (bytes[0] !== 0) return this.take(new TextDecoder().decode(bytes));
    this.binary = bytes;
    this.text.value = `;; ${file.name}, ${bytes.length} bytes`;
    return this.load();
  }

  get bytes() {
    return this.binary ?? new TextEncoder().encode(this.text.value);
  }

  say(text, isProblem) {
    this.said.textContent = text;
    this.said.className = isProblem ? "problem" : "good";
  }

  async load() {
    clearTimeout(this.timer);
    this.timer = null;
    try {
      this.exports = (await this.engine.ask("load", this.bytes)).exports;
      const options = this.exports.map(({ name, type }, at) => make("option", { value: at }, `${name} ${type}`));
      this.export_.replaceChildren(...options);
      const count = this.exports.length === 1 ? "1 function is" : `${this.exports.length} functions are`;
      this.say(`The module is valid; ${count} exported.`, false);
      this.start.disabled = this.exports.length === 0;
      this.suggest();
    } catch (error) {
      this.start.disabled = true;
      this.say(error.message, true);
    }
  }

  /** An argument for each parameter, unless there are as many already. */
  suggest() {
    const params = this.exports[this.export_.value]?.params ?? [];
    const given = this.args.value.split(/[\s,]+/).filter((word) => word !== "");
    if (given.length !== params.length) this.args.value = params.map(() => "5").join(" ");
  }

  async run() {
    if (this.timer) await this.load();
    if (this.start.disabled) return;
    const { name } = this.exports[this.export_.value];
    const args = this.args.value.split(/[\s,]+/).filter((word) => word !== "");
    try {
      const live = await Live.start(this.engine, name, this.export_.value, args);
      await viewer.open(live);
      this.say(`${name} was started; step through it below.`, false);
      // The text is in the pane of the code, too.
      document.getElementById("controls").scrollIntoView();
    } catch (error) {
      this.say(error.message, true);
    }
  }

  async runOn() {
    if (!viewer.source) return;
    try {
      await viewer.source.more();
      viewer.showLength();
      this.say(viewer.source.isWhole ? "The run has ended." : "The run goes on.", false);
    } catch (error) {
      this.say(error.message, true);
    }
  }

  async runScript() {
    // A script is no module: loading it would only say so.
    clearTimeout(this.timer);
    this.timer = null;
    try {
      const { executed, failed, text } = await this.engine.ask("script", this.bytes);
      this.say(`${executed} directives were executed, ${failed} failed.\n${text}`, failed > 0);
    } catch (error) {
      this.say(error.message, true);
    }
  }
}

Engine.open(moduleLine).then(
  (engine) => new Workbench(engine),
  (error) => viewer.say(`Limpid cannot be started: ${error.message}`),
);
