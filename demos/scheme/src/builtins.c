// The built-in procedures, each a C function of its arguments. The machine has checked their
// number; they check their types. Those that call procedures are in prelude.scm.
#include "scheme.h"
#include <math.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define MAX_LENGTH (1 << 24) // of strings and vectors
#define CHECK(ok, expected, v) \
    if (!(ok)) return wrong(expected, v)
#define NUMBER(v) CHECK(is_number(v), "a number", v)
#define INTEGER(v) CHECK(is_integer(v), "an integer", v)
#define PAIR(v) CHECK(is_pair(v), "a pair", v)
#define STRING(v) CHECK(is_string(v), "a string", v)
#define SYMBOL(v) CHECK(is_symbol(v), "a symbol", v)
#define CHAR(v) CHECK(is_char(v), "a character", v)
#define VECTOR(v) CHECK(is_type(v, T_VECTOR), "a vector", v)
#define LIST(v) CHECK(list_length(v) >= 0, "a list", v)
#define INDEX(v, limit) \
    CHECK(is_fix(v) && fix(v) >= 0 && fix(v) < (int64_t)(limit), "an index in range", v)
#define LENGTH(v) CHECK(is_fix(v) && fix(v) >= 0 && fix(v) <= MAX_LENGTH, "a length", v)
#define BUILTIN(name) static Value name(int n, Value *a)
#define UNUSED (void)n, (void)a

// Numbers.

#define FOLD(name, operation, unit)                                       \
    BUILTIN(name) {                                                       \
        Value r = make_fix(unit);                                         \
        for (int i = 0; i < n; i++) {                                     \
            NUMBER(a[i]);                                                 \
            r = i ? operation(r, a[i]) : a[i];                            \
            if (r == V_ERROR) return r;                                   \
        }                                                                 \
        return r;                                                         \
    }
FOLD(b_add, num_add, 0)
FOLD(b_mul, num_mul, 1)

BUILTIN(b_sub) {
    for (int i = 0; i < n; i++) NUMBER(a[i]);
    Value r = n == 1 ? num_sub(make_fix(0), a[0]) : a[0];
    for (int i = 1; i < n; i++) r = num_sub(r, a[i]);
    return r;
}

static Value divide(Value x, Value y) {
    if (y == make_fix(0)) return fail("/: division by zero", V_UNBOUND);
    return num_div(x, y);
}

BUILTIN(b_div) {
    for (int i = 0; i < n; i++) NUMBER(a[i]);
    if (n == 1) return divide(make_fix(1), a[0]);
    Value r = a[0];
    for (int i = 1; i < n && r != V_ERROR; i++) r = divide(r, a[i]);
    return r;
}

#define COMPARE(name, test)                                               \
    BUILTIN(name) {                                                       \
        bool holds = true;                                                \
        NUMBER(a[0]);                                                     \
        for (int i = 1; i < n; i++) {                                     \
            NUMBER(a[i]);                                                 \
            int c = num_cmp(a[i - 1], a[i]);                              \
            holds = holds && c != 2 && (test);                            \
        }                                                                 \
        return boolean(holds);                                            \
    }
COMPARE(b_num_eq, c == 0)
COMPARE(b_lt, c < 0)
COMPARE(b_gt, c > 0)
COMPARE(b_le, c <= 0)
COMPARE(b_ge, c >= 0)

static Value pick(int n, Value *a, int sign) { // max or min
    Value best = a[0];
    bool inexact = false;
    for (int i = 0; i < n; i++) {
        NUMBER(a[i]);
        inexact |= is_flo(a[i]);
        if (i && num_cmp(a[i], best) == sign) best = a[i];
    }
    return inexact ? make_flo(to_double(best)) : best;
}
BUILTIN(b_max) { return pick(n, a, 1); }
BUILTIN(b_min) { return pick(n, a, -1); }

