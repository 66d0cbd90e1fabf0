# Runs a WASI command with wasmtime, as the bench and `cargo xtask real-programs` ask for it:
# peer.py TIMES [--dir HOST::GUEST]... FILE [ARGUMENT]...
# Into the file TIMES go seconds of compilation, of the run, and of the run on processors. Exits as
# the program does.
import sys
import time

import wasmtime

times, args = sys.argv[1], sys.argv[2:]
wasi = wasmtime.WasiConfig()
wasi.inherit_stdin()
wasi.inherit_stdout()
wasi.inherit_stderr()
while args[0] == "--dir":
    host, guest = args[1].split("::")
    wasi.preopen_dir(host, guest)
    args = args[2:]
wasi.argv = [args[0].replace("\\", "/").split("/")[-1]] + args[1:]

config = wasmtime.Config()
config.wasm_exceptions = True
engine = wasmtime.Engine(config)
linker = wasmtime.Linker(engine)
linker.define_wasi()
start = time.perf_counter()
module = wasmtime.Module.from_file(engine, args[0])
compiled = time.perf_counter()
processor = time.process_time()
store = wasmtime.Store(engine)
store.set_wasi(wasi)
code = 0
try:
    instance = linker.instantiate(store, module)
    instance.exports(store)["_start"](store)
except wasmtime.ExitTrap as exit:
    code = exit.code
except wasmtime.WasmtimeError as error:
    print(error, file=sys.stderr)
    code = 134
with open(times, "w") as file:
    run = time.perf_counter() - compiled
    print(compiled - start, run, time.process_time() - processor, file=file)
sys.exit(code)
