// What there is to see of a state, pane by pane. Whatever a guest names becomes text, never markup.
import { hex, shown, explained, TYPES } from "./values.mjs";
import { OUTCOMES, placeName } from "./source.mjs";

/** Bytes of memory in a row, and rows. */
export const ROW = 16;
const ROWS = 16;

/** Most lines of code that are shown at a time. */
const LINES = 120;

/** Most frames, or operands, that are shown. */
const MANY = 400;

/** An element with attributes and contents. */
export function make(tag, attributes = {}, ...contents) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...contents);
  return element;
}

function fill(id, ...contents) {
  const pane = document.getElementById(id);
  pane.replaceChildren(...contents);
  return pane;
}

function empty(text) {
  return make("p", { class: "empty" }, text);
}

/** A value in a cell of a table; a changed one has a mark beside its colour. */
function valueCell(letter, value, isNew) {
  const cell = make("td", { class: "value", title: explained(letter, value) });
  if (isNew) cell.append(make("span", { class: "mark" }, "* "), make("span", { class: "sr" }, "changed "));
  cell.append(shown(letter, value));
  return cell;
}

function table(caption, heads, rows) {
  const head = make("tr", {}, ...heads.map((text) => make("th", { scope: "col" }, text)));
  return make(
    "table",
    {},
    make("caption", { class: "sr" }, caption),
    make("thead", {}, head),
    make("tbody", {}, ...rows),
  );
}

/** The code of a function, the line at hand marked. `look` has breakpoints, matches, cursor. */
export class CodePane {
  constructor(pane) {
    this.pane = pane;
    this.shown = null;
    this.rows = [];
    pane.addEventListener("scroll", () => {
      this.scrolled = undefined;
    });
    window.addEventListener("resize", () => this.resized());
  }

  show(number, func, step, look) {
    const here = func.steps[step]?.line ?? 0;
    this.cursor = look.cursor ?? here;
    const inside = this.cursor >= this.first && this.cursor < this.first + this.rows.length;
    if (this.shown !== number || !inside) this.build(number, func);
    document.getElementById("code-title").textContent = `Code of ${func.name}`;
    this.rows.forEach((row, at) => {
      const line = this.first + at;
      const place = placeName(number, func.lines[line].step);
      const stops = func.lines[line].step >= 0 && look.breakpoints.has(place);
      // Most rows stay as they are.
      const looks = [line === here, line === this.cursor, stops, look.matches.has(place)].join();
      if (this.looks[at] === looks) return;
      this.looks[at] = looks;
      row.classList.toggle("here", line === here);
      row.classList.toggle("break", stops);
      row.classList.toggle("match", look.matches.has(place));
      row.classList.toggle("cursor", line === this.cursor);
      row.setAttribute("aria-selected", String(line === this.cursor));
      if (line === here) row.setAttribute("aria-current", "step");
      else row.removeAttribute("aria-current");
      const mark = `${stops ? "●" : line === here ? "▶" : ""} ${hex(func.lines[line].offset, 4)}`;
      if (row.firstChild.textContent !== mark) row.firstChild.textContent = mark;
    });
    const row = this.rows[this.cursor - this.first];
    if (!row) return;
    this.pane.setAttribute("aria-activedescendant", row.id);
    // Together with the rest of the page, which would be laid out twice otherwise.
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.scroll(row));
  }

  /** Brings the row of the cursor into view. */
  scroll(row) {
    this.height ??= row.offsetHeight;
    this.room ??= this.pane.clientHeight;
    const top = (this.cursor - this.first) * this.height;
    if (this.scrolled === undefined) this.scrolled = this.pane.scrollTop;
    if (top < this.scrolled + this.height * 2 || top + this.height * 3 > this.scrolled + this.room) {
      this.scrolled = Math.max(0, top - this.room / 3);
      this.pane.scrollTop = this.scrolled;
    }
  }

  /** Forgets what was measured. */
  resized() {
    this.height = this.room = undefined;
  }

  build(number, func) {
    this.shown = number;
    this.looks = [];
    const { length } = func.lines;
    this.first = length <= LINES ? 0 : Math.max(0, Math.min(this.cursor - LINES / 2, length - LINES));
    const lines = func.lines.slice(this.first, this.first + LINES);
    this.rows = lines.map((line, at) =>
      make(
        "div",
        { class: line.step < 0 ? "row dead" : "row", role: "option", id: `line-${this.first + at}` },
        make("span", { class: "margin" }),
        make("span", { class: "text" }, "  ".repeat(Math.min(line.depth, 20)) + line.text),
      ),
    );
    this.rows.forEach((row, at) => {
      row.dataset.line = String(this.first + at);
    });
    this.scrolled = undefined;
    this.pane.replaceChildren(...this.rows);
    if (this.rows.length === 0) this.pane.append(make("div", { role: "option" }, "no code"));
  }
}

