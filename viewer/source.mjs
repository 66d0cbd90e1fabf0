// What the viewer asks of a run, whether it is recorded or goes on in this page.
//
// A source has
//   meta               title; globals [name, type, mutable]; memories [name, shared]
//   from, length       the first time and the last one that can be shown
//   isWhole            whether the run ends with the last
//   func(number)       a Func; `meta.texts` has the texts of the modules, as lists of lines
//   find(inst, func)   the number of a function of an instance, if it has been met
//   stateAt(t)         a promise of the state before step t:
//     { t, frames: [{ func, step, locals: [value], stack: [{ letter, value, by }] }] (innermost
//       first), globals: [value], sizes: [bytes of each memory], event, end }
//     `event` is the step t-1: { outcome, func, step, pops, pushes (how many values are new on the
//     stack), local, global, writes: [[memory, address, length]], notes: [text], rules: [name] }
//   memory(t, number, address, length)   a promise of bytes
//   output(t)          what the guest has written before t: [[time, isError, text]]
//   seek(t, direction, want)  a promise of the next time, or of the one before, at which `want`
//     holds, or null: { kind: "places", places: Set of "func:step" }, { kind: "over" } or
//     { kind: "out" }

import { hex } from "./values.mjs";

/** How a step can end, by its number. */
export const OUTCOMES = [
  "continues",
  "branches",
  "calls a function",
  "calls a function in place of this one",
  "returns",
  "calls the host",
  "calls the host, which fails",
  "throws an exception, which is caught",
  "throws an exception, which nobody catches",
  "traps",
];

/** Code to show: rows, each with what its margin says and the places of its instructions. */
class Listing {
  constructor(rows) {
    this.rows = rows;
  }

  /** The lines of a text. Functions add where they are. */
  static text(lines) {
    return new Listing(lines.map((text, at) => ({ margin: String(at + 1), text, places: [], isDead: false })));
  }

  /** The instructions of a function, a row each. */
  static instructions(func, number) {
    const row = ({ offset, depth, text, step }) => ({
      margin: hex(offset, 4),
      text: "  ".repeat(Math.min(depth, 20)) + text,
      places: step < 0 ? [] : [placeName(number, step)],
      isDead: step < 0,
    });
    return new Listing(func.lines.map(row));
  }
}

/** The listings of the texts of modules. */
export function textsOf(meta) {
  return (meta.texts ?? []).map((lines) => Listing.text(lines));
}

/** A function: its lines, and its instructions that can be reached. `texts` are listings. */
export class Func {
  constructor(json, number, texts) {
    this.name = json.name;
    this.inst = json.inst;
    this.index = json.func;
    this.params = json.params;
    this.locals = json.locals;
    this.names = json.names;
    this.lines = json.lines.map(([offset, depth, text]) => ({ offset, depth, text, step: -1 }));
    this.steps = json.steps.map(([line, pops, pushes, takes, passes, height, role, label]) => ({
      line,
      pops,
      pushes,
      takes,
      passes,
      height,
      role: role[0] ?? "",
      index: Number(role.slice(1)),
      label,
    }));
    this.labels = json.labels.map(([kind, offset, arity, height, around]) => ({
      kind,
      offset,
      arity,
      height,
      around,
    }));
    this.steps.forEach((step, at) => {
      if (this.lines[step.line]) this.lines[step.line].step = at;
    });
    this.number = number;
    this.spots = json.spots ?? null;
    this.listing = texts[json.text] ?? Listing.instructions(this, number);
    if (!this.isText) return;
    this.lines.forEach(({ step }, line) => {
      const [row] = this.spots[line] || [-1];
      if (step >= 0) this.listing.rows[row]?.places.push(placeName(number, step));
    });
  }

  /** Whether its code is shown as the text of its module. */
  get isText() {
    return this.spots !== null;
  }

  /** Where a step is in the listing: the row, and where its word begins and how long it is. */
  spot(step) {
    const line = this.steps[step]?.line ?? 0;
    if (!this.isText) {
      const { depth, text } = this.lines[line] ?? { depth: 0, text: "" };
      return [line, 2 * Math.min(depth, 20), text.length];
    }
    // What no text writes is where the instruction before it is.
    for (let at = line; at >= 0; at--) if (this.spots[at]) return at === line ? this.spots[at] : [this.spots[at][0], 0, 0];
    return [0, 0, 0];
  }

  /** The line of a step. */
  line(step) {
    return this.lines[this.steps[step]?.line];
  }

  /** The labels that are open before a step, innermost first. */
  open(step) {
    const open = [];
    let label = this.steps[step]?.label ?? -1;
    while (label >= 0 && this.labels[label]) {
      open.push(this.labels[label]);
      label = this.labels[label].around;
    }
    return open;
  }
}

/** The name of a place in a set of places. */
export function placeName(func, step) {
  return `${func}:${step}`;
}

/** What a place is named after: the number of the function, and of its step. */
export function placeOf(name) {
  return name.split(":").map(Number);
}
