// The compiler: a datum becomes a tree whose variables are resolved, the tree becomes code.
//
// First pass (`analyze`): special forms, scopes, and which variables need a box, that is, are
// assigned or are used by a closure before their definition has run. Second pass (`gen`): code for
// a stack machine with flat closures. Trees live in an arena that is dropped after each form.
#include "scheme.h"
#include <stdlib.h>

typedef struct Lambda Lambda;
typedef struct Node Node;
typedef struct {
    Value name;
    Lambda *owner; // whose frame holds it
    Lambda *self;  // the procedure this variable is defined to be, if it is one
    bool assigned, defining, early;
    int slot;
} Var;
typedef struct Scope {
    Var *var;
    struct Scope *up;
} Scope;
struct Lambda {
    Lambda *parent;
    Value name;
    Var **params;
    int count; // of params, with the rest list
    bool rest;
    Node *body;
    Var **free; // captured variables, found by the second pass
    int free_count;
};
typedef enum {
    N_CONST, N_REF, N_GLOBAL, N_SET, N_INIT, N_SET_GLOBAL, N_DEFINE, N_IF, N_OR, N_LAMBDA, N_SEQ,
    N_LET, N_BODY, N_CALL, N_INLINE
} NodeKind;
struct Node {
    NodeKind kind;
    Op op;         // N_INLINE
    Value value;   // constant, or the symbol of a global
    Var *var;
    Lambda *lambda;
    Node *a, *b, *c; // operands; N_LET and N_BODY: `a` is what the variables scope over
    Node **list;     // N_SEQ, N_CALL (procedure first), N_INLINE, N_LET (initial values)
    Var **vars;      // N_LET, N_BODY
    int count;       // of list, or of vars
};

const Primitive *inline_primitive[OP_COUNT];

// The arena.

typedef struct Chunk {
    struct Chunk *next;
    size_t used;
    char bytes[16368];
} Chunk;
static Chunk *arena;

static __attribute__((noinline)) void *make(size_t size) {
    size = (size + 7) & ~(size_t)7;
    if (!arena || arena->used + size > sizeof arena->bytes) {
        size_t extra = size > sizeof arena->bytes ? size : 0;
        Chunk *c = malloc(sizeof *c + extra);
        if (!c) die("fatal: out of memory");
        c->next = arena;
        c->used = 0;
        arena = c;
    }
    void *p = arena->bytes + arena->used;
    arena->used += size;
    return memset(p, 0, size);
}

static void drop_arena(void) {
    while (arena) {
        Chunk *next = arena->next;
        free(arena);
        arena = next;
    }
}

// First pass.

static bool failed; // the first error wins; the rest of the pass is harmless
static int depth;   // of nested forms and of the lists walked by recursion
#define MAX_DEPTH 1000

static __attribute__((noinline)) Node *node(NodeKind kind) {
    Node *n = make(sizeof *n);
    n->kind = kind;
    return n;
}

static Node *constant(Value v) {
    Node *n = node(N_CONST);
    n->value = v;
    return n;
}

static __attribute__((noinline)) Node *bad(Value form) {
    bool deep = depth > MAX_DEPTH;
    if (!failed) fail(deep ? "form too long or nested too deeply:" : "bad syntax:", form);
    failed = true;
    return constant(V_VOID);
}

static Node *analyze(Value x, Scope *s, Lambda *l);
static Node *analyze_body(Value forms, Scope *s, Lambda *l);

static Var *new_var(Value name, Lambda *owner) {
    Var *v = make(sizeof *v);
    v->name = name;
    v->owner = owner;
    return v;
}

static Scope *bind(Var *v, Scope *up) {
    Scope *s = make(sizeof *s);
    *s = (Scope){v, up};
    return s;
}

static Var *lookup(Value name, Scope *s) {
    for (; s; s = s->up)
        if (s->var->name == name) return s->var;
    return NULL;
}

static bool inside(Lambda *l, Lambda *outer) {
    while (l && l != outer) l = l->parent;
    return l && outer;
}

static Node *ref(Var *v, Lambda *l) {
    if (v->defining && !inside(l, v->self)) v->early = true;
    Node *n = node(N_REF);
    n->var = v;
    return n;
}

static Node *global(const char *name) {
    Node *n = node(N_GLOBAL);
    n->value = sym(name);
    return n;
}

static Node *call(int count, Node *procedure) {
    Node *n = node(N_CALL);
    n->list = make((size_t)count * sizeof(Node *));
    n->list[0] = procedure;
    n->count = count;
    return n;
}

static Node *when_then_else(Node *test, Node *yes, Node *no) {
    Node *n = node(N_IF);
    bool swap = test->kind == N_INLINE && test->op == OP_NOT;
    n->a = swap ? test->list[0] : test;
    n->b = swap ? no : yes;
    n->c = swap ? yes : no;
    return n;
}

