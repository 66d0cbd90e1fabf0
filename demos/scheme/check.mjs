// Checks scheme.wasm in node, with the few WASI functions it needs written out below: its size, its
// imports, its name section, the output of every demo against expected/NAME.txt, and
// expected/cases.txt, whose lines are
//   EXPRESSIONS ;=> OUTPUT     (lines of output are separated by " | ")
// Run: node check.mjs [scheme.wasm]
import fs from "node:fs";
import path from "node:path";

const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const file = process.argv[2] ?? path.join(here, "scheme.wasm");
const bytes = fs.readFileSync(file);
const module = new WebAssembly.Module(bytes);
let failures = 0;

function check(ok, what) {
  if (ok) return;
  failures++;
  console.log("FAIL", what);
}

class Exit extends Error {}

// WASI preview 1 for a program with no files: `host` holds args, input (bytes), at, output, memory.
function wasi(host) {
  const view = () => new DataView(host.memory.buffer);
  const memory = () => new Uint8Array(host.memory.buffer);
  const args = host.args.map((a) => new TextEncoder().encode(`${a}\0`));
  const each = (iovs, count, f) => {
    for (let i = 0; i < count; i++) {
      f(view().getUint32(iovs + 8 * i, true), view().getUint32(iovs + 8 * i + 4, true));
    }
  };
  return {
    args_sizes_get(count, size) {
      view().setUint32(count, args.length, true);
      view().setUint32(size, args.reduce((n, a) => n + a.length, 0), true);
      return 0;
    },
    args_get(pointers, to) {
      for (const a of args) {
        view().setUint32(pointers, to, true);
        memory().set(a, to);
        pointers += 4;
        to += a.length;
      }
      return 0;
    },
    clock_time_get(_id, _precision, to) {
      view().setBigUint64(to, process.hrtime.bigint(), true);
      return 0;
    },
    random_get(to, size) {
      memory().fill(42, to, to + size);
      return 0;
    },
    fd_fdstat_get(_fd, to) { // a pipe: of no known type
      memory().fill(0, to, to + 24);
      return 0;
    },
    fd_read(_fd, iovs, count, done) {
      let n = 0;
      each(iovs, count, (to, size) => {
        const part = host.input.subarray(host.at, host.at + size);
        memory().set(part, to);
        host.at += part.length;
        n += part.length;
      });
      view().setUint32(done, n, true);
      return 0;
    },
    fd_write(_fd, iovs, count, done) {
      let n = 0;
      each(iovs, count, (from, size) => {
        host.output.push(memory().slice(from, from + size));
        n += size;
      });
      view().setUint32(done, n, true);
      return 0;
    },
    proc_exit(status) {
      host.status = status;
      throw new Exit();
    },
  };
}

// Runs the program; returns what it wrote to both its outputs, and its status.
function run(args, input = "") {
  const host = { args: ["scheme", ...args], input: Buffer.from(input), at: 0, output: [] };
  host.status = 0;
  const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi(host) });
  host.memory = instance.exports.memory;
  try {
    instance.exports._start();
  } catch (e) {
    if (!(e instanceof Exit)) throw e;
  }
  return { status: host.status, text: Buffer.concat(host.output).toString() };
}

check(bytes.length < 300_000, `size ${bytes.length}`);
check(WebAssembly.Module.customSections(module, "name").length === 1, "a name section");
check(WebAssembly.Module.customSections(module, ".debug_info").length === 0, "no debug info");
for (const i of WebAssembly.Module.imports(module)) {
  check(i.module === "wasi_snapshot_preview1" && i.name in wasi({ args: [] }), `import ${i.name}`);
}

const scripts = fs.readdirSync(path.join(here, "scripts")).map((f) => path.parse(f).name);
for (const name of scripts) {
  const start = performance.now();
  const { status, text } = run(["demo", name]);
  const expected = fs.readFileSync(path.join(here, "expected", `${name}.txt`), "utf8");
  check(status === 0 && text === expected, `demo ${name}`);
  console.log(`${name}: ${Math.round(performance.now() - start)} ms`);
  const source = fs.readFileSync(path.join(here, "scripts", `${name}.scm`), "utf8");
  check(run(["show", name]).text === source, `show ${name}`);
}

const cases = fs.readFileSync(path.join(here, "expected", "cases.txt"), "utf8");
const lines = cases.split("\n").filter((line) => line);
for (const line of lines) {
  const [expression, output] = line.split(" ;=> ");
  const { text } = run(["-e", expression]);
  const got = text.trimEnd().replaceAll("\n", " | ");
  check(got === output, `${expression}\n  expected ${output}\n  got      ${got}`);
}

check(run([], "(define x 4)\n(car x)\n(* x\n x)").text ===
  "error: car: expected a pair, got 4\n16\n", "a conversation goes on after an error");
check(run(["-"], "(+ 1 2) (display 5)").text === "5", "a program prints what it displays only");
check(run(["-"], "(car 1) (display 5)").status === 1, "a program stops at an error");
check(run(["-e", "(exit 7)"]).status === 7, "exit status");
check(run(["--nonsense"]).status === 1, "usage");

console.log(`${scripts.length} demos, ${lines.length} cases, ${failures} failures`);
process.exitCode = failures ? 1 : 0;
