//! The programs, how each is called, and what it must print.

/// What lies beside the directory that is granted.
pub const SECRET: &str = "secret";

/// A program and a run of it.
pub struct Program {
    pub name: &'static str,
    /// Its file, among those of other compilers.
    pub file: &'static str,
    /// Flags of our command line before the file.
    pub flags: &'static [&'static str],
    /// What it calls the directory it is granted.
    pub granted: Option<&'static str>,
    pub args: &'static [&'static str],
    pub stdout: &'static str,
    pub stderr: &'static str,
    pub code: i32,
    /// Whether wasmtime as it is embedded here can run it.
    pub wasmtime: bool,
}

const PLAIN: Program = Program {
    name: "",
    file: "",
    flags: &[],
    granted: None,
    args: &[],
    stdout: "",
    stderr: "",
    code: 0,
    wasmtime: true,
};

/// Runs of CPython.
pub const CPYTHON: &[Program] = &[
    Program {
        name: "cpython: sum of squares",
        args: &["-c", "print(sum(i*i for i in range(1000000)))"],
        stdout: "333332833333500000\n",
        ..PLAIN
    },
    Program {
        name: "cpython: json there and back",
        args: &[
            "-c",
            "import json\n\
             d = {'a': [1, 2.5, None, True], 'b': {'c': 'x\\u00e9\\n\"'}, 'n': list(range(1000))}\n\
             s = json.dumps(d)\n\
             print(len(s), s[:60], json.loads(s) == d)",
        ],
        stdout: "4951 {\"a\": [1, 2.5, null, true], \"b\": {\"c\": \"x\\u00e9\\n\\\"\"}, \"n\":  \
                 True\n",
        ..PLAIN
    },
    Program {
        name: "cpython: a file of its own",
        granted: Some("/data"),
        args: &[
            "-c",
            "import os\n\
             with open('/data/f', 'w') as f:\n\
             \x20   for i in range(10000): f.write(f'line {i}\\n')\n\
             with open('/data/f') as f: lines = f.readlines()\n\
             print(len(lines), lines[9999].strip(), os.stat('/data/f').st_size)\n\
             print(os.listdir('/data'))",
        ],
        stdout: "10000 line 9999 98890\n['f']\n",
        ..PLAIN
    },
    Program {
        name: "cpython: files outside",
        granted: Some("/data"),
        args: &[
            "-c",
            "for path in ['/data/../secret', '../secret', '/etc/passwd', '/secret']:\n\
             \x20   try: print(path, open(path).read())\n\
             \x20   except OSError as error: print(path, type(error).__name__)",
        ],
        stdout: "/data/../secret PermissionError\n../secret FileNotFoundError\n\
                 /etc/passwd FileNotFoundError\n/secret FileNotFoundError\n",
        ..PLAIN
    },
];

/// Programs of other compilers.
pub const OTHERS: &[Program] = &[
    Program {
        name: "C, a file",
        file: "h.wasm",
        granted: Some("."),
        stdout: "hello from C, argc=1\nargv[0]=h.wasm\nread: line 42\n3.142\n",
        code: 7,
        ..PLAIN
    },
    Program {
        name: "C++ streams",
        file: "hx.wasm",
        stdout: "1 2 3 1.5\n",
        stderr: "err\n",
        ..PLAIN
    },
    Program {
        name: "C++ exceptions",
        file: "d-exc-exnref.wasm",
        stdout: "0\n1\n2\ncaught big\ncaught big\n",
        ..PLAIN
    },
    Program {
        name: "C, setjmp and longjmp",
        file: "y-sjlj-exnref.wasm",
        stdout: "r=0\nr=1\nr=2\nr=3\n",
        ..PLAIN
    },
    Program {
        name: "C, vectors",
        file: "d-simd.wasm",
        stdout: "1 4 9 16\n",
        ..PLAIN
    },
    Program {
        name: "C, ten million tail calls",
        file: "d-tail.wasm",
        stdout: "even=1\n",
        ..PLAIN
    },
    Program {
        name: "Rust, a file",
        file: "rust-hello-p1.wasm",
        granted: Some("."),
        args: &["x", "y"],
        stdout: "Hello from Rust! args=3 t=3\nread back: Ok(\"written by wasm\\n\")\nOk(2)\n",
        ..PLAIN
    },
    Program {
        name: "Lua, fib(27)",
        file: "lua.wasm",
        args: &[
            "-e",
            "local function f(n) if n<2 then return n end return f(n-1)+f(n-2) end \
             print(_VERSION, f(27), pcall(error,\"boom\"))",
        ],
        stdout: "Lua 5.4\t196418\tfalse\tboom\n",
        ..PLAIN
    },
    Program {
        name: "four threads",
        file: "wasi-threads.wasm",
        flags: &["-S", "threads"],
        stdout: "n=0400000\n",
        // Its embedding has no threads of WASI.
        wasmtime: false,
        ..PLAIN
    },
];