static Node *let(int count, Var **vars, Node **inits, Node *body) {
    Node *n = node(N_LET);
    n->count = count;
    n->vars = vars;
    n->list = inits;
    n->a = body;
    return n;
}

static Node *let_one(Var *var, Node *init, Node *body) {
    Var **vars = make(sizeof *vars);
    Node **inits = make(sizeof *inits);
    *vars = var;
    *inits = init;
    return let(1, vars, inits, body);
}

// Defines `v` within an N_BODY; from here on its value can be captured without a box.
static Node *init(Var *v, Node *value) {
    Node *n = node(N_INIT);
    n->var = v;
    n->a = value;
    v->defining = false;
    return n;
}

static bool is_special(Value head, const char *name, Scope *s) {
    return is_symbol(head) && head == sym(name) && !lookup(head, s);
}

static bool is_form(Value x, const char *name, Scope *s) {
    return is_pair(x) && is_special(car(x), name, s);
}

static Node *analyze_lambda(Value name, Value params, Value body, Scope *s, Lambda *up, Var *self) {
    Lambda *l = make(sizeof *l);
    l->parent = up;
    l->name = name;
    if (self) self->self = l;
    int max = 0;
    for (Value p = params; is_pair(p); p = cdr(p)) max++;
    l->params = make((size_t)(max + 1) * sizeof(Var *));
    for (; params != V_NIL; params = is_pair(params) ? cdr(params) : V_NIL) {
        l->rest = !is_pair(params);
        Value id = l->rest ? params : car(params);
        if (!is_symbol(id)) return bad(params);
        s = bind(l->params[l->count++] = new_var(id, l), s);
    }
    l->body = analyze_body(body, s, l);
    Node *n = node(N_LAMBDA);
    n->lambda = l;
    return n;
}

// An expression whose value will be known by `name`.
static Node *analyze_named(Value x, Value name, Scope *s, Lambda *l, Var *self) {
    if (is_form(x, "lambda", s) && is_pair(cdr(x)))
        return analyze_lambda(name, car(cdr(x)), cdr(cdr(x)), s, l, self);
    return analyze(x, s, l);
}

static Node *analyze_seq(Value forms, Scope *s, Lambda *l) {
    int n = list_length(forms);
    if (n < 0) return bad(forms);
    if (n == 0) return constant(V_VOID);
    if (n == 1) return analyze(car(forms), s, l);
    Node *seq = node(N_SEQ);
    seq->count = n;
    seq->list = make((size_t)n * sizeof(Node *));
    for (int i = 0; i < n; i++, forms = cdr(forms)) seq->list[i] = analyze(car(forms), s, l);
    return seq;
}

// (name . value form or, for a procedure, a lambda), or V_FALSE.
static Value parse_define(Value x) {
    if (list_length(x) < 2) return V_FALSE;
    Value target = car(cdr(x)), rest = cdr(cdr(x));
    if (is_symbol(target) && rest == V_NIL) return cons(target, V_VOID);
    if (is_symbol(target) && cdr(rest) == V_NIL) return cons(target, car(rest));
    if (!is_pair(target) || !is_symbol(car(target)) || rest == V_NIL) return V_FALSE;
    return cons(car(target), cons(sym("lambda"), cons(cdr(target), rest)));
}

static Value flatten(Value forms, Scope *s) { // splices (begin ...) into a body
    if (!is_pair(forms)) return forms;
    Value rest = flatten(cdr(forms), s);
    if (!is_form(car(forms), "begin", s)) return cons(car(forms), rest);
    Value inner = flatten(cdr(car(forms)), s), last = inner;
    if (!is_pair(inner)) return rest;
    while (is_pair(cdr(last))) last = cdr(last);
    obj(last)->slot[1] = rest;
    return inner;
}

static Node *analyze_body(Value forms, Scope *s, Lambda *l) {
    int n = list_length(forms), count = 0;
    if (n < 1 || n > MAX_DEPTH) return bad(forms);
    forms = flatten(forms, s);
    n = list_length(forms);
    for (Value f = forms; is_pair(f); f = cdr(f)) count += is_form(car(f), "define", s);
    if (!count) return analyze_seq(forms, s, l);
    Node *body = node(N_BODY), *seq = node(N_SEQ);
    body->vars = make((size_t)count * sizeof(Var *));
    body->a = seq;
    seq->list = make((size_t)n * sizeof(Node *));
    seq->count = n;
    Scope *outer = s;
    for (Value f = forms; is_pair(f); f = cdr(f)) {
        if (!is_form(car(f), "define", outer)) continue;
        Value definition = parse_define(car(f));
        if (definition == V_FALSE) return bad(car(f));
        Var *v = new_var(car(definition), l);
        v->defining = true;
        s = bind(body->vars[body->count++] = v, s);
    }
    for (int i = 0, defined = 0; i < n; i++, forms = cdr(forms)) {
        if (is_form(car(forms), "define", outer)) {
            Value d = parse_define(car(forms));
            Var *v = body->vars[defined++];
            seq->list[i] = init(v, analyze_named(cdr(d), car(d), s, l, v));
        } else {
            seq->list[i] = analyze(car(forms), s, l);
        }
    }
    return body;
}

