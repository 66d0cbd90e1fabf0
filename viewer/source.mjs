// What the viewer asks of a run, whether it is recorded or goes on in this page.
//
// A source has
//   meta               title; globals [name, type, mutable]; memories [name, shared]
//   from, length       the first time and the last one that can be shown
//   isWhole            whether the run ends with the last
//   func(number)       a Func
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

/** A function: its lines, and its instructions that can be reached. */
export class Func {
  constructor(json) {
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
    this.steps.forEach((step, number) => {
      if (this.lines[step.line]) this.lines[step.line].step = number;
    });
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