static Value integer_division(Value *a, Value *rem) {
    INTEGER(a[0]);
    INTEGER(a[1]);
    if (num_cmp(a[1], make_fix(0)) != 0) return num_divide(a[0], a[1], rem);
    fail(": division by zero", V_UNBOUND);
    Out text = out_memory(100);
    out_text(&text, vm.running);
    out_text(&text, ": division by zero");
    obj(vm.error)->slot[0] = make_string(text.data, text.len);
    free(text.data);
    return V_ERROR;
}
BUILTIN(b_quotient) {
    (void)n;
    Value rem;
    return integer_division(a, &rem);
}
BUILTIN(b_remainder) {
    (void)n;
    Value rem;
    return integer_division(a, &rem) == V_ERROR ? V_ERROR : rem;
}
static int sign(Value v) { return num_cmp(v, make_fix(0)); }
BUILTIN(b_modulo) {
    Value rem = b_remainder(n, a);
    if (rem == V_ERROR || sign(rem) == 0 || sign(rem) == sign(a[1])) return rem;
    return num_add(rem, a[1]);
}
BUILTIN(b_gcd) {
    Value x = make_fix(0);
    for (int i = 0; i < n; i++) {
        INTEGER(a[i]);
        for (Value y = a[i], rem; sign(y) != 0; x = y, y = rem) num_divide(x, y, &rem);
    }
    return sign(x) < 0 ? num_sub(make_fix(0), x) : x;
}
BUILTIN(b_expt) {
    (void)n;
    NUMBER(a[0]);
    NUMBER(a[1]);
    return num_expt(a[0], a[1]);
}
BUILTIN(b_sqrt) {
    (void)n;
    NUMBER(a[0]);
    double root = sqrt(to_double(a[0]));
    bool whole = is_fix(a[0]) && fix(a[0]) >= 0 && floor(root) == root; // 48 bits: no rounding
    return whole ? make_fix((int64_t)root) : make_flo(root);
}
BUILTIN(b_atan) {
    for (int i = 0; i < n; i++) NUMBER(a[i]);
    return make_flo(n == 1 ? atan(to_double(a[0])) : atan2(to_double(a[0]), to_double(a[1])));
}
#define REAL(name, function)                                              \
    BUILTIN(name) {                                                       \
        (void)n;                                                          \
        NUMBER(a[0]);                                                     \
        return make_flo(function(to_double(a[0])));                       \
    }
REAL(b_exp, exp)
REAL(b_log, log)
REAL(b_sin, sin)
REAL(b_cos, cos)
REAL(b_tan, tan)
REAL(b_inexact, )
#define ROUND(name, function)                                             \
    BUILTIN(name) {                                                       \
        (void)n;                                                          \
        NUMBER(a[0]);                                                     \
        return is_exact(a[0]) ? a[0] : make_flo(function(flo(a[0])));     \
    }
ROUND(b_floor, floor)
ROUND(b_ceiling, ceil)
ROUND(b_truncate, trunc)
ROUND(b_round, rint)
BUILTIN(b_exact) {
    (void)n;
    NUMBER(a[0]);
    return num_exact(a[0]);
}
BUILTIN(b_number_to_string) {
    NUMBER(a[0]);
    int64_t radix = n == 2 && is_fix(a[1]) ? fix(a[1]) : n == 2 ? 0 : 10;
    CHECK(radix >= 2 && radix <= 36, "a radix from 2 to 36", a[n - 1]);
    Out text = out_memory(MAX_LENGTH);
    print_number(&text, a[0], (int)radix);
    Value v = make_string(text.data, text.len);
    free(text.data);
    return v;
}
BUILTIN(b_string_to_number) {
    STRING(a[0]);
    int64_t radix = n == 2 && is_fix(a[1]) ? fix(a[1]) : n == 2 ? 0 : 10;
    CHECK(radix >= 2 && radix <= 36, "a radix from 2 to 36", a[n - 1]);
    return obj(a[0])->len > 10000 ? V_FALSE
                                  : parse_number(chars(a[0]), obj(a[0])->len, (int)radix);
}

