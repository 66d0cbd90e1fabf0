// The machine: a stack of values, a stack of frames, one loop. All its state lives in `vm`, so
// that call/cc copies it and the collector sees it; the C stack does not grow with the program.
//
// A frame's values begin at fp: arguments, then local variables and temporaries; the running
// procedure itself lies at fp[-1].
#include "scheme.h"
#include <stdlib.h>

#define MAX_STACK (1u << 21)  // values
#define MAX_FRAMES (1u << 18) // pending calls
#define MAX_HEAP (128u << 20) // bytes in use after a collection
#define SLACK 64              // values a primitive or a handler may push unchecked

Machine vm;

Value fail(const char *message, Value irritant) {
    Obj *o = alloc(T_CONDITION, 2, 0);
    o->slot[0] = o->slot[1] = V_NIL;
    o->slot[0] = make_string(message, strlen(message));
    if (irritant != V_UNBOUND) o->slot[1] = cons(irritant, V_NIL);
    vm.error = from_obj(o);
    return V_ERROR;
}

Value wrong(const char *expected, Value got) {
    Out text = out_memory(200);
    out_text(&text, vm.running);
    out_text(&text, ": expected ");
    out_text(&text, expected);
    out_text(&text, ", got");
    out_char(&text, 0);
    Value v = fail(text.data, got);
    free(text.data);
    return v;
}

int list_length(Value v) {
    int n = 0;
    for (Value slow = v; is_pair(v); n++) {
        v = cdr(v);
        if (n & 1) slow = cdr(slow);
        if (v == slow) return -1; // circular
    }
    return v == V_NIL ? n : -1;
}

// How many arguments a procedure takes, in words.
static Value wrong_count(Value name, int min, int max, int got) {
    Out text = out_memory(300);
    if (is_symbol(name)) print(&text, name, false);
    else out_text(&text, "procedure");
    out_text(&text, ": expected ");
    if (max < 0) out_text(&text, "at least ");
    print_number(&text, make_fix(min), 10);
    if (max > min) {
        out_text(&text, max == min + 1 ? " or " : " to ");
        print_number(&text, make_fix(max), 10);
    }
    out_text(&text, min == 1 && max <= 1 ? " argument, got" : " arguments, got");
    out_char(&text, 0);
    Value v = fail(text.data, make_fix(got));
    free(text.data);
    return v;
}

static bool grow_stack(size_t need) {
    size_t used = (size_t)(vm.sp - vm.stack), cap = (size_t)(vm.stack_end - vm.stack);
    if (used + need + SLACK <= cap) return true;
    if (used + need > MAX_STACK) return false;
    cap = used + need + SLACK > cap * 2 ? used + need + SLACK : cap * 2;
    Value *grown = realloc(vm.stack, cap * sizeof(Value));
    if (!grown) return false;
    vm.stack = grown;
    vm.stack_end = grown + cap;
    vm.sp = grown + used;
    return true;
}

static bool grow_frames(size_t need) {
    size_t used = (size_t)(vm.frame - vm.frames), cap = (size_t)(vm.frames_end - vm.frames);
    if (used + need <= cap) return true;
    if (used + need > MAX_FRAMES) return false;
    cap = used + need > cap * 2 ? used + need : cap * 2;
    Frame *grown = realloc(vm.frames, cap * sizeof(Frame));
    if (!grown) return false;
    vm.frames = grown;
    vm.frames_end = grown + cap;
    vm.frame = grown + used;
    return true;
}

// A continuation: the handlers, the stack up to vm.sp, and the frames.
static Value capture(void) {
    uint32_t values = (uint32_t)(vm.sp - vm.stack), frames = (uint32_t)(vm.frame - vm.frames);
    Obj *o = alloc(T_CONTINUATION, values + 2, frames * sizeof(Frame));
    o->slot[0] = vm.handlers;
    o->slot[1] = make_fix(frames);
    memcpy(o->slot + 2, vm.stack, values * sizeof(Value));
    memcpy(o->slot + 2 + values, vm.frames, frames * sizeof(Frame));
    return from_obj(o);
}

