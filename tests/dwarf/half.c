/* A function that traps, inlined into another. Built with:
   clang --target=wasm32-wasi -g -O1 -nostdlib -fdebug-compilation-dir=. \
       -Wl,--no-entry -Wl,--export=half -o half.wasm half.c */

static inline __attribute__((always_inline)) int check(int n)
{
    if (n < 0)
        __builtin_trap();
    return n;
}

static __attribute__((noinline)) int halve(int n)
{
    return check(n) / 2;
}

int half(int n)
{
    return halve(n) + 1;
}
