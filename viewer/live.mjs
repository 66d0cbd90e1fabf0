// A run that goes on in this page: Limpid itself, compiled to WebAssembly. See the crate
// `playground`, which answers what is asked here.
import { fromBits } from "./values.mjs";
import { Func, textsOf } from "./source.mjs";
import { elementNote, inflated } from "./recorded.mjs";

/** The engine in the page. */
export class Engine {
  static async open(line) {
    const engine = new Engine();
    engine.module = await WebAssembly.compile(await inflated(line));
    await engine.begin();
    return engine;
  }

  /** Makes a fresh instance. Each of the first four calls returns a byte of an address. */
  async begin() {
    const instance = await WebAssembly.instantiate(this.module, {});
    this.exports = instance.exports;
    this.address = 0;
    for (let at = 0; at < 4; at++) this.address += (this.exports.main(0, 0) & 255) * 256 ** at;
  }

  /** Asks for something: words, and bytes. The engine is made again when it failed. */
  async ask(words, body = new Uint8Array()) {
    const line = new TextEncoder().encode(`${words}\n`);
    const { memory, main } = this.exports;
    const length = line.length + body.length;
    if (length > 8_000_000) throw new Error("this is too large for the playground");
    new DataView(memory.buffer).setUint32(this.address, length, true);
    const bytes = new Uint8Array(memory.buffer);
    bytes.set(line, this.address + 4);
    bytes.set(body, this.address + 4 + line.length);
    try {
      main(0, 0);
    } catch (error) {
      await this.begin();
      throw new Error(`Limpid stopped (${error.message}); load the module again`);
    }
    const size = new DataView(memory.buffer).getUint32(this.address, true);
    const text = new Uint8Array(memory.buffer, this.address + 4, size).slice();
    const answer = JSON.parse(new TextDecoder().decode(text));
    if (answer?.error !== undefined) throw new Error(answer.error);
    return answer;
  }
}

/** A source that asks the engine: see `source.mjs`. */
export class Live {
  /** Starts an exported function. */
  static async start(engine, title, number, args) {
    const live = new Live();
    live.engine = engine;
    live.from = 0;
    live.funcs = [];
    live.numbers = new Map();
    await live.measure(await engine.ask(["start", number, ...args].join(" ")));
    live.meta.title = title;
    return live;
  }

  /** Lets the run go on for longer. */
  async more() {
    const { title } = this.meta;
    await this.measure(await this.engine.ask("more"));
    this.meta.title = title;
  }

  async measure(said) {
    this.meta = said;
    this.texts ??= textsOf(said);
    this.length = said.length;
    this.isWhole = said.whole;
    for (let number = this.funcs.length; number < said.count; number++) await this.learn(number);
  }

  /** Takes over a function, whose number states may use from now on. */
  async learn(number) {
    const func = new Func(await this.engine.ask(`function ${number}`), number, this.texts);
    this.funcs[number] = func;
    this.numbers.set(`${func.inst}:${func.index}`, number);
  }

  get funcCount() {
    return this.funcs.length;
  }

  func(number) {
    return this.funcs[number];
  }

  find(inst, func) {
    return this.numbers.get(`${inst}:${func}`);
  }

  async stateAt(time) {
    const said = await this.engine.ask(`state ${time}`);
    const value = ([letter, bits]) => fromBits(letter, bits);
    const operand = ([letter, bits]) => ({ letter, value: fromBits(letter, bits), by: null });
    for (const { func } of said.frames) if (!this.funcs[func]) await this.learn(func);
    const frames = said.frames.map(({ func, step, locals, stack }) => ({
      func,
      step,
      locals: locals.map(value),
      stack: stack.map(operand),
    }));
    const event = said.event && this.event(said.event, operand);
    const end = said.end && said.done ? said.end[1] : null;
    return { t: said.t, frames, globals: said.globals.map(value), sizes: said.sizes, event, end };
  }

  event(said, operand) {
    const [inst, index, offset] = said.at;
    const func = this.find(inst, index) ?? 0;
    const { json, stepOf } = this.funcs[func];
    const step = stepOf[json.lines.findIndex((line) => line[0] === offset)] ?? 0;
    const returned = said.outcome === 4;
    const notes = [];
    if (said.element) notes.push(elementNote(...said.element));
    if (said.object) notes.push(`Object #${said.object} was written.`);
    return {
      outcome: said.outcome,
      func,
      step,
      pops: said.pops.map(operand),
      pushes: (returned ? said.passed : said.pushes).length,
      local: said.local,
      global: said.global,
      writes: said.writes ?? [],
      notes,
      rules: said.rules,
      trap: said.trap,
    };
  }

  async memory(time, memory, address, length) {
    const text = await this.engine.ask(`memory ${memory} ${address} ${length}`);
    return Uint8Array.from({ length }, (_, at) => parseInt(text.slice(2 * at, 2 * at + 2), 16));
  }

  output(time) {
    return this.meta.output.filter((part) => part[0] <= time);
  }

  async seek(time, direction, want) {
    // The run stands where it was looked at last.
    await this.engine.ask(`state ${time}`);
    const places = want.kind === "places" ? [...want.places] : [];
    const words = ["seek", direction > 0 ? 1 : 0, want.kind, ...places];
    return (await this.engine.ask(words.join(" "))).time;
  }
}