static Node *analyze_call(Value x, Scope *s, Lambda *l) {
    int n = list_length(x);
    if (n < 0) return bad(x);
    Symbol *y = is_symbol(car(x)) && !lookup(car(x), s) ? symbol(car(x)) : NULL;
    if (y && y->inline_op && n - 1 == y->inline_args) {
        Node *op = node(N_INLINE);
        op->op = y->inline_op;
        op->count = n - 1;
        op->list = make((size_t)n * sizeof(Node *));
        for (int i = 0; i < n - 1; i++) op->list[i] = analyze(car(x = cdr(x)), s, l);
        return op;
    }
    Node *c = call(n, analyze(car(x), s, l));
    for (int i = 1; i < n; i++) c->list[i] = analyze(car(x = cdr(x)), s, l);
    return c;
}

// Special forms. Each gets the whole form, which is a proper list.

static Node *sf_quote(Value x, Scope *s, Lambda *l) {
    (void)s, (void)l;
    return list_length(x) == 2 ? constant(car(cdr(x))) : bad(x);
}

static Node *sf_if(Value x, Scope *s, Lambda *l) {
    int n = list_length(x);
    if (n != 3 && n != 4) return bad(x);
    Node *test = analyze(car(x = cdr(x)), s, l), *yes = analyze(car(x = cdr(x)), s, l);
    return when_then_else(test, yes, n == 4 ? analyze(car(cdr(x)), s, l) : constant(V_VOID));
}

static Node *sf_define(Value x, Scope *s, Lambda *l) {
    Value d = parse_define(x);
    if (d == V_FALSE || s || symbol(car(d))->special) return bad(x); // inner ones never come here
    symbol(car(d))->inline_op = 0;
    Node *n = node(N_DEFINE);
    n->value = car(d);
    n->a = analyze_named(cdr(d), car(d), s, l, NULL);
    return n;
}

static Node *sf_set(Value x, Scope *s, Lambda *l) {
    if (list_length(x) != 3 || !is_symbol(car(cdr(x)))) return bad(x);
    Value name = car(cdr(x));
    Var *v = lookup(name, s);
    Node *n = node(v ? N_SET : N_SET_GLOBAL);
    if (v) v->assigned = true;
    else symbol(name)->inline_op = 0;
    n->var = v;
    n->value = name;
    n->a = analyze(car(cdr(cdr(x))), s, l);
    return n;
}

static Node *sf_lambda(Value x, Scope *s, Lambda *l) {
    if (list_length(x) < 3) return bad(x);
    return analyze_lambda(V_FALSE, car(cdr(x)), cdr(cdr(x)), s, l, NULL);
}

static Node *sf_begin(Value x, Scope *s, Lambda *l) { return analyze_seq(cdr(x), s, l); }

static bool is_binding(Value b) { return list_length(b) == 2 && is_symbol(car(b)); }

// A loop: `name` is bound to a procedure of `vars` and called with `inits`.
static Node *loop(Var *name, Node *procedure, Node **inits, int count, Lambda *l) {
    Node *body = node(N_BODY), *seq = node(N_SEQ), *start = call(count + 1, NULL);
    body->vars = make(sizeof(Var *));
    body->vars[0] = name;
    body->count = 1;
    body->a = seq;
    seq->list = make(2 * sizeof(Node *));
    seq->count = 2;
    seq->list[0] = init(name, procedure);
    seq->list[1] = start;
    start->list[0] = ref(name, l);
    for (int i = 0; i < count; i++) start->list[i + 1] = inits[i];
    return body;
}

static Node *sf_let(Value x, Scope *s, Lambda *l) {
    bool named = list_length(x) > 3 && is_symbol(car(cdr(x)));
    Value form = x, name = named ? car(x = cdr(x)) : V_NIL;
    int n = list_length(x) >= 3 ? list_length(car(cdr(x))) : -1;
    if (n < 0) return bad(form);
    Value bindings = car(cdr(x)), body = cdr(cdr(x)), params = V_NIL;
    Node **inits = make((size_t)(n + 1) * sizeof(Node *));
    Var **vars = make((size_t)(n + 1) * sizeof(Var *));
    Scope *inner = s;
    for (int i = 0; i < n; i++, bindings = cdr(bindings)) {
        if (!is_binding(car(bindings))) return bad(form);
        Value id = car(car(bindings));
        inits[i] = analyze_named(car(cdr(car(bindings))), id, s, l, NULL);
        params = cons(id, params);
        inner = bind(vars[i] = new_var(id, l), inner);
    }
    if (!named) return let(n, vars, inits, analyze_body(body, inner, l));
    Value forward = V_NIL;
    for (; params != V_NIL; params = cdr(params)) forward = cons(car(params), forward);
    Var *self = new_var(name, l);
    self->defining = true;
    return loop(self, analyze_lambda(name, forward, body, bind(self, s), l, self), inits, n, l);
}