static uint64_t random_state;
static uint32_t random_bits(void) { // xorshift64*
    if (!random_state && (getentropy(&random_state, sizeof random_state) || !random_state))
        random_state = 88172645463325252u;
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (uint32_t)((random_state * UINT64_C(2685821657736338717)) >> 32);
}
BUILTIN(b_random) {
    (void)n;
    NUMBER(a[0]);
    CHECK(sign(a[0]) == 1, "a positive number", a[0]);
    double unit = (random_bits() + random_bits() / 4294967296.0) / 4294967296.0;
    if (is_flo(a[0])) return make_flo(unit * flo(a[0]));
    CHECK(is_fix(a[0]), "a smaller number", a[0]);
    return make_fix((int64_t)(unit * (double)fix(a[0])) % fix(a[0]));
}
BUILTIN(b_random_seed) {
    (void)n;
    CHECK(is_fix(a[0]), "an integer", a[0]);
    random_state = (uint64_t)fix(a[0]) * UINT64_C(0x9E3779B97F4A7C15) | 1;
    return V_VOID;
}

// Predicates and equality.

#define TEST(name, test)                                                  \
    BUILTIN(name) {                                                       \
        (void)n;                                                          \
        return boolean(test);                                             \
    }
TEST(b_is_number, is_number(a[0]))
TEST(b_is_integer, is_integer(a[0]))
TEST(b_is_exact, is_exact(a[0]))
TEST(b_is_inexact, is_flo(a[0]))
TEST(b_is_pair, is_pair(a[0]))
TEST(b_is_null, a[0] == V_NIL)
TEST(b_is_list, list_length(a[0]) >= 0)
TEST(b_is_symbol, is_symbol(a[0]))
TEST(b_is_string, is_string(a[0]))
TEST(b_is_char, is_char(a[0]))
TEST(b_is_vector, is_type(a[0], T_VECTOR))
TEST(b_is_boolean, a[0] == V_TRUE || a[0] == V_FALSE)
TEST(b_is_eof, a[0] == V_EOF)
TEST(b_is_promise, is_type(a[0], T_PROMISE))
TEST(b_is_values, is_type(a[0], T_VALUES))
TEST(b_is_condition, is_type(a[0], T_CONDITION))
TEST(b_is_procedure, is_type(a[0], T_CLOSURE) || is_type(a[0], T_PRIMITIVE)
                         || is_type(a[0], T_CONTINUATION))
TEST(b_not, a[0] == V_FALSE)
TEST(b_eq, a[0] == a[1])

static bool eqv(Value x, Value y) {
    if (x == y) return true;
    return is_type(x, T_BIGNUM) && is_type(y, T_BIGNUM) && num_cmp(x, y) == 0;
}
static bool equal(Value x, Value y, int depth) {
    while (is_pair(x) && is_pair(y)) {
        if (depth > 400 || !equal(car(x), car(y), depth + 1)) return false;
        x = cdr(x), y = cdr(y);
    }
    if (eqv(x, y)) return true;
    if (!is_obj(x) || !is_obj(y) || obj(x)->type != obj(y)->type) return false;
    if (obj(x)->len != obj(y)->len) return false;
    if (is_string(x)) return !memcmp(chars(x), chars(y), obj(x)->len);
    if (!is_type(x, T_VECTOR)) return false;
    for (uint32_t i = 0; i < obj(x)->len; i++)
        if (depth > 400 || !equal(obj(x)->slot[i], obj(y)->slot[i], depth + 1)) return false;
    return true;
}
TEST(b_eqv, eqv(a[0], a[1]))
TEST(b_equal, equal(a[0], a[1], 0))

// Pairs and lists.

BUILTIN(b_cons) { (void)n; return cons(a[0], a[1]); }