export function showStack(frame, pushes, isInnermost) {
  if (!frame || frame.stack.length === 0) return fill("stack", empty("The stack is empty."));
  const { stack } = frame;
  const rows = [];
  for (let at = stack.length - 1; at >= Math.max(0, stack.length - MANY); at--) {
    const { letter, value, by } = stack[at];
    const isNew = isInnermost && at >= stack.length - pushes;
    rows.push(
      make(
        "tr",
        { class: isNew ? "new" : null },
        make("td", {}, at === stack.length - 1 ? "top" : String(at)),
        make("td", { class: "type" }, TYPES[letter]),
        valueCell(letter, value, isNew),
        make("td", { class: "by" }, by === null || by === undefined ? "" : ` by ${by}`),
      ),
    );
  }
  if (stack.length > MANY) rows.push(make("tr", {}, make("td", {}, `${stack.length - MANY} more`)));
  return fill("stack", table("Operands, the top first", ["place", "type", "value", "step"], rows));
}

export function showLocals(func, frame, changed) {
  if (!frame || func.locals.length === 0) return fill("locals", empty("The function has no locals."));
  const rows = frame.locals.map((value, at) => {
    const letter = func.locals[at];
    const kind = at < func.params ? "parameter" : "local";
    return make(
      "tr",
      { class: at === changed ? "new" : null, title: `${kind} ${at}` },
      make("td", {}, func.names[at]),
      make("td", { class: "type" }, TYPES[letter]),
      valueCell(letter, value, at === changed),
    );
  });
  return fill("locals", table("Parameters and locals", ["name", "type", "value"], rows));
}

export function showGlobals(meta, globals, changed) {
  if (globals.length === 0) return fill("globals", empty("There are no globals."));
  const rows = globals.map((value, at) => {
    const [name, letter] = meta.globals[at] ?? [String(at), "i"];
    return make(
      "tr",
      { class: at === changed ? "new" : null },
      make("td", {}, name),
      make("td", { class: "type" }, TYPES[letter]),
      valueCell(letter, value, at === changed),
    );
  });
  return fill("globals", table("Globals", ["name", "type", "value"], rows));
}

export function showLabels(func, frame) {
  const open = frame ? func.open(frame.step) : [];
  if (open.length === 0) return fill("labels", empty("No label is open."));
  const rows = open.slice(0, MANY).map(({ kind, offset, arity, height }, depth) =>
    make(
      "tr",
      {},
      make("td", {}, String(depth)),
      make("td", {}, kind),
      make("td", { class: "type" }, `0x${hex(offset, 4)}`),
      make("td", {}, String(arity)),
      make("td", {}, String(height)),
    ),
  );
  return fill("labels", table("Labels, the innermost first", ["depth", "opened by", "at", "arity", "height"], rows));
}

/** The frames, of which one is looked at; `choose` is called with another. */
export function showFrames(source, frames, chosen, choose) {
  if (frames.length === 0) return fill("frames", empty("No function is active."));
  const items = frames.slice(0, MANY).map((frame, at) => {
    const func = source.func(frame.func);
    const text = `${func.name}  0x${hex(func.line(frame.step)?.offset ?? 0, 4)}`;
    const button = make("button", { type: "button", class: "frame", "aria-pressed": String(at === chosen) }, text);
    button.addEventListener("click", () => choose(at));
    return make("li", {}, button);
  });
  if (frames.length > MANY) items.push(make("li", {}, `${frames.length - MANY} more`));
  const list = make("ol", { class: "plain", "aria-label": "Frames, the innermost first" }, ...items);
  return fill("frames", list);
}

