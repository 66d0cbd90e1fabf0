// Values, heap objects and the interfaces between the parts of the interpreter.
//
// A value is 64 bits, NaN-boxed: any double is itself; the patterns above the quiet NaNs hold
// 48-bit integers, pointers to heap objects, and the few immediates (#t, (), characters...).
#ifndef SCHEME_H
#define SCHEME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint64_t Value;

#define TAG_FIX (UINT64_C(0xFFF9) << 48)
#define TAG_OBJ (UINT64_C(0xFFFA) << 48)
#define TAG_IMM (UINT64_C(0xFFFB) << 48)
#define TAG_CHAR (UINT64_C(0xFFFC) << 48)
#define PAYLOAD UINT64_C(0xFFFFFFFFFFFF)

#define V_NIL (TAG_IMM | 0)
#define V_FALSE (TAG_IMM | 1)
#define V_TRUE (TAG_IMM | 2)
#define V_VOID (TAG_IMM | 3)       // what (if #f #f) yields; the REPL does not print it
#define V_EOF (TAG_IMM | 4)
#define V_UNBOUND (TAG_IMM | 5)    // in a global or letrec variable with no value yet
#define V_ERROR (TAG_IMM | 6)      // a C function failed; the reason is in `vm.error`

typedef enum {
    T_FREE, // a free cell of the heap
    // Objects that start with `len` values:
    T_PAIR, T_VECTOR, T_BOX, T_CLOSURE, T_CODE, T_SYMBOL, T_CONTINUATION, T_CONDITION, T_VALUES,
    T_PROMISE,
    // Objects that hold no values:
    T_STRING, T_BIGNUM, T_PRIMITIVE,
} Type;

typedef struct Obj {
    uint8_t type;
    uint8_t mark;
    uint8_t cell;  // size in words of 8 bytes, or 0 for a large object
    uint8_t flag;  // of a bignum: negative
    uint32_t len;  // values, characters or 32-bit limbs
    Value slot[];
} Obj;

typedef struct {
    Obj head; // slots: name, constants (vector), words (string of 32-bit words)
    Value name, consts, words;
    uint32_t required, max_stack;
    bool rest;
} Code;

typedef struct Symbol {
    Obj head; // slot: the global variable of this name
    Value global;
    struct Symbol *next; // in its hash bucket
    uint32_t hash, length;
    uint8_t special;   // 1 + index of the special form of this name
    uint8_t inline_op; // opcode that replaces a call of this global, until it is redefined
    uint8_t inline_args;
    char name[];
} Symbol;

typedef Value (*Builtin)(int count, Value *args);
typedef enum { ORDINARY, APPLY, CALL_CC } PrimKind;
typedef struct {
    const char *name;
    int8_t min, max; // number of arguments; max -1 is any
    Builtin fn;
    PrimKind kind; // other than ORDINARY: the machine does it itself
} Primitive;
typedef struct {
    Obj head;
    const Primitive *def;
} PrimObj;

static inline Value boolean(bool b) { return b ? V_TRUE : V_FALSE; }
static inline bool is_fix(Value v) { return v >> 48 == 0xFFF9; }
static inline bool is_obj(Value v) { return v >> 48 == 0xFFFA; }
static inline bool is_char(Value v) { return v >> 48 == 0xFFFC; }
static inline bool is_flo(Value v) { return v < TAG_FIX; }
static inline int64_t fix(Value v) { return (int64_t)(v << 16) >> 16; }
static inline bool fits_fix(int64_t n) { return n >= -(INT64_C(1) << 47) && n < INT64_C(1) << 47; }
static inline Value make_fix(int64_t n) { return TAG_FIX | ((uint64_t)n & PAYLOAD); }
static inline Value make_char(unsigned char c) { return TAG_CHAR | c; }
static inline Obj *obj(Value v) { return (Obj *)(uintptr_t)(v & PAYLOAD); }
static inline Value from_obj(const void *o) { return TAG_OBJ | (uint64_t)(uintptr_t)o; }
static inline bool is_type(Value v, Type t) { return is_obj(v) && obj(v)->type == t; }
static inline bool is_pair(Value v) { return is_type(v, T_PAIR); }
static inline bool is_symbol(Value v) { return is_type(v, T_SYMBOL); }
static inline bool is_string(Value v) { return is_type(v, T_STRING); }
static inline Value car(Value v) { return obj(v)->slot[0]; }
static inline Value cdr(Value v) { return obj(v)->slot[1]; }
static inline char *chars(Value v) { return (char *)obj(v)->slot; }
static inline Symbol *symbol(Value v) { return (Symbol *)obj(v); }
static inline double flo(Value v) {
    double d;
    memcpy(&d, &v, sizeof d);
    return d;
}
static inline Value make_flo(double d) {
    Value v;
    memcpy(&v, &d, sizeof v);
    return d == d ? v : UINT64_C(0x7FF8) << 48; // one NaN, so that none looks like a tag
}

