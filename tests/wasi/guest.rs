//! A guest whose functions are those of `wasi_snapshot_preview1`, called from here.

use limpid::wasi::p1::{self, Errno, WasiP1Ctx};
use limpid::{
    Config, Engine, Instance, Linker, Memory, MemoryType, Module, SharedMemory, Store, Val,
};
use std::fmt::Write;
use std::sync::OnceLock;

/// Functions and their parameters: `i` for 32 bits, `I` for 64.
const FUNCTIONS: &[(&str, &str)] = &[
    ("fd_advise", "iIIi"),
    ("fd_allocate", "iII"),
    ("fd_close", "i"),
    ("fd_datasync", "i"),
    ("fd_fdstat_get", "ii"),
    ("fd_fdstat_set_flags", "ii"),
    ("fd_fdstat_set_rights", "iII"),
    ("fd_filestat_get", "ii"),
    ("fd_filestat_set_size", "iI"),
    ("fd_filestat_set_times", "iIIi"),
    ("fd_pread", "iiiIi"),
    ("fd_prestat_get", "ii"),
    ("fd_prestat_dir_name", "iii"),
    ("fd_pwrite", "iiiIi"),
    ("fd_read", "iiii"),
    ("fd_readdir", "iiiIi"),
    ("fd_renumber", "ii"),
    ("fd_seek", "iIii"),
    ("fd_sync", "i"),
    ("fd_tell", "ii"),
    ("fd_write", "iiii"),
    ("path_create_directory", "iii"),
    ("path_filestat_get", "iiiii"),
    ("path_filestat_set_times", "iiiiIIi"),
    ("path_link", "iiiiiii"),
    ("path_open", "iiiiiIIii"),
    ("path_readlink", "iiiiii"),
    ("path_remove_directory", "iii"),
    ("path_rename", "iiiiii"),
    ("path_symlink", "iiiii"),
    ("path_unlink_file", "iii"),
    ("poll_oneoff", "iiii"),
    ("random_get", "ii"),
    ("clock_time_get", "iIi"),
    ("sock_accept", "iii"),
    ("sock_recv", "iiiiii"),
    ("sock_send", "iiiii"),
    ("sock_shutdown", "ii"),
];

/// Rights, flags and numbers of the interface that tests need.
pub const FD_READ: u64 = 1 << 1;
pub const FD_SEEK: u64 = 1 << 2;
pub const FD_TELL: u64 = 1 << 5;
pub const FD_WRITE: u64 = 1 << 6;
pub const FD_ADVISE: u64 = 1 << 7;
pub const FD_ALLOCATE: u64 = 1 << 8;
pub const PATH_OPEN: u64 = 1 << 13;
pub const FD_READDIR: u64 = 1 << 14;
pub const PATH_FILESTAT_SET_SIZE: u64 = 1 << 19;
pub const FD_FILESTAT_GET: u64 = 1 << 21;
pub const FD_FILESTAT_SET_SIZE: u64 = 1 << 22;
pub const FD_FILESTAT_SET_TIMES: u64 = 1 << 23;
pub const FILE: u64 = FD_READ
    | FD_SEEK
    | FD_TELL
    | FD_WRITE
    | FD_ADVISE
    | FD_ALLOCATE
    | FD_FILESTAT_GET
    | FD_FILESTAT_SET_SIZE
    | FD_FILESTAT_SET_TIMES;
pub const CREAT: u64 = 1;
pub const DIRECTORY: u64 = 2;
pub const EXCL: u64 = 4;
pub const TRUNC: u64 = 8;
pub const FOLLOW: u64 = 1;
pub const MTIM: u64 = 4;

/// Where the first path is put, where a second, where results, and where data.
const PATH: usize = 0x1000;
const SECOND: usize = 0x4000;
const RESULT: usize = 0x8000;
const DATA: usize = 0x1_0000;

/// What a file's state is, as far as tests look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stat {
    pub kind: u8,
    pub links: u64,
    pub size: u64,
    pub modified: u64,
}

pub struct Guest {
    pub store: Store<WasiP1Ctx>,
    instance: Instance,
    pub memory: Memory,
}

type Result<T = (), E = Errno> = core::result::Result<T, E>;