// car, cdr, caar... by the letters between c and r, the last one first.
BUILTIN(b_cxr) {
    (void)n;
    Value v = a[0];
    for (const char *p = vm.running + strlen(vm.running) - 2; *p != 'c'; p--) {
        PAIR(v);
        v = *p == 'a' ? car(v) : cdr(v);
    }
    return v;
}
BUILTIN(b_set_car) { (void)n; PAIR(a[0]); obj(a[0])->slot[0] = a[1]; return V_VOID; }
BUILTIN(b_set_cdr) { (void)n; PAIR(a[0]); obj(a[0])->slot[1] = a[1]; return V_VOID; }
BUILTIN(b_list) {
    Value list = V_NIL;
    while (n-- > 0) list = cons(a[n], list);
    return list;
}
BUILTIN(b_cons_star) {
    Value list = a[--n];
    while (n-- > 0) list = cons(a[n], list);
    return list;
}
BUILTIN(b_length) { (void)n; LIST(a[0]); return make_fix(list_length(a[0])); }
BUILTIN(b_append) {
    if (n == 0) return V_NIL;
    Value result = a[n - 1];
    for (int i = n - 2; i >= 0; i--) {
        LIST(a[i]);
        Value first = V_NIL, last = V_NIL;
        for (Value l = a[i]; is_pair(l); l = cdr(l)) {
            Value pair = cons(car(l), V_NIL);
            if (last == V_NIL) first = pair;
            else obj(last)->slot[1] = pair;
            last = pair;
        }
        if (last == V_NIL) continue;
        obj(last)->slot[1] = result;
        result = first;
    }
    return result;
}
BUILTIN(b_reverse) {
    (void)n;
    LIST(a[0]);
    Value result = V_NIL;
    for (Value l = a[0]; is_pair(l); l = cdr(l)) result = cons(car(l), result);
    return result;
}
BUILTIN(b_list_tail) {
    (void)n;
    CHECK(is_fix(a[1]), "an index in range", a[1]);
    Value l = a[0];
    for (int64_t i = fix(a[1]); i != 0; i--, l = cdr(l)) CHECK(is_pair(l), "a longer list", a[0]);
    return l;
}
BUILTIN(b_list_ref) {
    Value l = b_list_tail(n, a);
    if (l != V_ERROR) CHECK(is_pair(l), "a longer list", a[0]);
    return l == V_ERROR ? l : car(l);
}
#define SEARCH(name, found, answer)                                       \
    BUILTIN(name) {                                                       \
        (void)n;                                                          \
        LIST(a[1]);                                                       \
        for (Value l = a[1], x = a[0]; is_pair(l); l = cdr(l)) {          \
            Value y = car(l);                                             \
            if (found) return answer;                                     \
        }                                                                 \
        return V_FALSE;                                                   \
    }
SEARCH(b_memq, x == y, l)
SEARCH(b_memv, eqv(x, y), l)
SEARCH(b_member, equal(x, y, 0), l)
SEARCH(b_assq, is_pair(y) && x == car(y), y)
SEARCH(b_assv, is_pair(y) && eqv(x, car(y)), y)
SEARCH(b_assoc, is_pair(y) && equal(x, car(y), 0), y)

// Symbols, characters, strings.

BUILTIN(b_symbol_to_string) {
    (void)n;
    SYMBOL(a[0]);
    return make_string(symbol(a[0])->name, symbol(a[0])->length);
}
BUILTIN(b_string_to_symbol) { (void)n; STRING(a[0]); return intern(chars(a[0]), obj(a[0])->len); }
BUILTIN(b_char_to_integer) { (void)n; CHAR(a[0]); return make_fix((unsigned char)a[0]); }
BUILTIN(b_integer_to_char) {
    (void)n;
    INDEX(a[0], 256);
    return make_char((unsigned char)fix(a[0]));
}
static bool between(Value c, char from, char to) {
    return (unsigned char)c >= from && (unsigned char)c <= to;
}
#define CHAR_BUILTIN(name, answer)                                        \
    BUILTIN(name) {                                                       \
        for (int i = 0; i < n; i++) CHAR(a[i]);                           \
        return answer;                                                    \
    }
CHAR_BUILTIN(b_char_eq, boolean(a[0] == a[1]))
CHAR_BUILTIN(b_char_lt, boolean(a[0] < a[1]))
CHAR_BUILTIN(b_char_alphabetic, boolean(between(a[0] | 32, 'a', 'z')))
CHAR_BUILTIN(b_char_numeric, boolean(between(a[0], '0', '9')))
CHAR_BUILTIN(b_char_whitespace, boolean((unsigned char)a[0] == ' ' || between(a[0], '\t', '\r')))
CHAR_BUILTIN(b_char_upcase, between(a[0], 'a', 'z') ? a[0] - 32 : a[0])
CHAR_BUILTIN(b_char_downcase, between(a[0], 'A', 'Z') ? a[0] + 32 : a[0])

