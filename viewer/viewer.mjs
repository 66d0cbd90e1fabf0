// The page: time, keys, breakpoints, search, links to a time. Knows sources by `source.mjs` only.
import { placeName, placeOf } from "./source.mjs";
import { CodePane, make, showFrames, showGlobals, showLabels, showLocals, showMemory, showOutput, showRules, showStack } from "./panes.mjs";

/** What can be done: key, other key, text of the button (or none), what it does. */
const VERBS = [
  ["back", "h", "ArrowLeft", "◀ Back", "Step back"],
  ["step", "l", "ArrowRight", "Step ▶", "Step"],
  ["overBack", "N", "", "◀ Over", "Back to the step before in this function or an outer one"],
  ["over", "n", "", "Over ▶", "Step over a call"],
  ["outBack", "O", "", "◀ Out", "Back to the call of this function"],
  ["out", "o", "", "Out ▶", "Run until this function returns"],
  ["previousBreak", "C", "", "◀ Break", "Back to the breakpoint before, or to the beginning"],
  ["nextBreak", "c", "", "Break ▶", "Continue to the next breakpoint, or to the end"],
  ["toggleBreak", "b", "", "Set break", "Set or clear a breakpoint at the selected line"],
  ["focusGoto", "g", "", "", "Go to a time"],
  ["focusSearch", "/", "", "", "Search instructions and functions"],
  ["nextMatch", "]", "", "", "Next step that matches the search"],
  ["previousMatch", "[", "", "", "Step before that matches the search"],
  ["focusMemory", "m", "", "", "Look at an address of memory"],
  ["help", "?", "", "", "Show these keys"],
];

const $ = (id) => document.getElementById(id);

export class Viewer {
  constructor() {
    this.source = null;
    this.time = 0;
    this.state = null;
    this.chosen = 0;
    this.cursor = null;
    this.breakpoints = new Set();
    this.matches = new Set();
    this.address = 0;
    this.wanted = null;
    this.working = null;
    this.code = new CodePane($("code"));
    this.makeControls();
    this.listen();
  }

  /** Shows another source, at the time that the link names. */
  async open(source) {
    await this.working;
    this.source = source;
    this.breakpoints.clear();
    this.matches.clear();
    this.code.listing = null;
    this.address = 0;
    $("slider").min = $("goto").min = String(source.from);
    this.showLength();
    const numbers = source.meta.memories.map(([name], at) => make("option", { value: at }, name));
    $("memory-number").replaceChildren(...numbers);
    $("memory-bar").hidden = numbers.length === 0;
    const linked = /^#t=(\d+)$/.exec(location.hash);
    await this.goto(linked ? Number(linked[1]) : source.from);
  }

  showLength() {
    const { from, length, isWhole } = this.source;
    $("slider").max = String(length);
    $("total").textContent = `of ${length}${isWhole ? "" : " and more"}`;
    const steps = length - from === 1 ? "1 step" : `${length - from} steps`;
    const which = from > 0 || !isWhole ? `, from ${from} to ${length} of a longer run` : "";
    $("range").textContent = `${steps}${which}`;
  }

  /** Shows the state at a time. Of requests that come while one is worked on, the last counts. */
  async goto(time) {
    if (!this.source) return;
    this.wanted = Math.max(this.source.from, Math.min(time, this.source.length));
    this.cursor = null;
    this.chosen = 0;
    this.working ??= this.work()
      .catch((error) => this.say(`This time cannot be shown: ${error.message}`))
      .finally(() => {
        this.working = null;
      });
    await this.working;
  }

  async work() {
    while (this.wanted !== null) {
      const time = this.wanted;
      this.wanted = null;
      this.state = await this.source.stateAt(time);
      this.time = time;
      await this.show();
    }
  }

