// What there is to see of a state, pane by pane. Whatever a guest names becomes text, never markup.
import { hex, shown, explained, TYPES } from "./values.mjs";
import { OUTCOMES } from "./source.mjs";

/** Bytes of memory that are shown. */
const SHOWN = 256;

/** Rows of code above and below those that are seen. */
const AROUND = 4;

/** Most frames, or operands, that are shown. */
const MANY = 64;

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

/** The code, the row at hand marked. Of its rows, those exist that can be seen. */
export class CodePane {
  constructor(pane) {
    this.pane = pane;
    this.listing = null;
    this.pool = [];
    this.rows = make("div", { class: "rows", role: "none" });
    this.room = make("div", { class: "room", role: "none" }, this.rows);
    pane.replaceChildren(this.room);
    pane.addEventListener("scroll", () => {
      if (Math.abs(pane.scrollTop - this.top) > 1) this.later();
    });
    new ResizeObserver(() => {
      this.height = 0;
      this.later();
    }).observe(pane);
  }

  /** Shows the code of a function. `look` has breakpoints, matches, and the cursor. */
  show(func, step, look) {
    [this.here, this.column, this.length] = func.spot(step);
    this.cursor = look.cursor ?? this.here;
    this.look = look;
    this.isNew = this.listing !== func.listing;
    this.listing = func.listing;
    document.getElementById("code-title").textContent = `Code of ${func.name}`;
    this.reveal();
  }

  /** Brings the row of the cursor into view. */
  reveal() {
    this.measure();
    const [count, seen] = [this.listing.length, this.height];
    if (this.isNew) this.room.style.height = `${count * this.row}px`;
    this.isNew = false;
    const top = this.cursor * this.row;
    const isSeen = top >= this.top + this.row && top + this.row * 2 <= this.top + seen;
    const most = Math.max(0, count * this.row - seen);
    if (!isSeen) this.top = Math.round(Math.min(most, Math.max(0, top - seen / 3)));
    // A word that no narrow pane has room for is brought into view, too.
    const end = this.margin + (this.column + this.length) * this.letter + this.letter;
    const left = end > this.width ? Math.round(end - this.width * 0.7) : 0;
    if (!isSeen || left !== this.left) {
      this.left = left;
      // Together with the rest of the page, which would be laid out twice otherwise.
      cancelAnimationFrame(this.scrolling);
      this.scrolling = requestAnimationFrame(() => {
        this.pane.scrollTo(left, this.top);
      });
    }
    this.draw();
  }

  /** Measures the pane, when its size may be another one. */
  measure() {
    if (this.height) return;
    this.height = this.pane.clientHeight || 400;
    this.width = this.pane.clientWidth;
    const [margin, letter] = [make("span", { class: "margin" }), make("span", {}, "0")];
    const probe = make("div", { class: "row", role: "none" }, margin, letter);
    this.rows.append(probe);
    this.row = probe.getBoundingClientRect().height || 20;
    this.margin = margin.getBoundingClientRect().width;
    this.letter = letter.getBoundingClientRect().width;
    probe.remove();
    this.top = this.pane.scrollTop;
    this.isNew = true;
  }