BUILTIN(b_make_string) {
    LENGTH(a[0]);
    if (n == 2) CHAR(a[1]);
    Value v = make_string(NULL, (size_t)fix(a[0]));
    memset(chars(v), n == 2 ? (unsigned char)a[1] : ' ', (size_t)fix(a[0]));
    return v;
}
BUILTIN(b_string) {
    for (int i = 0; i < n; i++) CHAR(a[i]);
    Value v = make_string(NULL, (size_t)n);
    for (int i = 0; i < n; i++) chars(v)[i] = (char)a[i];
    return v;
}
BUILTIN(b_string_length) { (void)n; STRING(a[0]); return make_fix(obj(a[0])->len); }
BUILTIN(b_string_ref) {
    (void)n;
    STRING(a[0]);
    INDEX(a[1], obj(a[0])->len);
    return make_char((unsigned char)chars(a[0])[fix(a[1])]);
}
BUILTIN(b_string_set) {
    (void)n;
    STRING(a[0]);
    INDEX(a[1], obj(a[0])->len);
    CHAR(a[2]);
    chars(a[0])[fix(a[1])] = (char)a[2];
    return V_VOID;
}
BUILTIN(b_substring) {
    STRING(a[0]);
    int64_t from = 0, to = obj(a[0])->len;
    if (n == 3) {
        INDEX(a[2], to + 1);
        to = fix(a[2]);
    }
    if (n >= 2) {
        INDEX(a[1], to + 1);
        from = fix(a[1]);
    }
    Value v = make_string(NULL, (size_t)(to - from));
    memcpy(chars(v), chars(a[0]) + from, (size_t)(to - from));
    return v;
}
BUILTIN(b_string_append) {
    size_t size = 0;
    for (int i = 0; i < n; i++) {
        STRING(a[i]);
        size += obj(a[i])->len;
    }
    if (size > MAX_LENGTH) return fail("string-append: string too long", V_UNBOUND);
    Value v = make_string(NULL, size);
    char *to = chars(v);
    for (int i = 0; i < n; to += obj(a[i])->len, i++) memcpy(to, chars(a[i]), obj(a[i])->len);
    return v;
}
BUILTIN(b_string_eq) { (void)n; STRING(a[0]); STRING(a[1]); return boolean(equal(a[0], a[1], 0)); }
BUILTIN(b_string_lt) {
    (void)n;
    STRING(a[0]);
    STRING(a[1]);
    uint32_t x = obj(a[0])->len, y = obj(a[1])->len;
    int c = memcmp(chars(a[0]), chars(a[1]), x < y ? x : y);
    return boolean(c < 0 || (c == 0 && x < y));
}
BUILTIN(b_string_to_list) {
    (void)n;
    STRING(a[0]);
    Value list = V_NIL;
    for (uint32_t i = obj(a[0])->len; i-- > 0;)
        list = cons(make_char((unsigned char)chars(a[0])[i]), list);
    return list;
}
BUILTIN(b_list_to_string) {
    (void)n;
    LIST(a[0]);
    Value v = make_string(NULL, (size_t)list_length(a[0])), l = a[0];
    for (uint32_t i = 0; is_pair(l); l = cdr(l), i++) {
        CHAR(car(l));
        chars(v)[i] = (char)car(l);
    }
    return v;
}
BUILTIN(b_string_pad_left) { // right-aligned in a field, cut on the left if longer
    (void)n;
    STRING(a[0]);
    LENGTH(a[1]);
    size_t size = obj(a[0])->len, width = (size_t)fix(a[1]), keep = size < width ? size : width;
    Value v = make_string(NULL, width);
    memset(chars(v), ' ', width);
    memcpy(chars(v) + width - keep, chars(a[0]) + size - keep, keep);
    return v;
}

// Vectors.

