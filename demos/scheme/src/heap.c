// The heap: cells of equal size in blocks, large objects on a list, mark and sweep, symbols.
// Knows the layout "values first, then bytes" and the roots in `vm`; nothing of evaluation.
#include "scheme.h"
#include <stdlib.h>
#include <unistd.h>

#define BLOCK_BYTES 16384
#define MAX_CELL 32                // in words: larger objects are allocated one by one
#define MIN_THRESHOLD (4u << 20)   // bytes allocated before the first collection
#define BUCKETS 1024

typedef struct Block {
    struct Block *next;
    uint64_t cells[BLOCK_BYTES / 8 - 1];
} Block;
typedef struct Large {
    struct Large *next;
    size_t size;
    Obj head[];
} Large;

static Block *blocks[MAX_CELL + 1];
static Obj *free_cells[MAX_CELL + 1]; // linked through slot[0]
static Large *large;
static size_t since_collection, threshold = MIN_THRESHOLD;
static Symbol *symbols[BUCKETS];
static Obj **marked; // objects marked whose slots are still to be visited
static size_t marked_count, marked_cap;
uint32_t collections;

void die(const char *why) {
    out_flush(&out);
    if (write(2, why, strlen(why)) < 0 || write(2, "\n", 1) < 0) _Exit(71);
    exit(70);
}

static void *need(void *p) {
    if (!p) die("fatal: out of memory");
    return p;
}

static void add_block(uint32_t words) {
    Block *b = need(malloc(sizeof *b));
    b->next = blocks[words];
    blocks[words] = b;
    for (size_t i = 0; i + words <= BLOCK_BYTES / 8 - 1; i += words) {
        Obj *o = (Obj *)&b->cells[i];
        o->type = T_FREE;
        o->slot[0] = (uintptr_t)free_cells[words];
        free_cells[words] = o;
    }
}

Obj *alloc(Type type, uint32_t slots, size_t extra_bytes) {
    size_t words = 1 + slots + (extra_bytes + 7) / 8;
    Obj *o;
    if (words < 2) words = 2; // room for the free list's link
    since_collection += words * 8;
    if (words <= MAX_CELL) {
        if (!free_cells[words]) add_block(words);
        o = free_cells[words];
        free_cells[words] = (Obj *)(uintptr_t)o->slot[0];
    } else {
        Large *l = need(malloc(sizeof *l + words * 8));
        l->next = large;
        l->size = words * 8;
        large = l;
        o = l->head;
        words = 0;
    }
    *o = (Obj){.type = type, .cell = words, .len = slots};
    return o;
}

Value cons(Value a, Value d) {
    Obj *o = alloc(T_PAIR, 2, 0);
    o->slot[0] = a;
    o->slot[1] = d;
    return from_obj(o);
}

Value make_box(Type type, Value v) {
    Obj *o = alloc(type, 1, 0);
    o->slot[0] = v;
    return from_obj(o);
}

Value make_string(const char *s, size_t n) {
    Obj *o = alloc(T_STRING, 0, n);
    o->len = n;
    if (s) memcpy(o->slot, s, n);
    return from_obj(o);
}

Value make_vector(uint32_t n, Value fill) {
    Obj *o = alloc(T_VECTOR, n, 0);
    for (uint32_t i = 0; i < n; i++) o->slot[i] = fill;
    return from_obj(o);
}

Value intern(const char *s, size_t n) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < n; i++) hash = (hash ^ (unsigned char)s[i]) * 16777619u;
    Symbol **bucket = &symbols[hash % BUCKETS];
    for (Symbol *y = *bucket; y; y = y->next)
        if (y->hash == hash && y->length == n && !memcmp(y->name, s, n)) return from_obj(y);
    Symbol *y = (Symbol *)alloc(T_SYMBOL, 1, sizeof(Symbol) - sizeof(Obj) - sizeof(Value) + n);
    y->global = V_UNBOUND;
    y->next = *bucket;
    y->hash = hash;
    y->length = n;
    y->special = y->inline_op = y->inline_args = 0;
    memcpy(y->name, s, n);
    *bucket = y;
    return from_obj(y);
}

Value sym(const char *s) { return intern(s, strlen(s)); }

// Collection.

bool collection_due(void) {
#ifdef GC_STRESS
    return since_collection > GC_STRESS;
#endif
    return since_collection > threshold;
}

static void mark(Value v) {
    if (!is_obj(v) || obj(v)->mark) return;
    obj(v)->mark = 1;
    if (obj(v)->type >= T_STRING) return;
    if (marked_count == marked_cap) {
        marked_cap = marked_cap ? marked_cap * 2 : 1024;
        marked = need(realloc(marked, marked_cap * sizeof *marked));
    }
    marked[marked_count++] = obj(v);
}

static void mark_all(void) {
    for (int i = 0; i < BUCKETS; i++)
        for (Symbol *y = symbols[i]; y; y = y->next) mark(from_obj(y));
    for (Value *p = vm.stack; p < vm.sp; p++) mark(*p);
    mark(vm.error);
    mark(vm.handlers);
    while (marked_count) {
        Obj *o = marked[--marked_count];
        for (uint32_t i = 0; i < o->len; i++) mark(o->slot[i]);
    }
}

static size_t sweep_cells(uint32_t words) {
    size_t live = 0;
    free_cells[words] = NULL;
    for (Block *b = blocks[words]; b; b = b->next)
        for (size_t i = 0; i + words <= BLOCK_BYTES / 8 - 1; i += words) {
            Obj *o = (Obj *)&b->cells[i];
            if (o->type != T_FREE && o->mark) {
                o->mark = 0;
                live += words * 8;
            } else {
                o->type = T_FREE;
                o->slot[0] = (uintptr_t)free_cells[words];
                free_cells[words] = o;
            }
        }
    return live;
}

static size_t sweep_large(void) {
    size_t live = 0;
    for (Large **link = &large; *link;) {
        Large *l = *link;
        if (l->head->mark) {
            l->head->mark = 0;
            live += l->size;
            link = &l->next;
        } else {
            *link = l->next;
            free(l);
        }
    }
    return live;
}

size_t collect(void) {
    mark_all();
    size_t live = sweep_large();
    for (uint32_t words = 2; words <= MAX_CELL; words++) live += sweep_cells(words);
    since_collection = 0;
    threshold = live > MIN_THRESHOLD ? live : MIN_THRESHOLD;
    collections++;
    return live;
}