/** What the last step did, in sentences. */
export function sentences(source, state) {
  const { event } = state;
  if (!event) return [state.t === 0 ? "Nothing was executed yet." : "The trace begins here."];
  const func = source.func(event.func);
  const text = func.line(event.step)?.text ?? "";
  const said = [`Step ${state.t - 1}, ${text}, in ${func.name}: ${OUTCOMES[event.outcome]}.`];
  const list = (values) => values.map(({ letter, value }) => `${TYPES[letter]} ${shown(letter, value)}`);
  if (event.pops.length > 0) said.push(`It took ${list(event.pops).join(", ")}.`);
  const stack = state.frames[0]?.stack ?? [];
  const pushed = event.pushes > 0 ? stack.slice(-event.pushes) : [];
  if (pushed.length > 0) said.push(`It left ${list(pushed).join(", ")}.`);
  if (event.local !== undefined) said.push(`Local ${func.names[event.local]} was written.`);
  if (event.global !== undefined) said.push(`Global ${source.meta.globals[event.global]?.[0]} was written.`);
  for (const [memory, address, length] of event.writes.slice(0, 8)) {
    const count = length === 1 ? "1 byte" : `${length} bytes`;
    const which = source.meta.memories.length > 1 ? ` of memory ${memory}` : "";
    said.push(`${count} at 0x${hex(address)}${which} ${length === 1 ? "was" : "were"} written.`);
  }
  said.push(...event.notes);
  if (event.trap) said.push(`The trap is: ${event.trap}.`);
  return said;
}

export function showRules(source, state) {
  const items = sentences(source, state).map((text) => make("li", {}, text));
  if (state.end) items.push(make("li", {}, state.end));
  const rules = (state.event?.rules ?? []).map((rule) => make("li", {}, make("code", {}, rule)));
  const parts = [make("ul", { class: "plain" }, ...items)];
  if (rules.length > 0) parts.push(make("ol", { class: "plain", "aria-label": "Rules" }, ...rules));
  return fill("rules", ...parts);
}

/** A window of a memory in hexadecimal, with the bytes that the last step wrote marked. */
export async function showMemory(source, state, number, address) {
  const size = state.sizes[number];
  if (size === undefined) return fill("memory", empty("There is no memory."));
  const isShared = source.meta.memories[number]?.[1];
  if (isShared) return fill("memory", empty("Threads share this memory; its contents are not recorded."));
  if (size === 0) return fill("memory", empty("The memory has no bytes."));
  const top = Math.max(0, Math.ceil(size / ROW) - ROWS) * ROW;
  const start = Math.min(Math.floor(address / ROW) * ROW, top);
  const length = Math.min(ROW * ROWS, size - start);
  const bytes = await source.memory(state.t, number, start, length);
  const written = (state.event?.writes ?? []).filter((write) => write[0] === number);
  const isNew = (at) => written.some(([, from, count]) => at >= from && at < from + count);
  const rows = [];
  for (let row = 0; row < length; row += ROW) {
    const part = bytes.subarray(row, row + ROW);
    const cells = Array.from(part, (byte, at) =>
      isNew(start + row + at)
        ? make("td", { class: "new", title: "written by the last step" }, `${hex(byte, 2)}*`)
        : make("td", {}, `${hex(byte, 2)} `),
    );
    const text = Array.from(part, (byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "·"));
    const head = make("th", { scope: "row" }, hex(start + row, 8));
    rows.push(make("tr", {}, head, ...cells, make("td", {}, text.join(""))));
  }
  const caption = `Bytes from 0x${hex(start)}, ${ROW} a row; the memory has ${size} bytes`;
  const caption_ = make("caption", { class: "sr" }, caption);
  return fill("memory", make("table", {}, caption_, make("tbody", {}, ...rows)));
}

export function showOutput(parts) {
  if (parts.length === 0) return fill("output", empty("The guest has written nothing so far."));
  const lines = parts.map(([, isError, text]) => make("span", { class: isError ? "error" : null }, text));
  const pane = fill("output", make("pre", {}, ...lines));
  pane.scrollTop = pane.scrollHeight;
  return pane;
}