  /** Draws again, in the next frame. */
  later() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      if (!this.listing) return;
      this.measure();
      if (this.isNew) this.room.style.height = `${this.listing.length * this.row}px`;
      this.isNew = false;
      this.top = this.pane.scrollTop;
      this.draw();
    });
  }

  draw() {
    const { length } = this.listing;
    const first = Math.max(0, Math.floor(this.top / this.row) - AROUND);
    const many = Math.min(length - first, Math.ceil(this.height / this.row) + 2 * AROUND);
    while (this.pool.length < many) {
      const parts = [make("span", { class: "margin" }), make("span", { class: "text" })];
      this.pool.push(make("div", { class: "row", role: "option" }, ...parts));
      this.rows.append(this.pool[this.pool.length - 1]);
    }
    while (this.pool.length > many) this.pool.pop().remove();
    this.rows.style.transform = `translateY(${first * this.row}px)`;
    this.pool.forEach((element, at) => this.drawRow(element, first + at, this.listing.row(first + at)));
    if (length > 0) this.pane.setAttribute("aria-activedescendant", `line-${this.cursor}`);
    else this.pane.removeAttribute("aria-activedescendant");
  }

  drawRow(element, line, row) {
    const { breakpoints, matches } = this.look;
    const [isHere, isCursor] = [line === this.here, line === this.cursor];
    const stops = row.places.some((place) => breakpoints.has(place));
    const matched = row.places.some((place) => matches.has(place));
    const word = isHere ? `${this.column} ${this.length}` : "";
    const looks = [line, row.text, isHere, isCursor, stops, matched, word].join();
    // Most rows stay as they are.
    if (element.looks === looks) return;
    element.looks = looks;
    element.className = "row";
    for (const [name, is] of Object.entries({ here: isHere, cursor: isCursor, break: stops, match: matched, dead: row.isDead })) {
      if (is) element.classList.add(name);
    }
    element.id = `line-${line}`;
    element.dataset.line = String(line);
    element.setAttribute("aria-selected", String(isCursor));
    element.setAttribute("aria-posinset", String(line + 1));
    element.setAttribute("aria-setsize", String(this.listing.length));
    if (isHere) element.setAttribute("aria-current", "step");
    else element.removeAttribute("aria-current");
    const [margin, text] = element.children;
    margin.textContent = `${stops ? "●" : isHere ? "▶" : ""} ${row.margin}`;
    const [code, comment] = split(row.text);
    const parts = [code];
    if (isHere && this.length > 0) {
      const end = this.column + this.length;
      const marked = make("span", { class: "word" }, code.slice(this.column, end));
      parts.splice(0, 1, code.slice(0, this.column), marked, code.slice(end));
    }
    if (comment !== "") parts.push(make("span", { class: "comment" }, comment));
    text.replaceChildren(...parts);
  }
}

/** A line of a text in two: code, and the comment that it ends with, if it does. */
function split(text) {
  if (!text.includes(";;")) return [text, ""];
  const code = /^(?:[^";]|"(?:[^"\\]|\\.)*"|;(?!;))*/.exec(text)[0];
  return text.startsWith(";;", code.length) ? [code, text.slice(code.length)] : [text, ""];
}

export function showStack(frame, pushes, isInnermost) {
  if (!frame || frame.stack.length === 0) return fill("stack", empty("The stack is empty."));
  const { stack } = frame;
  const isKnown = (operand) => operand.by !== null && operand.by !== undefined;
  // A run that goes on in the page does not keep who pushed what.
  const heads = ["place", "type", "value", ...(stack.some(isKnown) ? ["step"] : [])];
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
        ...(heads.length < 4 ? [] : [make("td", { class: "by" }, isKnown(stack[at]) ? ` by ${by}` : "")]),
      ),
    );
  }
  if (stack.length > MANY) rows.push(make("tr", {}, make("td", {}, `${stack.length - MANY} more`)));
  return fill("stack", table("Operands, the top first", heads, rows));
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
      make("td", { class: "type" }, func.where(offset)),
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
    const where = make("span", { class: "by" }, func.where(func.line(frame.step)?.offset ?? 0));
    const button = make("button", { type: "button", class: "frame", "aria-pressed": String(at === chosen) }, func.name, " ", where);
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
  // Bytes in a row: as many as a phone has room for.
  const width = matchMedia("(max-width: 600px)").matches ? 8 : 16;
  const top = Math.max(0, Math.ceil(size / width) * width - SHOWN);
  const start = Math.min(Math.floor(address / width) * width, top);
  const length = Math.min(SHOWN, size - start);
  const bytes = await source.memory(state.t, number, start, length);
  const written = (state.event?.writes ?? []).filter((write) => write[0] === number);
  const isNew = (at) => written.some(([, from, count]) => at >= from && at < from + count);
  const rows = [];
  for (let row = 0; row < length; row += width) {
    const part = bytes.subarray(row, row + width);
    const bytes_ = [];
    let plain = "";
    part.forEach((byte, at) => {
      if (!isNew(start + row + at)) {
        plain += `${hex(byte, 2)}  `;
        return;
      }
      const marked = make("span", { class: "new", title: "written by the last step" }, `${hex(byte, 2)}*`);
      bytes_.push(plain, marked);
      plain = " ";
    });
    const text = Array.from(part, (byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "·"));
    const head = make("th", { scope: "row" }, hex(start + row, 8));
    rows.push(make("tr", {}, head, make("td", {}, ...bytes_, plain), make("td", {}, text.join(""))));
  }
  const caption = `Bytes from 0x${hex(start)}, ${width} in a row; the memory has ${size} bytes`;
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