BUILTIN(b_make_vector) {
    LENGTH(a[0]);
    return make_vector((uint32_t)fix(a[0]), n == 2 ? a[1] : make_fix(0));
}
BUILTIN(b_vector) {
    Value v = make_vector((uint32_t)n, V_VOID);
    memcpy(obj(v)->slot, a, (size_t)n * sizeof(Value));
    return v;
}
BUILTIN(b_vector_length) { (void)n; VECTOR(a[0]); return make_fix(obj(a[0])->len); }
BUILTIN(b_vector_ref) {
    (void)n;
    VECTOR(a[0]);
    INDEX(a[1], obj(a[0])->len);
    return obj(a[0])->slot[fix(a[1])];
}
BUILTIN(b_vector_set) {
    (void)n;
    VECTOR(a[0]);
    INDEX(a[1], obj(a[0])->len);
    obj(a[0])->slot[fix(a[1])] = a[2];
    return V_VOID;
}
BUILTIN(b_vector_fill) {
    (void)n;
    VECTOR(a[0]);
    for (uint32_t i = 0; i < obj(a[0])->len; i++) obj(a[0])->slot[i] = a[1];
    return V_VOID;
}
BUILTIN(b_vector_to_list) {
    (void)n;
    VECTOR(a[0]);
    return b_list((int)obj(a[0])->len, obj(a[0])->slot);
}
BUILTIN(b_list_to_vector) {
    (void)n;
    LIST(a[0]);
    Value v = make_vector((uint32_t)list_length(a[0]), V_VOID), l = a[0];
    for (uint32_t i = 0; is_pair(l); l = cdr(l), i++) obj(v)->slot[i] = car(l);
    return v;
}

// Output, and the world outside.

BUILTIN(b_display) { (void)n; print(&out, a[0], false); return V_VOID; }
BUILTIN(b_write) { (void)n; print(&out, a[0], true); return V_VOID; }
BUILTIN(b_newline) { UNUSED; out_char(&out, '\n'); return V_VOID; }
BUILTIN(b_runtime) { // seconds on a clock that never goes back
    UNUSED;
    struct timespec t;
    if (clock_gettime(CLOCK_MONOTONIC, &t)) return make_flo(0);
    return make_flo((double)t.tv_sec + (double)t.tv_nsec / 1e9);
}
BUILTIN(b_exit) {
    int status = n == 0 || a[0] == V_TRUE ? 0 : is_fix(a[0]) ? (int)(fix(a[0]) & 0xFF) : 1;
    out_flush(&out);
    exit(status);
}
BUILTIN(b_collections) { UNUSED; return make_fix(collections); }

// Errors, promises, several values: what the prelude builds on.

BUILTIN(b_error) {
    Out text = out_memory(10000);
    print(&text, a[0], false);
    fail("", V_UNBOUND);
    obj(vm.error)->slot[0] = make_string(text.data, text.len);
    obj(vm.error)->slot[1] = b_list(n - 1, a + 1);
    free(text.data);
    return V_ERROR;
}
BUILTIN(b_raise) { (void)n; vm.error = a[0]; return V_ERROR; }
BUILTIN(b_message) {
    (void)n;
    CHECK(is_type(a[0], T_CONDITION), "an error object", a[0]);
    return obj(a[0])->slot[0];
}
BUILTIN(b_irritants) {
    (void)n;
    CHECK(is_type(a[0], T_CONDITION), "an error object", a[0]);
    return obj(a[0])->slot[1];
}
BUILTIN(b_report) {
    (void)n;
    Out text = out_memory(10000);
    print(&text, a[0], false);
    Value v = make_string(text.data, text.len);
    free(text.data);
    return v;
}
BUILTIN(b_push_handler) { (void)n; vm.handlers = cons(a[0], vm.handlers); return V_VOID; }
BUILTIN(b_pop_handler) {
    UNUSED;
    if (is_pair(vm.handlers)) vm.handlers = cdr(vm.handlers);
    return V_VOID;
}
BUILTIN(b_make_promise) { (void)n; return make_box(T_PROMISE, cons(V_FALSE, a[0])); }
BUILTIN(b_promise_state) { // (done? . value or thunk)
    (void)n;
    CHECK(is_type(a[0], T_PROMISE), "a promise", a[0]);
    return obj(a[0])->slot[0];
}
BUILTIN(b_make_values) { (void)n; return make_box(T_VALUES, a[0]); }
BUILTIN(b_values_list) {
    (void)n;
    CHECK(is_type(a[0], T_VALUES), "several values", a[0]);
    return obj(a[0])->slot[0];
}