static bool reinstate(Value continuation) {
    Obj *o = obj(continuation);
    size_t values = o->len - 2, frames = (size_t)fix(o->slot[1]);
    vm.sp = vm.stack;
    vm.frame = vm.frames;
    if (!grow_stack(values) || !grow_frames(frames)) return false;
    vm.handlers = o->slot[0];
    memcpy(vm.stack, o->slot + 2, values * sizeof(Value));
    memcpy(vm.frames, o->slot + 2 + values, frames * sizeof(Frame));
    vm.sp += values;
    vm.frame += frames;
    return true;
}

static Value make_closure(Value code, const Value *captured, uint32_t count) {
    Obj *o = alloc(T_CLOSURE, count + 1, 0);
    o->slot[0] = code;
    memcpy(o->slot + 1, captured, count * sizeof(Value));
    return from_obj(o);
}

// Makes the arguments beyond `required` one list.
static Value *collect_rest(Value *args, uint32_t count, uint32_t required) {
    Value rest = V_NIL;
    while (count > required) rest = cons(args[--count], rest);
    args[required] = rest;
    return args + required + 1;
}

Value run(Value procedure) {
    static const uint32_t halt = OP_HALT;
    const uint32_t *pc = &halt;
    const Value *consts = NULL;
    Value *sp, *fp = vm.stack, v;
    Op op;        // of the inline call that needs its primitive
    uint32_t n;   // arguments of the call in progress
    bool tail;    // it replaces the running procedure

    vm.sp = vm.stack;
    vm.frame = vm.frames;
    vm.handlers = V_NIL;
    if (!grow_stack(SLACK) || !grow_frames(SLACK)) die("fatal: out of memory");
    sp = vm.sp;
    *vm.frame++ = (Frame){&halt, NULL, 0};
    *sp++ = procedure;
    n = 0;
    tail = true;
    goto apply;

#define ARG (word >> 8)
#define BOX(v) (obj(v)->slot[0])
#define FREE_VAR(i) (obj(fp[-1])->slot[1 + (i)])
#define BOTH_FIX(a, b) (is_fix(a) && is_fix(b))
#define ARITHMETIC(operation)                                            \
    if (BOTH_FIX(sp[-2], sp[-1])) {                                      \
        int64_t r = fix(sp[-2]) operation fix(sp[-1]);                   \
        if (!fits_fix(r)) goto inline_call;                              \
        sp--, sp[-1] = make_fix(r);                                      \
    } else if (is_flo(sp[-2]) && is_flo(sp[-1])) {                       \
        double r = flo(sp[-2]) operation flo(sp[-1]);                    \
        sp--, sp[-1] = make_flo(r);                                      \
    } else goto inline_call;                                             \
    break
#define COMPARE(operation)                                               \
    if (BOTH_FIX(sp[-2], sp[-1])) v = boolean(fix(sp[-2]) operation fix(sp[-1])); \
    else if (is_flo(sp[-2]) && is_flo(sp[-1]))                           \
        v = boolean(flo(sp[-2]) operation flo(sp[-1]));                  \
    else goto inline_call;                                               \
    sp--, sp[-1] = v;                                                    \
    break

    for (;;) {
        uint32_t word = *pc++;
        op = (Op)(word & 0xFF);
        switch (op) {
        case OP_HALT: return sp[-1];
        case OP_CONST: *sp++ = consts[ARG]; break;
        case OP_INT: *sp++ = make_fix((int32_t)word >> 8); break;
        case OP_LOCAL: *sp++ = fp[ARG]; break;
        case OP_LOCAL_BOX:
            v = BOX(fp[ARG]);
            goto check_defined;
        case OP_FREE: *sp++ = FREE_VAR(ARG); break;
        case OP_FREE_BOX:
            v = BOX(FREE_VAR(ARG));
        check_defined:
            *sp++ = v;
            if (v != V_UNBOUND) break;
            fail("a variable is used before its definition", V_UNBOUND);
            goto error;
        case OP_SELF: *sp++ = fp[-1]; break;
        case OP_GLOBAL:
            *sp++ = v = symbol(consts[ARG])->global;
            if (v != V_UNBOUND) break;
            fail("unbound variable:", consts[ARG]);
            goto error;
        case OP_SET_LOCAL: fp[ARG] = *--sp; break;
        case OP_SET_LOCAL_BOX: BOX(fp[ARG]) = *--sp; break;
        case OP_SET_FREE_BOX: BOX(FREE_VAR(ARG)) = *--sp; break;
        case OP_SET_GLOBAL:
            if (symbol(consts[ARG])->global == V_UNBOUND) {
                fail("set!: unbound variable:", consts[ARG]);
                goto error;
            }
            symbol(consts[ARG])->global = *--sp;
            break;
        case OP_DEFINE: symbol(consts[ARG])->global = *--sp; break;
        case OP_BOX_LOCAL: fp[ARG] = make_box(T_BOX, fp[ARG]); break;
        case OP_NEW_BOX: *sp++ = make_box(T_BOX, V_UNBOUND); break;
        case OP_POP: sp -= ARG; break;
        case OP_SLIDE:
            v = sp[-1];
            sp -= ARG;
            sp[-1] = v;
            break;
        case OP_JUMP: pc += (int32_t)word >> 8; break;
        case OP_JUMP_FALSE:
            if (*--sp == V_FALSE) pc += (int32_t)word >> 8;
            break;
        case OP_JUMP_TRUE_KEEP:
            if (sp[-1] != V_FALSE) pc += (int32_t)word >> 8;
            else sp--;
            break;
        case OP_CLOSURE:
            n = ARG;
            sp -= n;
            sp[-1] = make_closure(*(sp + n - 1), sp - 1, n);
            break;
        case OP_CALL:
            n = ARG;
            tail = false;
            goto apply;
        case OP_TAIL_CALL:
            n = ARG;
            tail = true;
            memmove(fp - 1, sp - n - 1, (n + 1) * sizeof(Value));
            sp = fp + n;
            goto apply;
        case OP_RETURN:
            fp[-1] = sp[-1];
            sp = fp;
            goto leave;
        case OP_ADD_INT:
        case OP_SUB_INT: {
            int64_t by = (int32_t)word >> 8;
            if (is_fix(sp[-1])) {
                int64_t r = fix(sp[-1]) + (op == OP_ADD_INT ? by : -by);
                if (fits_fix(r)) {
                    sp[-1] = make_fix(r);
                    break;
                }
            }
            *sp++ = make_fix(by);
            goto inline_call;
        }
        case OP_ADD: ARITHMETIC(+);
        case OP_SUB: ARITHMETIC(-);
        case OP_MUL:
            if (!is_flo(sp[-2]) || !is_flo(sp[-1])) goto inline_call;
            v = make_flo(flo(sp[-2]) * flo(sp[-1]));
            sp--, sp[-1] = v;
            break;
        case OP_NUM_EQ: COMPARE(==);
        case OP_LT: COMPARE(<);
        case OP_GT: COMPARE(>);
        case OP_LE: COMPARE(<=);
        case OP_GE: COMPARE(>=);
        case OP_CONS:
            v = cons(sp[-2], sp[-1]);
            sp--, sp[-1] = v;
            break;
        case OP_CAR:
            if (!is_pair(sp[-1])) goto inline_call;
            sp[-1] = car(sp[-1]);
            break;
        case OP_CDR:
            if (!is_pair(sp[-1])) goto inline_call;
            sp[-1] = cdr(sp[-1]);
            break;
        case OP_NOT: sp[-1] = boolean(sp[-1] == V_FALSE); break;
        case OP_NULL: sp[-1] = boolean(sp[-1] == V_NIL); break;
        case OP_PAIR: sp[-1] = boolean(is_pair(sp[-1])); break;
        case OP_EQ:
            v = boolean(sp[-2] == sp[-1]);
            sp--, sp[-1] = v;
            break;
        case OP_VECTOR_REF:
            if (!is_type(sp[-2], T_VECTOR) || !is_fix(sp[-1])
                || (uint64_t)fix(sp[-1]) >= obj(sp[-2])->len) goto inline_call;
            v = obj(sp[-2])->slot[fix(sp[-1])];
            sp--, sp[-1] = v;
            break;
        case OP_VECTOR_SET:
            if (!is_type(sp[-3], T_VECTOR) || !is_fix(sp[-2])
                || (uint64_t)fix(sp[-2]) >= obj(sp[-3])->len) goto inline_call;
            obj(sp[-3])->slot[fix(sp[-2])] = sp[-1];
            sp -= 2, sp[-1] = V_VOID;
            break;
        case OP_COUNT: die("fatal: bad code");
        }
        continue;

    inline_call: // the fast path does not apply: the primitive decides
        n = (uint32_t)inline_primitive[op]->min;
        if (op <= OP_GE) n = 2;
        vm.sp = sp;
        vm.running = inline_primitive[op]->name;
        v = inline_primitive[op]->fn((int)n, sp - n);
        if (v == V_ERROR) goto error;
        sp -= n;
        *sp++ = v;
        continue;

    apply: // sp[-n-1] is called with the n values above it
        v = sp[-(int64_t)n - 1];
        if (is_type(v, T_CLOSURE)) goto apply_closure;
        if (is_type(v, T_PRIMITIVE)) goto apply_primitive;
        if (is_type(v, T_CONTINUATION)) goto apply_continuation;
        fail("not a procedure:", v);
        goto error;

    apply_closure: {
        const Code *code = (const Code *)obj(obj(v)->slot[0]);
        vm.sp = sp;
        if (!tail) {
            if (vm.frame == vm.frames_end && !grow_frames(1)) goto too_deep;
            *vm.frame++ = (Frame){pc, consts, (uint32_t)(fp - vm.stack)};
        }
        if (n != code->required) {
            if (n < code->required || !code->rest) {
                int max = code->rest ? -1 : (int)code->required;
                wrong_count(code->name, (int)code->required, max, (int)n);
                goto error;
            }
        }
        fp = sp - n;
        if (code->rest) sp = collect_rest(fp, n, code->required);
        pc = (const uint32_t *)chars(code->words);
        consts = obj(code->consts)->slot;
        vm.sp = sp;
        if ((size_t)(vm.stack_end - sp) < code->max_stack + SLACK) {
            size_t base = (size_t)(fp - vm.stack);
            if (!grow_stack(code->max_stack)) goto too_deep;
            sp = vm.sp;
            fp = vm.stack + base;
        }
        if (!collection_due() || collect() < MAX_HEAP) continue;
        fail("out of memory", V_UNBOUND);
        goto error;
    }

    apply_primitive: {
        const Primitive *p = ((PrimObj *)obj(v))->def;
        if ((int)n < p->min || (p->max >= 0 && (int)n > p->max)) {
            wrong_count(sym(p->name), p->min, p->max, (int)n);
            goto error;
        }
        if (p->kind == ORDINARY) {
            vm.sp = sp;
            vm.running = p->name;
            v = p->fn((int)n, sp - n);
            if (v == V_ERROR) goto error;
            sp -= n;
            sp[-1] = v;
            if (tail) goto leave;
            continue;
        }
        if (p->kind == APPLY) { // (apply f a... list)
            Value list = sp[-1];
            int length = list_length(list);
            vm.sp = sp;
            vm.running = p->name;
            if (length < 0) {
                wrong("a list", list);
                goto error;
            }
            size_t base = (size_t)(fp - vm.stack);
            if (!grow_stack((size_t)length)) goto too_deep;
            sp = vm.sp;
            if (!tail) fp = vm.stack + base;
            memmove(sp - n - 1, sp - n, n * sizeof(Value));
            sp -= 2;
            for (; is_pair(list); list = cdr(list)) *sp++ = car(list);
            n = n - 2 + (uint32_t)length;
            goto apply;
        }
        vm.sp = sp - 2; // CALL_CC: the continuation returns to where this call would
        if (!tail) {
            if (!grow_frames(1)) goto too_deep;
            *vm.frame++ = (Frame){pc, consts, (uint32_t)(fp - vm.stack)};
            tail = true;
        }
        sp[-2] = sp[-1];
        sp[-1] = capture();
        goto apply;
    }

    apply_continuation:
        v = n == 1 ? sp[-1] : V_VOID;
        if (!reinstate(sp[-(int64_t)n - 1])) goto too_deep;
        sp = vm.sp;
        *sp++ = v;
    leave: // the value on top goes to the frame that waits for it
        vm.frame--;
        pc = vm.frame->pc;
        consts = vm.frame->consts;
        fp = vm.stack + vm.frame->fp;
        continue;

    too_deep:
        fail("recursion too deep", V_UNBOUND);
    error: // the innermost guard's continuation receives it
        if (vm.handlers == V_NIL) return V_ERROR;
        if (!reinstate(car(vm.handlers))) die("fatal: out of memory");
        sp = vm.sp;
        *sp++ = vm.error;
        goto leave;
    }
}