static Node *let_star(Value bindings, Value body, Scope *s, Lambda *l) {
    if (bindings == V_NIL) return analyze_body(body, s, l);
    if (!is_pair(bindings) || !is_binding(car(bindings))) return bad(bindings);
    if (++depth > MAX_DEPTH) return bad(bindings);
    Value id = car(car(bindings));
    Node *value = analyze_named(car(cdr(car(bindings))), id, s, l, NULL);
    Var *v = new_var(id, l);
    return let_one(v, value, let_star(cdr(bindings), body, bind(v, s), l));
}

static Node *sf_let_star(Value x, Scope *s, Lambda *l) {
    return list_length(x) < 3 ? bad(x) : let_star(car(cdr(x)), cdr(cdr(x)), s, l);
}

static Node *sf_letrec(Value x, Scope *s, Lambda *l) {
    int n = list_length(x) >= 3 ? list_length(car(cdr(x))) : -1;
    if (n < 0) return bad(x);
    Node *body = node(N_BODY), *seq = node(N_SEQ);
    body->vars = make((size_t)(n + 1) * sizeof(Var *));
    body->count = n;
    body->a = seq;
    seq->count = n + 1;
    seq->list = make((size_t)(n + 1) * sizeof(Node *));
    Value b = car(cdr(x));
    for (int i = 0; i < n; i++, b = cdr(b)) {
        if (!is_binding(car(b))) return bad(x);
        s = bind(body->vars[i] = new_var(car(car(b)), l), s);
        body->vars[i]->defining = true;
    }
    b = car(cdr(x));
    for (int i = 0; i < n; i++, b = cdr(b)) {
        Var *v = body->vars[i];
        seq->list[i] = init(v, analyze_named(car(cdr(car(b))), v->name, s, l, v));
    }
    seq->list[n] = analyze_body(cdr(cdr(x)), s, l);
    return body;
}

static Node *sf_and(Value x, Scope *s, Lambda *l) {
    if ((x = cdr(x)) == V_NIL) return constant(V_TRUE);
    Node *first = analyze(car(x), s, l);
    return cdr(x) == V_NIL ? first : when_then_else(first, sf_and(x, s, l), constant(V_FALSE));
}

static Node *sf_or(Value x, Scope *s, Lambda *l) {
    if ((x = cdr(x)) == V_NIL) return constant(V_FALSE);
    Node *first = analyze(car(x), s, l);
    if (cdr(x) == V_NIL) return first;
    Node *n = node(N_OR);
    n->a = first;
    n->b = sf_or(x, s, l);
    return n;
}

static Node *sf_when(Value x, Scope *s, Lambda *l) {
    if (list_length(x) < 3) return bad(x);
    Node *test = analyze(car(cdr(x)), s, l);
    return when_then_else(test, analyze_seq(cdr(cdr(x)), s, l), constant(V_VOID));
}

static Node *sf_unless(Value x, Scope *s, Lambda *l) {
    if (list_length(x) < 3) return bad(x);
    Node *test = analyze(car(cdr(x)), s, l);
    return when_then_else(test, constant(V_VOID), analyze_seq(cdr(cdr(x)), s, l));
}

static Node *cond_clauses(Value clauses, Node *otherwise, Scope *s, Lambda *l) {
    if (clauses == V_NIL) return otherwise;
    Value c = car(clauses);
    int n = list_length(c);
    if (n < 1) return bad(c);
    if (is_special(car(c), "else", s)) return analyze_seq(cdr(c), s, l);
    Node *test = analyze(car(c), s, l), *rest = cond_clauses(cdr(clauses), otherwise, s, l);
    if (n == 1) {
        Node *either = node(N_OR);
        either->a = test;
        either->b = rest;
        return either;
    }
    if (n != 3 || !is_special(car(cdr(c)), "=>", s))
        return when_then_else(test, analyze_seq(cdr(c), s, l), rest);
    Var *v = new_var(V_FALSE, l);
    Node *use = call(2, analyze(car(cdr(cdr(c))), s, l));
    use->list[1] = ref(v, l);
    return let_one(v, test, when_then_else(ref(v, l), use, rest));
}