static const Primitive primitives[] = {
    {"+", 0, -1, b_add, 0}, {"-", 1, -1, b_sub, 0}, {"*", 0, -1, b_mul, 0},
    {"/", 1, -1, b_div, 0}, {"=", 1, -1, b_num_eq, 0}, {"<", 1, -1, b_lt, 0},
    {">", 1, -1, b_gt, 0}, {"<=", 1, -1, b_le, 0}, {">=", 1, -1, b_ge, 0},
    {"max", 1, -1, b_max, 0}, {"min", 1, -1, b_min, 0}, {"quotient", 2, 2, b_quotient, 0},
    {"remainder", 2, 2, b_remainder, 0}, {"modulo", 2, 2, b_modulo, 0}, {"gcd", 0, -1, b_gcd, 0},
    {"expt", 2, 2, b_expt, 0}, {"sqrt", 1, 1, b_sqrt, 0}, {"exp", 1, 1, b_exp, 0},
    {"log", 1, 1, b_log, 0}, {"sin", 1, 1, b_sin, 0}, {"cos", 1, 1, b_cos, 0},
    {"tan", 1, 1, b_tan, 0}, {"atan", 1, 2, b_atan, 0}, {"floor", 1, 1, b_floor, 0},
    {"ceiling", 1, 1, b_ceiling, 0}, {"truncate", 1, 1, b_truncate, 0},
    {"round", 1, 1, b_round, 0}, {"exact", 1, 1, b_exact, 0}, {"inexact", 1, 1, b_inexact, 0},
    {"exact->inexact", 1, 1, b_inexact, 0}, {"inexact->exact", 1, 1, b_exact, 0},
    {"number->string", 1, 2, b_number_to_string, 0},
    {"string->number", 1, 2, b_string_to_number, 0}, {"random", 1, 1, b_random, 0},
    {"random-seed!", 1, 1, b_random_seed, 0}, {"number?", 1, 1, b_is_number, 0},
    {"real?", 1, 1, b_is_number, 0}, {"integer?", 1, 1, b_is_integer, 0},
    {"exact?", 1, 1, b_is_exact, 0}, {"inexact?", 1, 1, b_is_inexact, 0},
    {"pair?", 1, 1, b_is_pair, 0}, {"null?", 1, 1, b_is_null, 0}, {"list?", 1, 1, b_is_list, 0},
    {"symbol?", 1, 1, b_is_symbol, 0}, {"string?", 1, 1, b_is_string, 0},
    {"char?", 1, 1, b_is_char, 0}, {"vector?", 1, 1, b_is_vector, 0},
    {"boolean?", 1, 1, b_is_boolean, 0}, {"procedure?", 1, 1, b_is_procedure, 0},
    {"eof-object?", 1, 1, b_is_eof, 0}, {"promise?", 1, 1, b_is_promise, 0},
    {"error-object?", 1, 1, b_is_condition, 0}, {"not", 1, 1, b_not, 0}, {"eq?", 2, 2, b_eq, 0},
    {"eqv?", 2, 2, b_eqv, 0}, {"equal?", 2, 2, b_equal, 0}, {"cons", 2, 2, b_cons, 0},
    {"car", 1, 1, b_cxr, 0}, {"cdr", 1, 1, b_cxr, 0}, {"caar", 1, 1, b_cxr, 0},
    {"cadr", 1, 1, b_cxr, 0}, {"cdar", 1, 1, b_cxr, 0}, {"cddr", 1, 1, b_cxr, 0},
    {"caddr", 1, 1, b_cxr, 0}, {"cdddr", 1, 1, b_cxr, 0}, {"caadr", 1, 1, b_cxr, 0},
    {"cadar", 1, 1, b_cxr, 0}, {"cdadr", 1, 1, b_cxr, 0}, {"cddar", 1, 1, b_cxr, 0},
    {"cadddr", 1, 1, b_cxr, 0}, {"set-car!", 2, 2, b_set_car, 0},
    {"set-cdr!", 2, 2, b_set_cdr, 0}, {"list", 0, -1, b_list, 0},
    {"cons*", 1, -1, b_cons_star, 0}, {"length", 1, 1, b_length, 0},
    {"append", 0, -1, b_append, 0}, {"reverse", 1, 1, b_reverse, 0},
    {"list-tail", 2, 2, b_list_tail, 0}, {"list-ref", 2, 2, b_list_ref, 0},
    {"memq", 2, 2, b_memq, 0}, {"memv", 2, 2, b_memv, 0}, {"member", 2, 2, b_member, 0},
    {"assq", 2, 2, b_assq, 0}, {"assv", 2, 2, b_assv, 0}, {"assoc", 2, 2, b_assoc, 0},
    {"symbol->string", 1, 1, b_symbol_to_string, 0},
    {"string->symbol", 1, 1, b_string_to_symbol, 0},
    {"char->integer", 1, 1, b_char_to_integer, 0}, {"integer->char", 1, 1, b_integer_to_char, 0},
    {"char=?", 2, 2, b_char_eq, 0}, {"char<?", 2, 2, b_char_lt, 0},
    {"char-alphabetic?", 1, 1, b_char_alphabetic, 0},
    {"char-numeric?", 1, 1, b_char_numeric, 0},
    {"char-whitespace?", 1, 1, b_char_whitespace, 0}, {"char-upcase", 1, 1, b_char_upcase, 0},
    {"char-downcase", 1, 1, b_char_downcase, 0}, {"make-string", 1, 2, b_make_string, 0},
    {"string", 0, -1, b_string, 0}, {"string-length", 1, 1, b_string_length, 0},
    {"string-ref", 2, 2, b_string_ref, 0}, {"string-set!", 3, 3, b_string_set, 0},
    {"substring", 2, 3, b_substring, 0}, {"string-copy", 1, 3, b_substring, 0},
    {"string-append", 0, -1, b_string_append, 0}, {"string=?", 2, 2, b_string_eq, 0},
    {"string<?", 2, 2, b_string_lt, 0}, {"string->list", 1, 1, b_string_to_list, 0},
    {"list->string", 1, 1, b_list_to_string, 0},
    {"string-pad-left", 2, 2, b_string_pad_left, 0}, {"make-vector", 1, 2, b_make_vector, 0},
    {"vector", 0, -1, b_vector, 0}, {"vector-length", 1, 1, b_vector_length, 0},
    {"vector-ref", 2, 2, b_vector_ref, 0}, {"vector-set!", 3, 3, b_vector_set, 0},
    {"vector-fill!", 2, 2, b_vector_fill, 0}, {"vector->list", 1, 1, b_vector_to_list, 0},
    {"list->vector", 1, 1, b_list_to_vector, 0}, {"display", 1, 1, b_display, 0},
    {"write", 1, 1, b_write, 0}, {"newline", 0, 0, b_newline, 0},
    {"write-string", 1, 1, b_display, 0}, {"write-char", 1, 1, b_display, 0},
    {"runtime", 0, 0, b_runtime, 0}, {"exit", 0, 1, b_exit, 0},
    {"gc-count", 0, 0, b_collections, 0}, {"error", 1, -1, b_error, 0},
    {"raise", 1, 1, b_raise, 0}, {"error-object-message", 1, 1, b_message, 0},
    {"error-object-irritants", 1, 1, b_irritants, 0},
    {"condition/report-string", 1, 1, b_report, 0},
    {"apply", 2, -1, NULL, APPLY}, {"call/cc", 1, 1, NULL, CALL_CC},
    {"call-with-current-continuation", 1, 1, NULL, CALL_CC},
    {"%push-handler!", 1, 1, b_push_handler, 0}, {"%pop-handler!", 0, 0, b_pop_handler, 0},
    {"%make-promise", 1, 1, b_make_promise, 0}, {"%promise-state", 1, 1, b_promise_state, 0},
    {"%make-values", 1, 1, b_make_values, 0}, {"%values?", 1, 1, b_is_values, 0},
    {"%values-list", 1, 1, b_values_list, 0},
};

void builtins_init(void) {
    for (size_t i = 0; i < sizeof primitives / sizeof *primitives; i++) {
        PrimObj *p = (PrimObj *)alloc(T_PRIMITIVE, 0, sizeof *p - sizeof(Obj));
        p->def = &primitives[i];
        symbol(sym(primitives[i].name))->global = from_obj(p);
    }
}
