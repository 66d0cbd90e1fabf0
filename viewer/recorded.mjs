// A recorded run: see `src/observe/html/recorder.rs`, which writes what is read here.
import { Reader, zero } from "./values.mjs";
import { Func, placeName, textsOf } from "./source.mjs";
import { inflate } from "./inflate.mjs";

const WRITES = 0x10;
const GROWTH = 0x20;
const NOTE = 0x40;
const STATE = 0x80;

/** Chunks that are kept. */
const KEPT = 12;

/** Most milliseconds of work between two looks at the page. */
const PATIENCE = 30;

/** The bytes of a line of base64. */
function bytesOf(line) {
  const text = atob(line);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** The bytes of a line of base64 that holds raw deflate, by the browser's own decoder. */
export async function inflated(line) {
  const stream = new Blob([bytesOf(line)]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The state of a run between two steps, and how a step changes it. Frames are outermost first. */
class Replay {
  constructor(source, reader, time) {
    this.source = source;
    this.reader = reader;
    this.time = time;
    this.address = 0n;
    this.sizes = source.sizesAt(time);
    this.event = null;
    this.writes = null;
    this.rules = new Map();
    this.frames = this.readFrames();
    this.globals = this.readGlobals();
  }

  readFrames() {
    const { reader, source } = this;
    return Array.from({ length: reader.number() }, () => {
      const func = reader.number();
      const step = reader.number();
      const locals = Array.from(source.func(func).locals, (letter) => reader.value(letter));
      const stack = Array.from({ length: reader.number() }, () => {
        const letter = String.fromCharCode(reader.byte());
        return { letter, value: reader.value(letter), by: null };
      });
      return { func, step, locals, stack };
    });
  }

  readGlobals() {
    const { reader, source } = this;
    const count = reader.number();
    return Array.from({ length: count }, (_, at) => reader.value(source.meta.globals[at][1]));
  }

  /** Reads a step. With `event`, what it does is noted there. */
  step(event) {
    const { reader } = this;
    const first = reader.byte();
    const { func, step } = this.frames[this.frames.length - 1];
    this.outcome(first & 15, event);
    if (first & WRITES) this.readWrites(event);
    if (first & GROWTH) this.sizes[reader.number()] = reader.number();
    const place = first & NOTE || event ? `${func}:${step}:${first & 15}` : "";
    if (first & NOTE) this.note(event, place);
    if (event) {
      const number = this.rules.get(place) ?? 0;
      event.rules = number > 0 ? this.source.meta.rules[number - 1] : [];
    }
    if (first & STATE) this.state(event);
    this.time++;
  }

  readWrites(event) {
    const { reader } = this;
    for (let left = reader.number(); left > 0; left--) {
      const memory = reader.number();
      this.address = BigInt.asUintN(64, this.address + reader.signed());
      const address = Number(this.address);
      const bytes = reader.slice(reader.number());
      event?.writes.push([memory, address, bytes.length]);
      this.writes?.push({ memory, address, bytes, time: this.time + 1 });
    }
  }

  note(event, place) {
    const { reader } = this;
    const what = reader.byte();
    if (what & 1) {
      const [table, from, count] = [reader.number(), reader.number(), reader.number()];
      event?.notes.push(elementNote(table, from, count));
    }
    if (what & 2) {
      const object = reader.number();
      event?.notes.push(`Object #${object} was written.`);
    }
    // Rules are given where they differ from those of the last time.
    if (what & 4) this.rules.set(place, reader.number());
  }

  /** What of the state a step gives anew. */
  state(event) {
    const { reader } = this;
    const what = reader.byte();
    if (what & 1) this.frames = this.readFrames();
    if (what & 2) this.globals = this.readGlobals();
    if (what & 8) {
      for (let left = reader.number(); left > 0; left--) this.sizes[reader.number()] = reader.number();
    }
    if (what & 4) this.readWrites(event);
  }

  outcome(outcome, event) {
    const { reader, source, frames } = this;
    const frame = frames[frames.length - 1];
    const func = source.func(frame.func);
    const row = func.step(frame.step);
    const { stack } = frame;
    if (event) {
      Object.assign(event, { outcome, func: frame.func, step: frame.step, pushes: 0 });
      event.pops = stack.slice(stack.length - row.pops);
    }
    if (outcome === 6 || outcome === 8 || outcome === 9) return;
    const from = stack.length - row.takes;
    const passed = row.takes ? stack.slice(from, from + row.passes) : [];
    const takes = outcome === 1 ? row.takes : row.pops;
    const pops = stack.splice(stack.length - takes, takes);
    switch (outcome) {
      case 0:
        frame.step++;
        this.role(func, row, frame, pops, event);
        break;
      case 1:
        frame.step = reader.number();
        stack.length = func.step(frame.step).height - passed.length;
        stack.push(...passed);
        if (event) event.pushes = passed.length;
        break;
      case 3:
        frames.pop();
      // A call in place of this frame, as any other.
      case 2:
        this.enter(pops);
        break;
      case 4:
        frames.pop();
        if (frames.length > 0) {
          const caller = frames[frames.length - 1];
          caller.step++;
          for (const { letter, value } of passed) {
            caller.stack.push({ letter, value, by: this.time });
          }
          if (event) event.pushes = passed.length;
        }
        break;
      case 5:
        frame.step++;
        this.push(row, frame, undefined, event);
        break;
    }
  }

  /** What an instruction leaves, by what it does. */
  role(func, row, frame, pops, event) {
    const last = pops.length > 0 ? pops[pops.length - 1].value : 0;
    const global = () => this.source.meta.instances[func.inst].globals[row.index];
    let derived;
    switch (row.role) {
      case "l":
        derived = frame.locals[row.index];
        break;
      case "t":
        derived = last;
      // It writes the local, too.
      case "s":
        frame.locals[row.index] = last;
        if (event) event.local = row.index;
        break;
      case "g":
        derived = this.globals[global()];
        break;
      case "w":
        this.globals[global()] = last;
        if (event) event.global = global();
        break;
    }
    this.push(row, frame, derived, event);
  }

  push(row, frame, derived, event) {
    for (const letter of row.pushes) {
      const value = derived ?? this.reader.value(letter);
      frame.stack.push({ letter, value, by: this.time });
    }
    if (event) event.pushes = row.pushes.length;
  }

  enter(args) {
    const number = this.reader.number();
    const func = this.source.func(number);
    const locals = Array.from(func.locals, (letter, at) =>
      at < func.params ? args[at].value : zero(letter),
    );
    this.frames.push({ func: number, step: 0, locals, stack: [] });
  }

  get place() {
    const frame = this.frames[this.frames.length - 1];
    return frame ? placeName(frame.func, frame.step) : "";
  }
}

/** What is said of elements that were written. */
export function elementNote(table, at, count) {
  const which = count === 1 ? `Element ${at}` : `${count} elements from ${at}`;
  return `${which} of table ${table} ${count === 1 ? "was" : "were"} written.`;
}

/** A source that reads a trace: lines of base64, as `page.rs` writes them. */
export class Recorded {
  static async open(text) {
    const source = new Recorded();
    source.lines = text.trim().split("\n");
    const meta = JSON.parse(new TextDecoder().decode(await inflated(source.lines[0])));
    source.meta = meta;
    source.from = meta.from;
    source.length = meta.to;
    source.isWhole = meta.end !== null;
    source.texts = textsOf(meta);
    source.funcs = meta.functions.map(() => null);
    source.numbers = new Map(
      meta.functions.map((func, number) => [`${func.inst}:${func.func}`, number]),
    );
    source.chunks = new Map();
    source.cursor = null;
    source.readContents(await inflated(source.lines[1]));
    // The rows of a text have the places of all functions that are in it.
    meta.functions.forEach((func, number) => func.spots && source.func(number));
    return source;
  }

  func(number) {
    return (this.funcs[number] ??= new Func(this.meta.functions[number], number, this.texts));
  }

  get funcCount() {
    return this.funcs.length;
  }

  find(inst, func) {
    return this.numbers.get(`${inst}:${func}`);
  }

  /** Reads what memories hold: at first, and what differs from chunk to chunk. */
  readContents(bytes) {
    const reader = new Reader(bytes);
    const runs = (base) => {
      const list = [];
      for (let at = base; ; ) {
        at += reader.number();
        const length = reader.number();
        if (length === 0) return list;
        list.push({ at, bytes: reader.slice(length) });
        at += length;
      }
    };
    const count = reader.number();
    this.contents = Array.from({ length: count }, () => {
      const size = reader.number();
      return { sizes: [size], chunks: [runs(0)] };
    });
    while (reader.at < bytes.length) {
      for (const memory of this.contents) {
        memory.sizes.push(reader.number());
        const list = [];
        for (let left = reader.number(); left > 0; left--) list.push(...runs(reader.number() * 4096));
        memory.chunks.push(list);
      }
    }
  }

  /** The number of the chunk from which a state is found. */
  chunkOf(time) {
    const { times } = this.meta;
    let [low, high] = [0, times.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (times[middle] < time) low = middle;
      else high = middle;
    }
    return low;
  }

  sizesAt(time) {
    const { times } = this.meta;
    const chunk = Math.max(0, times.indexOf(time));
    return this.contents.map((memory) => memory.sizes[chunk] ?? 0);
  }

  chunk(number) {
    let bytes = this.chunks.get(number);
    if (!bytes) {
      bytes = inflate(bytesOf(this.lines[number + 2]));
      if (this.chunks.size >= KEPT) this.chunks.delete(this.chunks.keys().next().value);
      this.chunks.set(number, bytes);
    }
    return bytes;
  }

  /** The state at the beginning of a chunk. */
  begin(number) {
    return new Replay(this, new Reader(this.chunk(number)), this.meta.times[number]);
  }

  /** The last time of a chunk. */
  endOf(number) {
    return this.meta.times[number + 1] ?? this.length;
  }

  async stateAt(time) {
    if (this.last?.t === time) return this.last;
    const number = this.chunkOf(time);
    let replay = this.cursor?.number === number ? this.cursor.replay : null;
    // Another request may have taken the cursor along meanwhile.
    this.cursor = null;
    if (!replay || replay.time >= time) {
      replay = this.begin(number);
      replay.writes = [];
    }
    let event = null;
    while (replay.time < time) {
      event = replay.time === time - 1 ? { notes: [], writes: [], rules: [] } : null;
      replay.step(event);
    }
    this.cursor = { number, replay };
    const frames = replay.frames.map((frame) => ({
      func: frame.func,
      step: frame.step,
      locals: frame.locals.slice(),
      stack: frame.stack.slice(),
    }));
    this.last = {
      t: time,
      frames: frames.reverse(),
      globals: replay.globals.slice(),
      sizes: replay.sizes.slice(),
      event,
      end: time === this.length ? this.meta.end : null,
    };
    return this.last;
  }

  async memory(time, memory, address, length) {
    const number = this.chunkOf(time);
    if (this.cursor?.number !== number || this.cursor.replay.time !== time) {
      this.last = null;
      await this.stateAt(time);
    }
    const bytes = new Uint8Array(length);
    const put = (at, written) => {
      const from = Math.max(at, address);
      const to = Math.min(at + written.length, address + length);
      if (from < to) bytes.set(written.subarray(from - at, to - at), from - address);
    };
    const { chunks } = this.contents[memory];
    for (let chunk = 0; chunk <= number; chunk++) putRuns(chunks[chunk], address + length, put);
    for (const write of this.cursor?.replay.writes ?? []) {
      if (write.memory === memory && write.time <= time) put(write.address, write.bytes);
    }
    return bytes;
  }

  output(time) {
    return this.meta.output.filter((part) => part[0] <= time);
  }

  async seek(time, direction, want) {
    const now = await this.stateAt(time);
    const depth = now.frames.length;
    const holds = (replay) => {
      if (want.kind === "places") return want.places.has(replay.place);
      return want.kind === "over" ? replay.frames.length <= depth : replay.frames.length < depth;
    };
    const { times } = this.meta;
    let number = this.chunkOf(direction > 0 ? time + 1 : time);
    let looked = performance.now();
    for (; number >= 0 && number < times.length; number += direction) {
      const replay = this.begin(number);
      const end = this.endOf(number);
      let found = null;
      for (;;) {
        const inside = direction > 0 ? replay.time > time : replay.time < time;
        if (inside && holds(replay)) {
          found = replay.time;
          if (direction > 0) return found;
        }
        if (replay.time >= end || (direction < 0 && replay.time >= time)) break;
        replay.step(null);
      }
      if (found !== null) return found;
      if (performance.now() - looked > PATIENCE) {
        await new Promise((resolve) => setTimeout(resolve));
        looked = performance.now();
      }
    }
    return null;
  }
}

/** Puts those runs, which ascend, that begin before the end. */
function putRuns(runs, end, put) {
  for (const run of runs) {
    if (run.at >= end) return;
    put(run.at, run.bytes);
  }
}