  async show() {
    const { source, state } = this;
    this.showLength();
    $("slider").value = String(this.time);
    $("goto").value = String(this.time);
    clearTimeout(this.linking);
    this.linking = setTimeout(() => history.replaceState(null, "", `#t=${this.time}`), 200);
    const write = state.event?.writes[0];
    if (write && $("follow").checked && $("memory-number").options.length > write[0]) {
      $("memory-number").value = String(write[0]);
      const [, at] = write;
      if (at < this.address || at >= this.address + 256) this.address = Math.max(0, at - (at % 16) - 32);
    }
    this.showFrame();
    showGlobals(source.meta, state.globals, state.event?.global);
    showRules(source, state);
    showOutput(source.output(this.time));
    await this.showMemory();
    const frame = state.frames[0];
    const next = frame ? source.func(frame.func).line(frame.step)?.text : null;
    const where = frame ? `${next} comes next, in ${source.func(frame.func).name}.` : "";
    this.say(`Time ${this.time}. ${state.end ?? where}`);
  }

  /** What belongs to the frame that is looked at. */
  showFrame() {
    const { source, state } = this;
    const frame = state.frames[this.chosen];
    const { event } = state;
    const isWriter = this.chosen === 0 && event?.func === frame?.func && [0, 5].includes(event?.outcome);
    const func = frame && source.func(frame.func);
    if (frame) this.code.show(func, frame.step, this);
    showStack(frame, event?.pushes ?? 0, this.chosen === 0);
    showLocals(func, frame, isWriter ? event.local : undefined);
    showLabels(func, frame);
    showFrames(source, state.frames, this.chosen, (at) => {
      this.chosen = at;
      this.cursor = null;
      this.showFrame();
      $("frames").querySelector('[aria-pressed="true"]')?.focus();
    });
  }

  async showMemory() {
    $("address").value = `0x${this.address.toString(16)}`;
    await showMemory(this.source, this.state, Number($("memory-number").value), this.address);
  }

  say(text) {
    $("status").textContent = text;
  }

  /** Goes to where something holds, if it does anywhere. */
  async seek(direction, want, otherwise) {
    const found = await this.source.seek(this.time, direction, want);
    if (found !== null) return this.goto(found);
    if (otherwise !== undefined) return this.goto(otherwise);
    return this.say(direction > 0 ? "Nothing further on." : "Nothing before.");
  }

  /** Carries out a verb, and says so when that fails. */
  async try(verb) {
    try {
      await this.act(verb);
    } catch (error) {
      this.say(`This cannot be done: ${error.message}`);
    }
  }

  /** Carries out a verb of the table. */
  async act(verb) {
    const { source } = this;
    if (!source && verb !== "help") return;
    const end = (direction) => (direction > 0 ? source.length : source.from);
    switch (verb) {
      case "step": return this.goto((this.wanted ?? this.time) + 1);
      case "back": return this.goto((this.wanted ?? this.time) - 1);
      case "over": return this.seek(1, { kind: "over" }, end(1));
      case "overBack": return this.seek(-1, { kind: "over" }, end(-1));
      case "out": return this.seek(1, { kind: "out" }, end(1));
      case "outBack": return this.seek(-1, { kind: "out" }, end(-1));
      case "nextBreak": return this.seek(1, { kind: "places", places: this.breakpoints }, end(1));
      case "previousBreak": return this.seek(-1, { kind: "places", places: this.breakpoints }, end(-1));
      case "nextMatch": return this.seek(1, { kind: "places", places: this.matches });
      case "previousMatch": return this.seek(-1, { kind: "places", places: this.matches });
      case "toggleBreak": return this.toggleBreak();
      case "focusGoto": return $("goto").select();
      case "focusSearch": return $("search").select();
      case "focusMemory": return $("address").select();
      case "help": return $("help").showModal();
    }
  }

  toggleBreak() {
    const frame = this.state?.frames[this.chosen];
    if (!frame) return;
    const { listing } = this.source.func(frame.func);
    const { places } = listing.length > 0 ? listing.row(this.code.cursor) : { places: [] };
    const own = places.find((place) => placeOf(place)[0] === frame.func);
    const place = places.find((place) => this.breakpoints.has(place)) ?? own ?? places[0];
    if (!place) return this.say("No instruction that can be reached begins here.");
    const isSet = !this.breakpoints.delete(place);
    if (isSet) this.breakpoints.add(place);
    this.showFrame();
    const [number, step] = placeOf(place);
    const { text } = this.source.func(number).line(step);
    this.say(`Breakpoint ${isSet ? "set at" : "removed from"} ${text}.`);
  }

