//! The kernels: what each is called, its text, how often it goes round, and what it must give,
//! worked out in Rust.

/// A kernel. It exports `run`, from `i32` to `i64`.
#[derive(Clone, Copy, Debug)]
pub struct Kernel {
    /// Its name in tables.
    pub name: &'static str,
    /// Its module.
    pub text: &'static str,
    /// The argument.
    pub n: i32,
    /// The result for an argument.
    pub expected: fn(i32) -> i64,
}

macro_rules! kernels {
    ($($name:literal $n:literal $expected:expr;)*) => {
        /// All kernels.
        pub const KERNELS: &[Kernel] = &[$(Kernel {
            name: $name,
            text: include_str!(concat!("../kernels/", $name, ".wat")),
            n: $n,
            expected: $expected,
        }),*];
    };
}

kernels! {
    "fib" 30 fib;
    "call" 5_000_000 call;
    "call_indirect" 5_000_000 call_indirect;
    "memory" 5_000_000 memory;
    "sieve" 2_000_000 sieve;
    "br_table" 5_000_000 br_table;
    "xorshift" 5_000_000 xorshift;
    "matmul" 160 matmul;
    "host" 1_000_000 call;
    "host_data" 1_000_000 call;
}

/// What the host function `host.step` does.
pub fn step(acc: i32, k: i32) -> i32 {
    acc.wrapping_mul(31).wrapping_add(k)
}

/// What the host function `host.count` does, with the store's data.
pub fn count(calls: &mut u64, acc: i32, k: i32) -> i32 {
    *calls += 1;
    step(acc, k)
}

fn unsigned(value: i32) -> i64 {
    i64::from(value as u32)
}

fn fib(n: i32) -> i64 {
    (0..n).fold((0, 1), |(a, b), _| (b, a + b)).0
}

fn call(n: i32) -> i64 {
    unsigned((0..n).fold(0, step))
}

fn call_indirect(n: i32) -> i64 {
    let one = |acc: i32, k: i32| match k & 3 {
        0 => acc.wrapping_add(k),
        1 => acc.wrapping_sub(k),
        2 => acc ^ k,
        _ => acc.wrapping_mul(k | 1),
    };
    unsigned((0..n).fold(0, one))
}

fn memory(n: i32) -> i64 {
    let mut words = [0i32; 4096];
    let mut acc = 0i32;
    for k in 0..n {
        let word = &mut words[(k as usize) & 4095];
        acc = acc.wrapping_add(*word);
        *word = acc.wrapping_add(k);
    }
    unsigned(acc)
}

fn sieve(n: i32) -> i64 {
    let n = n as usize;
    let mut struck = vec![false; n];
    let mut count = 0;
    for k in 2..n {
        if !struck[k] {
            count += 1;
            (2 * k..n).step_by(k).for_each(|m| struck[m] = true);
        }
    }
    count
}

fn br_table(n: i32) -> i64 {
    let (mut acc, mut state) = (1i64, 0);
    for _ in 0..n {
        (acc, state) = match state {
            0 => (acc.wrapping_add(7), 3),
            1 => (acc.wrapping_mul(3), 6),
            2 => (acc ^ 0x5555, 5),
            3 => (acc.wrapping_sub(11), 1),
            4 => (acc.rotate_left(5), 2),
            5 => (acc.wrapping_add(0x123_4567), 7),
            6 => (acc | 1, 4),
            _ => (acc, state),
        };
        if state == 7 {
            state = acc & 7;
        }
    }
    acc
}

fn xorshift(n: i32) -> i64 {
    let mut x = 88_172_645_463_325_252u64;
    for _ in 0..n {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
    }
    x as i64
}

fn matmul(n: i32) -> i64 {
    let n = n as usize;
    let (a, b) = (|k: usize| (k % 17) as i64, |k: usize| (k % 13) as i64);
    let cell = |i: usize, j: usize| (0..n).map(|k| a(i * n + k) * b(k * n + j)).sum::<i64>();
    (0..n)
        .map(|i| (0..n).map(|j| cell(i, j)).sum::<i64>())
        .sum()
}
