// Text: buffered output, the printer, and the reader.
// Knows the written form of data; nothing of what a program means.
#include "scheme.h"
#include <stdlib.h>
#include <unistd.h>

#define MAX_DEPTH 400 // of nested data, so that reading cannot exhaust the C stack

// Output.

static char out_buffer[4096];
Out out = {.fd = 1, .cap = sizeof out_buffer, .data = out_buffer};

Out out_memory(size_t limit) { return (Out){.fd = -1, .limit = limit}; }

void out_flush(Out *o) {
    for (size_t done = 0; o->fd >= 0 && done < o->len;) {
        ssize_t n = write(o->fd, o->data + done, o->len - done);
        if (n <= 0) _Exit(74); // nobody listens
        done += (size_t)n;
    }
    o->len = 0;
}

void out_char(Out *o, char c) {
    if (o->fd < 0 && o->len == o->limit) return;
    if (o->len == o->cap) { // only in memory
        o->cap = o->cap ? o->cap * 2 : 64;
        o->data = realloc(o->data, o->cap);
        if (!o->data) die("fatal: out of memory");
    }
    o->data[o->len++] = c;
    if (o->fd >= 0 && (c == '\n' || o->len == o->cap)) out_flush(o);
}

void out_text(Out *o, const char *s) {
    while (*s) out_char(o, *s++);
}

static void out_bytes(Out *o, const char *s, size_t n) {
    while (n-- > 0) out_char(o, *s++);
}

// Printing.

static const struct { const char *name; char c; } char_names[] = {
    {"space", ' '}, {"newline", '\n'}, {"tab", '\t'}, {"return", '\r'}, {"null", 0},
    {"nul", 0}, {"escape", 27}, {"backspace", 8}, {"delete", 127}, {"alarm", 7}};
#define CHAR_NAMES (sizeof char_names / sizeof *char_names)

static void print_char(Out *o, unsigned char c) {
    out_text(o, "#\\");
    for (size_t i = 0; i < CHAR_NAMES; i++)
        if ((unsigned char)char_names[i].c == c) return out_text(o, char_names[i].name);
    if (c > ' ' && c < 127) return out_char(o, (char)c);
    out_char(o, 'x');
    print_number(o, make_fix(c), 16);
}

static void print_string(Out *o, Value v) {
    out_char(o, '"');
    for (uint32_t i = 0; i < obj(v)->len; i++) {
        char c = chars(v)[i];
        if (c == '\n') out_text(o, "\\n");
        else if (c == '\t') out_text(o, "\\t");
        else {
            if (c == '"' || c == '\\') out_char(o, '\\');
            out_char(o, c);
        }
    }
    out_char(o, '"');
}

static void print_at(Out *o, Value v, bool quoted, int depth);

static const char *quote_prefix(Value v) {
    static const char *const table[][2] = {
        {"quote", "'"}, {"quasiquote", "`"}, {"unquote", ","}, {"unquote-splicing", ",@"}};
    if (!is_symbol(car(v)) || !is_pair(cdr(v)) || cdr(cdr(v)) != V_NIL) return NULL;
    for (int i = 0; i < 4; i++)
        if (car(v) == sym(table[i][0])) return table[i][1];
    return NULL;
}

static void print_list(Out *o, Value v, bool quoted, int depth) {
    const char *prefix = quote_prefix(v);
    if (prefix) {
        out_text(o, prefix);
        return print_at(o, car(cdr(v)), quoted, depth);
    }
    Value slow = v;
    out_char(o, '(');
    for (bool odd = false;; odd = !odd) {
        print_at(o, car(v), quoted, depth);
        v = cdr(v);
        if (!is_pair(v)) break;
        out_char(o, ' ');
        if (odd) slow = cdr(slow);
        if (v == slow) return out_text(o, "...)"); // a circular list
    }
    if (v != V_NIL) {
        out_text(o, " . ");
        print_at(o, v, quoted, depth);
    }
    out_char(o, ')');
}

static void print_named(Out *o, const char *kind, Value name) {
    out_text(o, "#<");
    out_text(o, kind);
    if (is_symbol(name)) {
        out_char(o, ' ');
        print_at(o, name, false, 0);
    }
    out_char(o, '>');
}