  /** Finds the places whose instruction, or whose function, has a text in it. */
  find(text) {
    this.matches.clear();
    const wanted = text.trim().toLowerCase();
    if (wanted === "" || !this.source) return;
    for (let number = 0; number < this.source.funcCount; number++) {
      const func = this.source.func(number);
      if (func.name.toLowerCase().includes(wanted)) this.matches.add(placeName(number, 0));
      func.json.lines.forEach(([, , text], line) => {
        const step = func.stepOf[line];
        if (step >= 0 && text.toLowerCase().includes(wanted)) this.matches.add(placeName(number, step));
      });
    }
  }

  makeControls() {
    for (const [verb, key, other, text, what] of VERBS) {
      if (text !== "") {
        const keys = other === "" ? key : `${other} ${key}`;
        const attributes = { type: "button", "aria-keyshortcuts": keys, title: `${what} (${key})` };
        const button = make("button", { ...attributes, "data-verb": verb }, ...named(text));
        if (verb === "step") button.classList.add("main");
        $("buttons").append(button);
      }
      const names = [key, ...(other === "" ? [] : [other.replace("Arrow", "").toLowerCase()])];
      const term = make("dt", {}, ...names.flatMap((name) => [make("kbd", {}, name), " "]));
      $("keys").append(term, make("dd", {}, what));
    }
  }

  listen() {
    document.addEventListener("click", (event) => {
      const verb = event.target.closest?.("[data-verb]")?.dataset.verb;
      if (verb) this.try(verb);
    });
    document.addEventListener("keydown", (event) => this.key(event));
    $("slider").addEventListener("input", () => this.goto(Number($("slider").value)));
    $("goto").addEventListener("change", () => this.goto(Number($("goto").value) || 0));
    $("search").addEventListener("input", () => {
      this.find($("search").value);
      if (this.state) this.showFrame();
    });
    $("search").addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.try(event.shiftKey ? "previousMatch" : "nextMatch");
    });
    $("address").addEventListener("change", () => {
      this.address = Math.max(0, Number($("address").value) || 0);
      if (this.state) this.showMemory();
    });
    $("memory-number").addEventListener("change", () => this.state && this.showMemory());
    $("code").addEventListener("click", (event) => this.select(event.target.closest(".row")));
    $("code").addEventListener("dblclick", () => this.toggleBreak());
    $("help-open").addEventListener("click", () => this.act("help"));
    $("help-close").addEventListener("click", () => $("help").close());
    $("theme").addEventListener("click", switchTheme);
    window.addEventListener("hashchange", () => {
      const linked = /^#t=(\d+)$/.exec(location.hash);
      if (linked) this.goto(Number(linked[1]));
    });
  }

  select(row) {
    if (row?.dataset.line) this.selectLine(Number(row.dataset.line));
  }

  selectLine(line) {
    const frame = this.state?.frames[this.chosen];
    if (!frame) return;
    const { length } = this.source.func(frame.func).listing;
    this.cursor = Math.max(0, Math.min(line, length - 1));
    this.showFrame();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || $("help").open) return;
    const { target } = event;
    const isField = target.matches("input:not([type=checkbox]), textarea, select");
    if (isField) {
      if (event.key === "Escape") target.blur();
      return;
    }
    if (target.id === "code" && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const by = event.key === "ArrowDown" ? 1 : -1;
      this.selectLine(this.code.cursor + by);
      event.preventDefault();
      return;
    }
    const verb = VERBS.find(([, key, other]) => event.key === key || event.key === other);
    if (!verb) return;
    event.preventDefault();
    this.try(verb[0]);
  }
}

/** The text of a button, whose arrow is a word for those who do not see it. */
function named(text) {
  const hidden = (arrow) => make("span", { "aria-hidden": "true" }, arrow);
  const isBack = text.startsWith("◀ ") && text !== "◀ Back";
  if (text.startsWith("◀ ")) {
    return [hidden("◀ "), text.slice(2), ...(isBack ? [make("span", { class: "sr" }, " back")] : [])];
  }
  return text.endsWith(" ▶") ? [text.slice(0, -2), hidden(" ▶")] : [text];
}

/** Light instead of dark, or dark instead of light. */
function switchTheme() {
  const root = document.documentElement;
  const isDark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
}