static Node *sf_cond(Value x, Scope *s, Lambda *l) {
    return cond_clauses(cdr(x), constant(V_VOID), s, l);
}

static Node *case_clauses(Var *key, Value clauses, Scope *s, Lambda *l) {
    if (clauses == V_NIL) return constant(V_VOID);
    Value c = car(clauses);
    if (list_length(c) < 2) return bad(c);
    if (is_special(car(c), "else", s)) return analyze_seq(cdr(c), s, l);
    if (list_length(car(c)) < 0) return bad(c);
    Node *test = call(3, global("memv"));
    test->list[1] = ref(key, l);
    test->list[2] = constant(car(c));
    Node *then = analyze_seq(cdr(c), s, l);
    return when_then_else(test, then, case_clauses(key, cdr(clauses), s, l));
}

static Node *sf_case(Value x, Scope *s, Lambda *l) {
    if (list_length(x) < 2) return bad(x);
    Var *key = new_var(V_FALSE, l);
    Node *value = analyze(car(cdr(x)), s, l);
    return let_one(key, value, case_clauses(key, cdr(cdr(x)), s, l));
}

// (do ((var init [step])...) (test result...) command...)
static Node *sf_do(Value x, Scope *s, Lambda *l) {
    int n = list_length(x) >= 3 ? list_length(car(cdr(x))) : -1;
    Value bindings = n >= 0 ? car(cdr(x)) : V_NIL, end = n >= 0 ? car(cdr(cdr(x))) : V_NIL;
    if (n < 0 || list_length(end) < 1) return bad(x);
    Var *self = new_var(V_FALSE, l);
    Lambda *body = make(sizeof *body);
    body->parent = l;
    body->name = sym("do");
    body->params = make((size_t)(n + 1) * sizeof(Var *));
    self->self = body;
    self->defining = true;
    Node **inits = make((size_t)(n + 1) * sizeof(Node *)), *again = call(n + 1, ref(self, body));
    Scope *inner = s;
    for (Value b = bindings; b != V_NIL; b = cdr(b)) {
        int size = list_length(car(b));
        if (size < 2 || size > 3 || !is_symbol(car(car(b)))) return bad(x);
        inits[body->count] = analyze(car(cdr(car(b))), s, l);
        inner = bind(body->params[body->count++] = new_var(car(car(b)), body), inner);
    }
    int i = 1;
    for (Value b = bindings; b != V_NIL; b = cdr(b)) {
        Value step = cdr(cdr(car(b)));
        again->list[i++] = analyze(step == V_NIL ? car(car(b)) : car(step), inner, body);
    }
    Node *seq = node(N_SEQ), *procedure = node(N_LAMBDA);
    seq->count = 2;
    seq->list = make(2 * sizeof(Node *));
    seq->list[0] = analyze_seq(cdr(cdr(cdr(x))), inner, body);
    seq->list[1] = again;
    Node *test = analyze(car(end), inner, body), *result = analyze_seq(cdr(end), inner, body);
    body->body = when_then_else(test, result, seq);
    procedure->lambda = body;
    return loop(self, procedure, inits, n, l);
}

static Node *quasi(Value x, int level, Scope *s, Lambda *l) {
    if (++depth > MAX_DEPTH) return bad(x);
    Node *n;
    bool leaf = is_pair(x) && list_length(x) == 2, unquote = leaf && car(x) == sym("unquote");
    if (is_type(x, T_VECTOR)) {
        Value list = V_NIL;
        for (uint32_t i = obj(x)->len; i-- > 0;) list = cons(obj(x)->slot[i], list);
        n = call(2, global("list->vector"));
        n->list[1] = quasi(list, level, s, l);
    } else if (!is_pair(x)) {
        n = constant(x);
    } else if (unquote && level == 1) {
        n = analyze(car(cdr(x)), s, l);
    } else if (is_pair(car(x)) && list_length(car(x)) == 2 && level == 1
               && car(car(x)) == sym("unquote-splicing")) {
        n = call(3, global("append"));
        n->list[1] = analyze(car(cdr(car(x))), s, l);
        n->list[2] = quasi(cdr(x), level, s, l);
    } else {
        int inner = level - unquote + (leaf && car(x) == sym("quasiquote"));
        n = call(3, global("cons"));
        n->list[1] = quasi(car(x), level, s, l);
        n->list[2] = quasi(cdr(x), inner, s, l);
    }
    depth--;
    return n;
}

static Node *sf_quasiquote(Value x, Scope *s, Lambda *l) {
    return list_length(x) == 2 ? quasi(car(cdr(x)), 1, s, l) : bad(x);
}

static Node *thunk(Value body, Scope *s, Lambda *l) {
    return analyze_lambda(V_FALSE, V_NIL, body, s, l, NULL);
}