static void print_object(Out *o, Value v, bool quoted, int depth) {
    switch ((Type)obj(v)->type) {
    case T_PAIR: return print_list(o, v, quoted, depth);
    case T_VECTOR:
        out_text(o, "#(");
        for (uint32_t i = 0; i < obj(v)->len; i++) {
            if (i) out_char(o, ' ');
            print_at(o, obj(v)->slot[i], quoted, depth);
        }
        return out_char(o, ')');
    case T_STRING:
        if (quoted) return print_string(o, v);
        return out_bytes(o, chars(v), obj(v)->len);
    case T_SYMBOL: return out_bytes(o, symbol(v)->name, symbol(v)->length);
    case T_BIGNUM: return print_number(o, v, 10);
    case T_CLOSURE: return print_named(o, "procedure", ((Code *)obj(obj(v)->slot[0]))->name);
    case T_PRIMITIVE: return print_named(o, "procedure", sym(((PrimObj *)obj(v))->def->name));
    case T_CONTINUATION: return print_named(o, "continuation", V_NIL);
    case T_PROMISE: return print_named(o, "promise", V_NIL);
    case T_VALUES: return print_named(o, "values", V_NIL);
    case T_CONDITION: // message and irritants, as an uncaught error shows them
        print_at(o, obj(v)->slot[0], false, depth);
        for (Value i = obj(v)->slot[1]; is_pair(i); i = cdr(i)) {
            out_char(o, ' ');
            print_at(o, car(i), true, depth);
        }
        return;
    case T_FREE: case T_BOX: case T_CODE: break; // a program holds none of these
    }
    out_text(o, "#<object>");
}

static void print_at(Out *o, Value v, bool quoted, int depth) {
    if (o->fd < 0 && o->len == o->limit) return; // full: the rest is not shown
    if (depth > MAX_DEPTH) return out_text(o, "...");
    if (is_number(v)) print_number(o, v, 10);
    else if (is_obj(v)) print_object(o, v, quoted, depth + 1);
    else if (is_char(v) && quoted) print_char(o, (unsigned char)v);
    else if (is_char(v)) out_char(o, (char)v);
    else if (v == V_NIL) out_text(o, "()");
    else if (v == V_TRUE) out_text(o, "#t");
    else if (v == V_FALSE) out_text(o, "#f");
    else if (v == V_EOF) out_text(o, "#<eof>");
    else out_text(o, "#<void>");
}

void print(Out *o, Value v, bool quoted) { print_at(o, v, quoted, 0); }

// Reading.

#define CLOSE (TAG_IMM | 100) // a closing parenthesis
#define DOT (TAG_IMM | 101)

static int peek(In *in) {
    if (in->at == in->end && !(in->refill && in->refill(in))) return -1;
    return (unsigned char)*in->at;
}

static int next(In *in) {
    int c = peek(in);
    if (c >= 0) in->at++;
    return c;
}