/// Calls a function of a guest; its error number, if it gives one.
fn call(store: &mut Store<WasiP1Ctx>, instance: Instance, name: &str, args: &[u64]) -> Result {
    let (_, types) = FUNCTIONS
        .iter()
        .find(|(known, _)| *known == name)
        .expect("a function");
    assert_eq!(types.len(), args.len(), "{name}");
    let args: Vec<Val> = types
        .bytes()
        .zip(args)
        .map(|(ty, arg)| {
            if ty == b'i' {
                Val::I32(*arg as i32)
            } else {
                Val::I64(*arg as i64)
            }
        })
        .collect();
    let func = instance.get_func(&mut *store, name).expect("a function");
    let mut errno = [Val::I32(0)];
    func.call(store, &args, &mut errno).expect("no trap");
    match errno[0].i32() {
        Some(0) => Ok(()),
        Some(number) => Err(Errno::ALL[number as usize]),
        None => panic!("{name} gives a number"),
    }
}

/// The engine of all guests here: it can be interrupted.
pub fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::new(Config::new().epoch_interruption(true)).expect("an engine"))
}

/// A store of a guest, its functions, and what it has.
fn instance(
    ctx: WasiP1Ctx,
    module: &Module,
    memory: Option<&SharedMemory>,
) -> (Store<WasiP1Ctx>, Instance) {
    let mut linker = Linker::new(engine());
    p1::add_to_linker(&mut linker, |ctx: &mut WasiP1Ctx| ctx).expect("the functions");
    let mut store = Store::new(engine(), ctx);
    store.set_epoch_deadline(1 << 40);
    if let Some(memory) = memory {
        linker
            .define(&store, "env", "memory", memory.clone())
            .expect("a memory");
    }
    let instance = linker.instantiate(&mut store, module).expect("an instance");
    (store, instance)
}

/// A guest whose memory others write at the same time.
pub struct SharedGuest {
    pub store: Store<WasiP1Ctx>,
    instance: Instance,
    pub memory: SharedMemory,
}

impl SharedGuest {
    pub fn new(ctx: WasiP1Ctx) -> SharedGuest {
        static MODULE: OnceLock<Module> = OnceLock::new();
        let memory = "(import \"env\" \"memory\" (memory 64 64 shared)) \
            (export \"memory\" (memory 0))";
        let module = MODULE.get_or_init(|| Module::new(engine(), text(memory)).expect("functions"));
        let memory = SharedMemory::new(engine(), MemoryType::shared(64, 64)).expect("a memory");
        let (store, instance) = instance(ctx, module, Some(&memory));
        SharedGuest {
            store,
            instance,
            memory,
        }
    }

    pub fn call(&mut self, name: &str, args: &[u64]) -> Result {
        call(&mut self.store, self.instance, name, args)
    }
}

impl Guest {
    pub fn new(ctx: WasiP1Ctx) -> Guest {
        static MODULE: OnceLock<Module> = OnceLock::new();
        let memory = "(memory (export \"memory\") 64)";
        let module = MODULE.get_or_init(|| Module::new(engine(), text(memory)).expect("functions"));
        let (mut store, instance) = instance(ctx, module, None);
        let memory = instance.get_memory(&mut store, "memory").expect("a memory");
        Guest {
            store,
            instance,
            memory,
        }
    }

    /// Calls a function; its error number, if it gives one.
    pub fn call(&mut self, name: &str, args: &[u64]) -> Result {
        call(&mut self.store, self.instance, name, args)
    }

    pub fn put(&mut self, at: usize, bytes: &[u8]) {
        self.memory
            .write(&mut self.store, at, bytes)
            .expect("in bounds");
    }

    pub fn get(&self, at: usize, len: usize) -> Vec<u8> {
        self.memory.data(&self.store)[at..at + len].to_vec()
    }

