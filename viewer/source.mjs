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
  /** `make` makes the row with a number, when it is first looked at. */
  constructor(length, make) {
    this.length = length;
    this.make = make;
    this.rows = [];
  }

  row(number) {
    return (this.rows[number] ??= this.make(number));
  }

  /** The lines of a text. Functions add where they are. */
  static text(lines) {
    const row = (at) => ({ margin: String(at + 1), text: lines[at], places: [], isDead: false });
    return new Listing(lines.length, row);
  }

  /** The instructions of a function, a row each. */
  static instructions(func) {
    const row = (at) => {
      const { offset, depth, text, step } = func.lineAt(at);
      const isDead = step < 0;
      const places = isDead ? [] : [placeName(func.number, step)];
      return { margin: hex(offset, 4), text: "  ".repeat(Math.min(depth, DEEPEST)) + text, places, isDead };
    };
    return new Listing(func.lineCount, row);
  }
}

/** Most levels of indentation. */
const DEEPEST = 20;

/** The listings of the texts of modules. */
export function textsOf(meta) {
  return (meta.texts ?? []).map((lines) => Listing.text(lines));
}

/** A function: its lines, and its instructions that can be reached. `texts` are listings. Functions
 * may be large, and few of their instructions are looked at, so that each is made when it is. */
export class Func {
  constructor(json, number, texts) {
    this.json = json;
    this.number = number;
    this.name = json.name;
    this.inst = json.inst;
    this.index = json.func;
    this.params = json.params;
    this.locals = json.locals;
    this.names = json.names;
    this.known = [];
    // The step of each line.
    this.stepOf = new Int32Array(json.lines.length).fill(-1);
    json.steps.forEach(([line], step) => {
      this.stepOf[line] = step;
    });
    this.spots = json.spots ?? null;
    this.listing = texts[json.text] ?? Listing.instructions(this);
    this.spots?.forEach((spot, line) => {
      const step = this.stepOf[line];
      if (spot && step >= 0) this.listing.row(spot[0]).places.push(placeName(number, step));
    });
  }

  get lineCount() {
    return this.json.lines.length;
  }

  /** A line by its number. */
  lineAt(number) {
    const [offset, depth, text] = this.json.lines[number];
    return { offset, depth, text, step: this.stepOf[number] };
  }

  /** What a step does. */
  step(number) {
    return (this.known[number] ??= Func.parsed(this.json.steps[number]));
  }

  static parsed([line, pops, pushes, takes, passes, height, role, label]) {
    const [kind, index] = [role[0] ?? "", Number(role.slice(1))];
    return { line, pops, pushes, takes, passes, height, role: kind, index, label };
  }

  /** Where a step is in the listing: the row, and where its word begins and how long it is. */
  spot(step) {
    const line = this.json.steps[step]?.[0] ?? 0;
    if (!this.spots) {
      const { depth, text } = this.lineCount > 0 ? this.lineAt(line) : { depth: 0, text: "" };
      return [line, 2 * Math.min(depth, DEEPEST), text.length];
    }
    if (this.spots[line]) return this.spots[line];
    // What no text writes is where the instruction before it is.
    const before = this.spots.slice(0, line).findLast((spot) => spot);
    return before ? [before[0], 0, 0] : [0, 0, 0];
  }

  /** Where the instruction at a byte offset is, in words. */
  where(offset) {
    const spot = this.spots?.[this.json.lines.findIndex((line) => line[0] === offset)];
    return spot ? `line ${spot[0] + 1}` : `0x${hex(offset, 4)}`;
  }

  /** The line of a step. */
  line(step) {
    const row = this.json.steps[step];
    return row && this.lineAt(row[0]);
  }

  /** The labels that are open before a step, innermost first. */
  open(step) {
    const open = [];
    let number = this.json.steps[step]?.[7] ?? -1;
    while (number >= 0 && this.json.labels[number]) {
      const [kind, offset, arity, height, around] = this.json.labels[number];
      open.push({ kind, offset, arity, height });
      number = around;
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