// (guard (e clause...) body...): the prelude's %guard calls the body, and on an error the handler,
// which raises again what no clause takes.
static Node *sf_guard(Value x, Scope *s, Lambda *l) {
    if (list_length(x) < 3 || list_length(car(cdr(x))) < 1) return bad(x);
    Value id = car(car(cdr(x))), clauses = cdr(car(cdr(x)));
    if (!is_symbol(id)) return bad(x);
    Lambda *handler = make(sizeof *handler);
    handler->parent = l;
    handler->name = sym("guard");
    handler->params = make(sizeof(Var *));
    handler->params[handler->count++] = new_var(id, handler);
    Scope *inner = bind(handler->params[0], s);
    Node *again = call(2, global("raise"));
    again->list[1] = ref(handler->params[0], handler);
    handler->body = cond_clauses(clauses, again, inner, handler);
    Node *n = call(3, global("%guard"));
    n->list[1] = thunk(cdr(cdr(x)), s, l);
    n->list[2] = node(N_LAMBDA);
    n->list[2]->lambda = handler;
    return n;
}

static Node *promise(Value body, Scope *s, Lambda *l) {
    Node *n = call(2, global("%make-promise"));
    n->list[1] = thunk(body, s, l);
    return n;
}

static Node *sf_delay(Value x, Scope *s, Lambda *l) {
    return list_length(x) == 2 ? promise(cdr(x), s, l) : bad(x);
}

static Node *sf_cons_stream(Value x, Scope *s, Lambda *l) {
    if (list_length(x) != 3) return bad(x);
    Node *n = call(3, global("cons"));
    n->list[1] = analyze(car(cdr(x)), s, l);
    n->list[2] = promise(cdr(cdr(x)), s, l);
    return n;
}

static const struct {
    const char *name;
    Node *(*analyze)(Value form, Scope *s, Lambda *l);
} special_forms[] = {
    {"quote", sf_quote}, {"if", sf_if}, {"define", sf_define}, {"set!", sf_set},
    {"lambda", sf_lambda}, {"begin", sf_begin}, {"let", sf_let}, {"let*", sf_let_star},
    {"letrec", sf_letrec}, {"letrec*", sf_letrec}, {"and", sf_and}, {"or", sf_or},
    {"when", sf_when}, {"unless", sf_unless}, {"cond", sf_cond}, {"case", sf_case}, {"do", sf_do},
    {"quasiquote", sf_quasiquote}, {"guard", sf_guard}, {"delay", sf_delay},
    {"cons-stream", sf_cons_stream},
};

static Node *analyze(Value x, Scope *s, Lambda *l) {
    if (failed) return constant(V_VOID);
    if (is_symbol(x)) {
        Var *v = lookup(x, s);
        if (v) return ref(v, l);
        if (symbol(x)->special) return bad(x);
        Node *n = node(N_GLOBAL);
        n->value = x;
        return n;
    }
    if (!is_pair(x)) return x == V_NIL ? bad(x) : constant(x);
    int length = list_length(x), before = depth;
    int special = is_symbol(car(x)) && !lookup(car(x), s) ? symbol(car(x))->special : 0;
    depth += special ? length : 1;
    if (length < 0 || depth > MAX_DEPTH) return bad(x);
    Node *n = special ? special_forms[special - 1].analyze(x, s, l) : analyze_call(x, s, l);
    depth = before;
    return n;
}

// Second pass. Every `gen` leaves one value on the stack, unless asked for its effect only.

typedef enum { VALUE, EFFECT, TAIL } Want;
typedef struct {
    Lambda *lambda;
    uint32_t *words;
    Value *consts;
    uint32_t count, cap, const_count, const_cap;
    int depth, max; // of the stack above the frame's base
} Fn;

static void *grow(void *p, uint32_t *cap, size_t size) {
    *cap = *cap ? *cap * 2 : 32;
    if (!(p = realloc(p, *cap * size))) die("fatal: out of memory");
    return p;
}

static uint32_t emit(Fn *f, Op op, int64_t operand, int effect) {
    if (f->count == f->cap) f->words = grow(f->words, &f->cap, sizeof *f->words);
    f->words[f->count] = (uint32_t)op | (uint32_t)operand << 8;
    f->depth += effect;
    if (f->depth > f->max) f->max = f->depth;
    return f->count++;
}

static void patch(Fn *f, uint32_t at) { // jumps are relative to the next word
    f->words[at] = (f->words[at] & 0xFF) | (f->count - at - 1) << 8;
}

static uint32_t const_index(Fn *f, Value v) {
    for (uint32_t i = 0; i < f->const_count; i++)
        if (f->consts[i] == v) return i;
    if (f->const_count == f->const_cap)
        f->consts = grow(f->consts, &f->const_cap, sizeof *f->consts);
    f->consts[f->const_count] = v;
    return f->const_count++;
}