    pub fn u32(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.get(at, 4).try_into().expect("four"))
    }

    pub fn u64(&self, at: usize) -> u64 {
        u64::from_le_bytes(self.get(at, 8).try_into().expect("eight"))
    }

    fn path(&mut self, at: usize, path: impl AsRef<[u8]>) -> (u64, u64) {
        self.put(at, path.as_ref());
        (at as u64, path.as_ref().len() as u64)
    }

    /// `path_open` with everything.
    pub fn path_open(
        &mut self,
        fd: u32,
        lookup: u64,
        path: impl AsRef<[u8]>,
        oflags: u64,
        rights: (u64, u64),
        fdflags: u64,
    ) -> Result<u32> {
        let (at, len) = self.path(PATH, path);
        let (base, inheriting) = rights;
        let args = [
            fd.into(),
            lookup,
            at,
            len,
            oflags,
            base,
            inheriting,
            fdflags,
            RESULT as u64,
        ];
        self.call("path_open", &args)?;
        Ok(self.u32(RESULT))
    }

    /// Opens to read, links followed.
    pub fn open(&mut self, fd: u32, path: impl AsRef<[u8]>) -> Result<u32> {
        self.path_open(fd, FOLLOW, path, 0, (FD_READ | FD_SEEK | FD_TELL, 0), 0)
    }

    /// Opens a directory with all it can have.
    pub fn open_dir(&mut self, fd: u32, path: impl AsRef<[u8]>) -> Result<u32> {
        let all = self.rights(fd)?;
        self.path_open(fd, FOLLOW, path, DIRECTORY, all, 0)
    }

    /// Rights of a descriptor, its own and those it passes on.
    pub fn rights(&mut self, fd: u32) -> Result<(u64, u64)> {
        self.call("fd_fdstat_get", &[fd.into(), RESULT as u64])?;
        Ok((self.u64(RESULT + 8), self.u64(RESULT + 16)))
    }

    /// Creates a file with something in it.
    pub fn write_file(&mut self, fd: u32, path: impl AsRef<[u8]>, bytes: &[u8]) -> Result {
        let file = self.path_open(fd, FOLLOW, path, CREAT | TRUNC, (FILE, 0), 0)?;
        let written = self.write(file, bytes);
        self.close(file)?;
        written.map(drop)
    }

    pub fn close(&mut self, fd: u32) -> Result {
        self.call("fd_close", &[fd.into()])
    }

    pub fn write(&mut self, fd: u32, bytes: &[u8]) -> Result<u32> {
        self.put(DATA, bytes);
        self.list(bytes.len());
        self.call("fd_write", &[fd.into(), 0, 1, RESULT as u64])?;
        Ok(self.u32(RESULT))
    }

    pub fn read(&mut self, fd: u32, len: usize) -> Result<Vec<u8>> {
        self.list(len);
        self.call("fd_read", &[fd.into(), 0, 1, RESULT as u64])?;
        Ok(self.get(DATA, self.u32(RESULT) as usize))
    }

    /// A list of one buffer at 0.
    pub fn list(&mut self, len: usize) {
        self.put(0, &(DATA as u32).to_le_bytes());
        self.put(4, &(len as u32).to_le_bytes());
    }

    /// What a file has, by path.
    pub fn read_file(&mut self, fd: u32, path: impl AsRef<[u8]>) -> Result<Vec<u8>> {
        let file = self.open(fd, path)?;
        let read = self.read(file, 4096);
        self.close(file)?;
        read
    }

    pub fn stat(&mut self, fd: u32, path: impl AsRef<[u8]>, lookup: u64) -> Result<Stat> {
        let (at, len) = self.path(PATH, path);
        self.call(
            "path_filestat_get",
            &[fd.into(), lookup, at, len, RESULT as u64],
        )?;
        Ok(self.stat_result())
    }

    pub fn fd_stat(&mut self, fd: u32) -> Result<Stat> {
        self.call("fd_filestat_get", &[fd.into(), RESULT as u64])?;
        Ok(self.stat_result())
    }

    fn stat_result(&self) -> Stat {
        Stat {
            kind: self.get(RESULT + 16, 1)[0],
            links: self.u64(RESULT + 24),
            size: self.u64(RESULT + 32),
            modified: self.u64(RESULT + 48),
        }
    }

    /// Sets the time of the last write.
    pub fn set_time(&mut self, fd: u32, path: impl AsRef<[u8]>, lookup: u64, time: u64) -> Result {
        let (at, len) = self.path(PATH, path);
        let args = [fd.into(), lookup, at, len, 0, time, MTIM];
        self.call("path_filestat_set_times", &args)
    }

    pub fn mkdir(&mut self, fd: u32, path: impl AsRef<[u8]>) -> Result {
        let (at, len) = self.path(PATH, path);
        self.call("path_create_directory", &[fd.into(), at, len])
    }

    pub fn rmdir(&mut self, fd: u32, path: impl AsRef<[u8]>) -> Result {
        let (at, len) = self.path(PATH, path);
        self.call("path_remove_directory", &[fd.into(), at, len])
    }

    pub fn unlink(&mut self, fd: u32, path: impl AsRef<[u8]>) -> Result {
        let (at, len) = self.path(PATH, path);
        self.call("path_unlink_file", &[fd.into(), at, len])
    }

    pub fn symlink(&mut self, target: impl AsRef<[u8]>, fd: u32, path: impl AsRef<[u8]>) -> Result {
        let (target, target_len) = self.path(SECOND, target);
        let (at, len) = self.path(PATH, path);
        self.call("path_symlink", &[target, target_len, fd.into(), at, len])
    }

    pub fn readlink(&mut self, fd: u32, path: impl AsRef<[u8]>, room: usize) -> Result<Vec<u8>> {
        let (at, len) = self.path(PATH, path);
        let args = [fd.into(), at, len, DATA as u64, room as u64, RESULT as u64];
        self.call("path_readlink", &args)?;
        Ok(self.get(DATA, self.u32(RESULT) as usize))
    }

    pub fn rename(
        &mut self,
        fd: u32,
        path: impl AsRef<[u8]>,
        to: u32,
        new: impl AsRef<[u8]>,
    ) -> Result {
        let (at, len) = self.path(PATH, path);
        let (new, new_len) = self.path(SECOND, new);
        self.call(
            "path_rename",
            &[fd.into(), at, len, to.into(), new, new_len],
        )
    }

    pub fn link(
        &mut self,
        fd: u32,
        lookup: u64,
        path: impl AsRef<[u8]>,
        to: u32,
        new: impl AsRef<[u8]>,
    ) -> Result {
        let (at, len) = self.path(PATH, path);
        let (new, new_len) = self.path(SECOND, new);
        self.call(
            "path_link",
            &[fd.into(), lookup, at, len, to.into(), new, new_len],
        )
    }

    /// Names in a directory from a cookie on, each with the cookie after it, as many as fit into
    /// a buffer of that size; and how much of the buffer was used.
    pub fn readdir(
        &mut self,
        fd: u32,
        cookie: u64,
        room: usize,
    ) -> Result<(Vec<(String, u64)>, usize)> {
        let args = [fd.into(), DATA as u64, room as u64, cookie, RESULT as u64];
        self.call("fd_readdir", &args)?;
        let used = self.u32(RESULT) as usize;
        let bytes = self.get(DATA, used);
        let (mut names, mut rest) = (Vec::new(), &bytes[..]);
        while let Some((head, tail)) = rest.split_at_checked(24) {
            let next = u64::from_le_bytes(head[..8].try_into().expect("eight"));
            let len = u32::from_le_bytes(head[16..20].try_into().expect("four")) as usize;
            let Some((name, tail)) = tail.split_at_checked(len) else {
                break;
            };
            names.push((String::from_utf8_lossy(name).into_owned(), next));
            rest = tail;
        }
        Ok((names, used))
    }

    /// All names in a directory but its own two, in order.
    pub fn names(&mut self, fd: u32) -> Result<Vec<String>> {
        let (mut all, mut cookie) = (Vec::new(), 0);
        loop {
            let (names, _) = self.readdir(fd, cookie, 4096)?;
            let Some((_, next)) = names.last() else {
                break;
            };
            cookie = *next;
            all.extend(names.into_iter().map(|(name, _)| name));
        }
        all.retain(|name| name != "." && name != "..");
        all.sort();
        Ok(all)
    }
}

/// A module that imports every function and exports it again as one of its own.
fn text(memory: &str) -> String {
    let (mut imports, mut functions) = (String::new(), String::new());
    for (name, types) in FUNCTIONS {
        let types = types
            .chars()
            .map(|ty| if ty == 'i' { " i32" } else { " i64" });
        let params: String = types.clone().collect();
        let _ = writeln!(
            imports,
            "(import \"wasi_snapshot_preview1\" \"{name}\"
                (func ${name} (param{params}) (result i32)))"
        );
        let args: String = (0..types.count())
            .map(|n| format!(" (local.get {n})"))
            .collect();
        let _ = writeln!(
            functions,
            "(func (export \"{name}\") (param{params}) (result i32) (call ${name}{args}))"
        );
    }
    format!("(module {imports} {memory} {functions})")
}
