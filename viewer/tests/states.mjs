// Prints every state of a trace: `node states.mjs FILE [last]`, where FILE is a page, or the lines
// of one. The tests of `src/observe/html` compare what this prints with the machine.
import fs from "node:fs";
import { Recorded } from "../recorded.mjs";
import { bits } from "../values.mjs";

function checksum(bytes) {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return ((b << 16) | a) >>> 0;
}

async function seen(source, time) {
  const state = await source.stateAt(time);
  let text = `${state.t}`;
  for (const frame of state.frames.slice().reverse()) {
    const func = source.func(frame.func);
    text += ` [${func.inst} ${func.index} ${func.line(frame.step).offset}|`;
    frame.locals.forEach((value, at) => {
      text += ` ${func.locals[at]}${bits(func.locals[at], value)}`;
    });
    text += " |";
    for (const { letter, value } of frame.stack) text += ` ${letter}${bits(letter, value)}`;
    text += "]";
  }
  text += " globals";
  state.globals.forEach((value, at) => {
    const letter = source.meta.globals[at][1];
    text += ` ${letter}${bits(letter, value)}`;
  });
  for (let memory = 0; memory < state.sizes.length; memory++) {
    const isSummed = time < 300 || time % 64 === 0;
    const bytes = isSummed ? await source.memory(time, memory, 0, state.sizes[memory]) : null;
    text += ` memory ${state.sizes[memory]} ${(bytes ? checksum(bytes) : 0).toString(16)}`;
  }
  return text;
}

const page = fs.readFileSync(process.argv[2], "utf8");
const data = /<script [^>]*id="data">([^<]*)<\/script>/.exec(page);
const source = await Recorded.open(data ? data[1] : page);
const last = Math.min(source.length, Number(process.argv[3] ?? Infinity));
const lines = new Map();
// Not in their order, so that going back is tested, too.
for (let step = 0; step <= last - source.from; step++) {
  const time = source.from + ((step * 7919) % (last - source.from + 1));
  lines.set(time, await seen(source, time));
}
for (let time = source.from; time <= last; time++) {
  console.log(lines.get(time) ?? (await seen(source, time)));
}