// heap.c: memory. Only `collect` frees anything, and only the machine calls it (between two
// instructions), so C code may hold values in its variables freely.
Obj *alloc(Type type, uint32_t slots, size_t extra_bytes);
Value cons(Value a, Value d);
Value make_box(Type type, Value v); // an object of one slot
Value make_string(const char *s, size_t n);
Value make_vector(uint32_t n, Value fill);
Value intern(const char *s, size_t n);
Value sym(const char *s);
bool collection_due(void);
size_t collect(void); // returns the bytes still in use
void die(const char *why);
extern uint32_t collections;

// number.c: integers of any size and doubles. Arguments are numbers already checked.
bool is_number(Value v);
bool is_integer(Value v);
bool is_exact(Value v);
double to_double(Value v);
Value from_integer(int64_t n);
Value num_add(Value a, Value b);
Value num_sub(Value a, Value b);
Value num_mul(Value a, Value b);
Value num_div(Value a, Value b);
Value num_expt(Value a, Value b);
Value num_exact(Value v);
Value num_divide(Value a, Value b, Value *rem); // truncates; b is not zero
int num_cmp(Value a, Value b);                  // -1, 0, 1; 2 when unordered (NaN)
Value parse_number(const char *s, size_t n, int radix); // V_FALSE if it is none

// text.c: reading and printing.
typedef struct {
    int fd; // or -1: into memory
    size_t len, cap, limit;
    char *data;
} Out;
typedef struct In {
    const char *at, *end;
    bool (*refill)(struct In *in); // false at the end of input
    bool inside;                   // part of a datum was read
} In;
extern Out out;
void out_char(Out *o, char c);
void out_text(Out *o, const char *s);
void out_flush(Out *o);
void print(Out *o, Value v, bool quoted);
void print_number(Out *o, Value v, int radix);
Out out_memory(size_t limit);
Value read_datum(In *in); // V_EOF at the end, V_ERROR on bad syntax

// compile.c: from data to code.
typedef enum {
    OP_HALT, OP_CONST, OP_INT, OP_LOCAL, OP_LOCAL_BOX, OP_FREE, OP_FREE_BOX, OP_SELF, OP_GLOBAL,
    OP_SET_LOCAL, OP_SET_LOCAL_BOX, OP_SET_FREE_BOX, OP_SET_GLOBAL, OP_DEFINE, OP_BOX_LOCAL,
    OP_NEW_BOX, OP_POP, OP_SLIDE, OP_JUMP, OP_JUMP_FALSE, OP_JUMP_TRUE_KEEP, OP_CLOSURE, OP_CALL,
    OP_TAIL_CALL, OP_RETURN, OP_ADD_INT, OP_SUB_INT,
    // Calls of well-known procedures:
    OP_ADD, OP_SUB, OP_MUL, OP_NUM_EQ, OP_LT, OP_GT, OP_LE, OP_GE, OP_CONS, OP_CAR, OP_CDR, OP_NOT,
    OP_NULL, OP_PAIR, OP_EQ, OP_VECTOR_REF, OP_VECTOR_SET,
    OP_COUNT
} Op;
void compiler_init(void);
Value compile(Value form); // a procedure of no arguments, or V_ERROR
extern const Primitive *inline_primitive[OP_COUNT];

// vm.c: the machine.
typedef struct {
    const uint32_t *pc;
    const Value *consts;
    uint32_t fp;
} Frame;
typedef struct {
    Value *stack, *stack_end;
    Frame *frames, *frames_end;
    Value *sp;      // up to date only while C code runs
    Frame *frame;
    Value error;    // why the last V_ERROR
    Value handlers; // continuations of the `guard`s in force, innermost first
    const char *running; // the primitive that runs, for its messages
} Machine;
extern Machine vm;
Value run(Value procedure); // V_ERROR if nothing handled an error
Value fail(const char *message, Value irritant); // V_UNBOUND: no irritant
Value wrong(const char *expected, Value got);
int list_length(Value v); // -1 if v is no proper list

// builtins.c
void builtins_init(void);
#endif