// The value on top is the answer.
static void finish(Fn *f, Want want) {
    if (want == TAIL) emit(f, OP_RETURN, 0, -1);
    if (want == EFFECT) emit(f, OP_POP, 1, -1);
}

static void gen_const(Fn *f, Value v, Want want) {
    if (want == EFFECT) return;
    if (is_fix(v) && fix(v) >= -(1 << 23) && fix(v) < 1 << 23) emit(f, OP_INT, fix(v), 1);
    else emit(f, OP_CONST, const_index(f, v), 1);
    finish(f, want);
}

static bool boxed(const Var *v) { return v->assigned || v->early; }

static int free_index(Lambda *l, Var *v) {
    for (int i = 0; i < l->free_count; i++)
        if (l->free[i] == v) return i;
    Var **grown = make((size_t)(l->free_count + 1) * sizeof(Var *));
    if (l->free_count) memcpy(grown, l->free, (size_t)l->free_count * sizeof(Var *));
    l->free = grown;
    l->free[l->free_count] = v;
    return l->free_count++;
}

// Pushes a variable's value, or the box itself if `raw`.
static void gen_fetch(Fn *f, Var *v, bool raw) {
    bool through = boxed(v) && !raw;
    if (v->self == f->lambda && !boxed(v)) emit(f, OP_SELF, 0, 1);
    else if (v->owner == f->lambda) emit(f, through ? OP_LOCAL_BOX : OP_LOCAL, v->slot, 1);
    else emit(f, through ? OP_FREE_BOX : OP_FREE, free_index(f->lambda, v), 1);
}

static void gen(Fn *f, Node *n, Want want);

static void gen_set(Fn *f, Node *n, Want want) {
    gen(f, n->a, VALUE);
    if (n->kind == N_SET_GLOBAL) emit(f, OP_SET_GLOBAL, const_index(f, n->value), -1);
    else if (n->kind == N_DEFINE) emit(f, OP_DEFINE, const_index(f, n->value), -1);
    else if (n->var->owner != f->lambda)
        emit(f, OP_SET_FREE_BOX, free_index(f->lambda, n->var), -1);
    else emit(f, boxed(n->var) ? OP_SET_LOCAL_BOX : OP_SET_LOCAL, n->var->slot, -1);
    gen_const(f, V_VOID, want);
}

static void gen_if(Fn *f, Node *n, Want want) {
    gen(f, n->a, VALUE);
    uint32_t to_else = emit(f, OP_JUMP_FALSE, 0, -1), to_end = 0;
    int depth_before = f->depth;
    gen(f, n->b, want);
    if (want != TAIL) to_end = emit(f, OP_JUMP, 0, 0);
    patch(f, to_else);
    f->depth = depth_before;
    gen(f, n->c, want);
    if (want != TAIL) patch(f, to_end);
}

static void gen_or(Fn *f, Node *n, Want want) {
    gen(f, n->a, VALUE);
    uint32_t to_end = emit(f, OP_JUMP_TRUE_KEEP, 0, -1);
    gen(f, n->b, want == TAIL ? TAIL : VALUE);
    patch(f, to_end);
    if (want == TAIL) f->depth++;
    finish(f, want);
}

static Value gen_procedure(Lambda *l) {
    Fn f = {.lambda = l};
    for (int i = 0; i < l->count; i++) {
        l->params[i]->slot = f.depth++;
        if (boxed(l->params[i])) emit(&f, OP_BOX_LOCAL, i, 0);
    }
    f.max = f.depth > f.max ? f.depth : f.max;
    gen(&f, l->body, TAIL);
    Code *c = (Code *)alloc(T_CODE, 3, sizeof *c - offsetof(Code, required));
    c->name = l->name;
    c->consts = make_vector(f.const_count, V_VOID);
    if (f.const_count) memcpy(obj(c->consts)->slot, f.consts, f.const_count * sizeof(Value));
    c->words = make_string((char *)f.words, f.count * sizeof *f.words);
    c->required = (uint32_t)(l->count - l->rest);
    c->rest = l->rest;
    c->max_stack = (uint32_t)f.max + 2;
    if (f.count >> 24 || f.const_count >> 24) bad(V_FALSE);
    free(f.words);
    free(f.consts);
    return from_obj(c);
}

static void gen_lambda(Fn *f, Node *n, Want want) {
    if (want == EFFECT) return;
    Value code = gen_procedure(n->lambda);
    for (int i = 0; i < n->lambda->free_count; i++) gen_fetch(f, n->lambda->free[i], true);
    emit(f, OP_CONST, const_index(f, code), 1);
    emit(f, OP_CLOSURE, n->lambda->free_count, -n->lambda->free_count);
    finish(f, want);
}