static bool is_space(int c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static bool is_delimiter(int c) {
    return c < 0 || is_space(c) || (c && strchr("()[]\";'", c));
}

static Value read_at(In *in, int depth);

static Value unfinished(void) { return fail("unexpected end of input", V_UNBOUND); }

static bool skip_comment(In *in) { // after "#|"; comments nest
    for (int depth = 1, last = 0, c; depth; last = c) {
        if ((c = next(in)) < 0) return false;
        if (last == '|' && c == '#') depth--, c = 0;
        else if (last == '#' && c == '|') depth++, c = 0;
    }
    return true;
}

static Value read_list(In *in, int depth) {
    Value list = V_NIL, last = V_NIL;
    for (;;) {
        Value v = read_at(in, depth);
        if (v == CLOSE) return list;
        if (v == V_EOF) return unfinished();
        if (v == V_ERROR) return v;
        if (v == DOT) {
            Value tail = read_at(in, depth);
            if (tail == V_ERROR) return tail;
            if (last == V_NIL || tail == CLOSE || tail == DOT || read_at(in, depth) != CLOSE)
                return fail("misplaced dot in a list", V_UNBOUND);
            obj(last)->slot[1] = tail;
            return list;
        }
        Value pair = cons(v, V_NIL);
        if (last == V_NIL) list = pair;
        else obj(last)->slot[1] = pair;
        last = pair;
    }
}

static Value read_string(In *in) {
    Out text = out_memory(1u << 24);
    for (int c; (c = next(in)) != '"'; out_char(&text, (char)c)) {
        if (c == '\\') {
            c = next(in);
            if (c == 'n') c = '\n';
            else if (c == 't') c = '\t';
            else if (c == 'r') c = '\r';
            else if (c == 'e') c = 27;
        }
        if (c < 0) {
            free(text.data);
            return unfinished();
        }
    }
    Value v = make_string(text.data, text.len);
    free(text.data);
    return v;
}

static Value char_named(const char *s, size_t n) {
    if (n == 1) return make_char((unsigned char)*s);
    for (size_t i = 0; i < CHAR_NAMES; i++)
        if (strlen(char_names[i].name) == n && !memcmp(char_names[i].name, s, n))
            return make_char((unsigned char)char_names[i].c);
    Value code = *s == 'x' ? parse_number(s + 1, n - 1, 16) : V_FALSE;
    if (is_fix(code) && fix(code) >= 0 && fix(code) < 256)
        return make_char((unsigned char)fix(code));
    return fail("unknown character:", make_string(s, n));
}

// A number, a symbol, or what `#` begins.
static Value read_token(In *in, bool hash) {
    char s[1024];
    size_t n = 0;
    if (hash) s[n++] = '#';
    for (;;) {
        bool any = hash && n == 2 && s[1] == '\\'; // after #\ comes any character
        int c = peek(in);
        if (c < 0 || (n > 0 && !any && is_delimiter(c))) break;
        if (n == sizeof s) return fail("a word is too long:", make_string(s, 32));
        s[n++] = (char)next(in);
    }
    if (n > 2 && s[0] == '#' && s[1] == '\\') return char_named(s + 2, n - 2);
    Value v = parse_number(s, n, 10);
    if (v != V_FALSE) return v;
    if (s[0] != '#') return n == 1 && s[0] == '.' ? DOT : intern(s, n);
    if ((n == 2 && s[1] == 't') || (n == 5 && !memcmp(s, "#true", 5))) return V_TRUE;
    if ((n == 2 && s[1] == 'f') || (n == 6 && !memcmp(s, "#false", 6))) return V_FALSE;
    if (n > 2 && s[1] == 'x') v = parse_number(s + 2, n - 2, 16);
    if (n > 2 && s[1] == 'b') v = parse_number(s + 2, n - 2, 2);
    return v != V_FALSE ? v : fail("unknown syntax:", intern(s, n));
}

static Value read_quoted(In *in, const char *name, int depth) {
    Value v = read_at(in, depth);
    if (v == V_ERROR) return v;
    if (v == V_EOF) return unfinished();
    if (v == CLOSE || v == DOT) return fail("nothing to quote before )", V_UNBOUND);
    return cons(sym(name), cons(v, V_NIL));
}

static Value read_hash(In *in, int depth) {
    int c = peek(in);
    if (c == '(') {
        next(in);
        Value list = read_list(in, depth);
        int n = list_length(list);
        if (list == V_ERROR) return list;
        if (n < 0) return fail("misplaced dot in a vector", V_UNBOUND);
        Value v = make_vector((uint32_t)n, V_VOID);
        for (int i = 0; i < n; i++, list = cdr(list)) obj(v)->slot[i] = car(list);
        return v;
    }
    if (c != ';' && c != '|') return read_token(in, true);
    next(in);
    if (c == '|' && !skip_comment(in)) return unfinished();
    if (c == ';') { // a commented datum
        Value v = read_at(in, depth);
        if (v == V_EOF) return unfinished();
        if (v == V_ERROR || v == CLOSE) return v;
    }
    return read_at(in, depth);
}

static Value read_at(In *in, int depth) {
    if (depth > MAX_DEPTH) return fail("data nested too deeply", V_UNBOUND);
    int c;
    while (is_space(c = peek(in)) || c == ';') {
        if (c == ';') while (peek(in) >= 0 && peek(in) != '\n') next(in);
        else next(in);
    }
    if (c < 0) return V_EOF;
    in->inside = true;
    if (!strchr("#()[]\"'`,", c) || !c) return read_token(in, false);
    next(in);
    switch (c) {
    case '#': return read_hash(in, depth + 1);
    case '(': case '[': return read_list(in, depth + 1);
    case ')': case ']': return CLOSE;
    case '"': return read_string(in);
    case '\'': return read_quoted(in, "quote", depth + 1);
    case '`': return read_quoted(in, "quasiquote", depth + 1);
    }
    if (peek(in) != '@') return read_quoted(in, "unquote", depth + 1);
    next(in);
    return read_quoted(in, "unquote-splicing", depth + 1);
}

Value read_datum(In *in) {
    in->inside = false;
    Value v = read_at(in, 0);
    if (v == CLOSE) return fail("unexpected )", V_UNBOUND);
    if (v == DOT) return fail("unexpected .", V_UNBOUND);
    return v;
}