// Variables live on the stack where their values were pushed.
static void gen_let(Fn *f, Node *n, Want want) {
    for (int i = 0; i < n->count; i++) {
        if (n->kind == N_LET) gen(f, n->list[i], VALUE);
        else if (boxed(n->vars[i])) emit(f, OP_NEW_BOX, 0, 1);
        else gen_const(f, V_UNBOUND, VALUE);
    }
    for (int i = 0; i < n->count; i++) {
        n->vars[i]->slot = f->depth - n->count + i;
        if (n->kind == N_LET && boxed(n->vars[i])) emit(f, OP_BOX_LOCAL, n->vars[i]->slot, 0);
    }
    gen(f, n->a, want);
    if (want == VALUE) emit(f, OP_SLIDE, n->count, -n->count);
    else if (want == EFFECT) emit(f, OP_POP, n->count, -n->count);
    else f->depth -= n->count;
}

static bool small_int(const Node *n) {
    return n->kind == N_CONST && is_fix(n->value) && fix(n->value) >= -(1 << 23)
           && fix(n->value) < 1 << 23;
}

static void gen_inline(Fn *f, Node *n, Want want) {
    if ((n->op == OP_ADD || n->op == OP_SUB) && small_int(n->list[1])) {
        gen(f, n->list[0], VALUE);
        emit(f, n->op == OP_ADD ? OP_ADD_INT : OP_SUB_INT, fix(n->list[1]->value), 0);
    } else {
        for (int i = 0; i < n->count; i++) gen(f, n->list[i], VALUE);
        emit(f, n->op, 0, 1 - n->count);
    }
    finish(f, want);
}

static void gen_call(Fn *f, Node *n, Want want) {
    for (int i = 0; i < n->count; i++) gen(f, n->list[i], VALUE);
    emit(f, want == TAIL ? OP_TAIL_CALL : OP_CALL, n->count - 1, 1 - n->count);
    if (want == TAIL) f->depth--;
    else finish(f, want);
}

static void gen(Fn *f, Node *n, Want want) {
    switch (n->kind) {
    case N_CONST: return gen_const(f, n->value, want);
    case N_REF:
        gen_fetch(f, n->var, false);
        return finish(f, want);
    case N_GLOBAL:
        emit(f, OP_GLOBAL, const_index(f, n->value), 1);
        return finish(f, want);
    case N_SET: case N_INIT: case N_SET_GLOBAL: case N_DEFINE: return gen_set(f, n, want);
    case N_IF: return gen_if(f, n, want);
    case N_OR: return gen_or(f, n, want);
    case N_LAMBDA: return gen_lambda(f, n, want);
    case N_SEQ:
        for (int i = 0; i < n->count; i++)
            gen(f, n->list[i], i + 1 < n->count ? EFFECT : want);
        return;
    case N_LET: case N_BODY: return gen_let(f, n, want);
    case N_CALL: return gen_call(f, n, want);
    case N_INLINE: return gen_inline(f, n, want);
    }
}

Value compile(Value form) {
    failed = false;
    depth = 0;
    Lambda *top = make(sizeof *top);
    top->name = sym("program");
    top->body = analyze(form, NULL, top);
    Value code = failed ? V_ERROR : gen_procedure(top);
    drop_arena();
    return failed ? V_ERROR : make_box(T_CLOSURE, code);
}

void compiler_init(void) {
    static const struct { const char *name; Op op; int args; } inlined[] = {
        {"+", OP_ADD, 2}, {"-", OP_SUB, 2}, {"*", OP_MUL, 2}, {"=", OP_NUM_EQ, 2},
        {"<", OP_LT, 2}, {">", OP_GT, 2}, {"<=", OP_LE, 2}, {">=", OP_GE, 2},
        {"cons", OP_CONS, 2}, {"car", OP_CAR, 1}, {"cdr", OP_CDR, 1}, {"not", OP_NOT, 1},
        {"null?", OP_NULL, 1}, {"pair?", OP_PAIR, 1}, {"eq?", OP_EQ, 2},
        {"vector-ref", OP_VECTOR_REF, 2}, {"vector-set!", OP_VECTOR_SET, 3}};
    for (size_t i = 0; i < sizeof special_forms / sizeof *special_forms; i++)
        symbol(sym(special_forms[i].name))->special = (uint8_t)(i + 1);
    for (size_t i = 0; i < sizeof inlined / sizeof *inlined; i++) {
        Symbol *y = symbol(sym(inlined[i].name));
        y->inline_op = (uint8_t)inlined[i].op;
        y->inline_args = (uint8_t)inlined[i].args;
        inline_primitive[inlined[i].op] = ((PrimObj *)obj(y->global))->def;
    }
    inline_primitive[OP_ADD_INT] = inline_primitive[OP_ADD];
    inline_primitive[OP_SUB_INT] = inline_primitive[OP_SUB];
}
