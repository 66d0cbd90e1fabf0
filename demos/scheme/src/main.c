// The command line, the demos, and the read-eval-print loop.
#include "scheme.h"
#include <stdlib.h>
#include <unistd.h>

typedef struct {
    const char *name, *text;
} Script;

// Made by build.sh: `static const char prelude[]` and `static const Script demos[]`.
#include "embedded.h"

#define DEMOS (sizeof demos / sizeof *demos)

static const char usage[] =
    "A small Scheme.\n"
    "  scheme               read, evaluate and print, from standard input\n"
    "  scheme -             run a program from standard input\n"
    "  scheme -e EXPR...    evaluate each EXPR and print its value\n"
    "  scheme demo          list the demos\n"
    "  scheme demo NAME     run one (or all: demo all)\n"
    "  scheme show NAME     print the source of one\n";

static void report_error(void) {
    Out text = out_memory(1000); // a cut keeps huge or circular data readable
    out_flush(&out);
    out_text(&text, "error: ");
    if (!is_type(vm.error, T_CONDITION)) out_text(&text, "raised: ");
    print(&text, vm.error, true);
    if (text.len == text.limit) memcpy(text.data + text.len - 3, "...", 3);
    if (write(2, text.data, text.len) < 0 || write(2, "\n", 1) < 0) exit(74);
    free(text.data);
}

// Evaluates all of `in`. Stops at the first error, unless in a conversation.
static bool evaluate(In *in, bool print_values, bool conversation) {
    for (;;) {
        Value form = read_datum(in);
        if (form == V_EOF) return true;
        if (form == V_ERROR) in->at = in->end; // the rest of the line makes no sense now
        Value code = form == V_ERROR ? form : compile(form);
        Value v = code == V_ERROR ? code : run(code);
        if (v == V_ERROR) {
            report_error();
            if (!conversation) return false;
        } else if (print_values && v != V_VOID) {
            print(&out, v, true);
            out_char(&out, '\n');
        }
    }
}

static bool evaluate_text(const char *text, bool print_values) {
    In in = {.at = text, .end = text + strlen(text)};
    return evaluate(&in, print_values, false);
}

static bool prompting;

static bool refill(In *in) {
    static char buffer[4096];
    if (prompting) out_text(&out, in->inside ? "  " : "> ");
    out_flush(&out);
    ssize_t n = read(0, buffer, sizeof buffer);
    if (n <= 0 && prompting) out_char(&out, '\n');
    if (n <= 0) return false;
    in->at = buffer;
    in->end = buffer + n;
    return true;
}

static bool from_stdin(bool conversation) {
    In in = {.refill = refill};
    prompting = conversation && isatty(0);
    if (prompting) out_text(&out, "A small Scheme. (exit) or end of input leaves.\n");
    return evaluate(&in, conversation, conversation);
}

static const Script *find_demo(const char *name) {
    for (size_t i = 0; i < DEMOS; i++)
        if (!strcmp(demos[i].name, name)) return &demos[i];
    out_text(&out, "no such demo: ");
    out_text(&out, name);
    out_text(&out, "\n");
    return NULL;
}

static bool list_demos(void) { // each begins with a comment that says what it is
    for (size_t i = 0; i < DEMOS; i++) {
        const char *about = demos[i].text;
        out_text(&out, demos[i].name);
        for (size_t pad = strlen(demos[i].name); pad < 12; pad++) out_char(&out, ' ');
        for (about += 2; *about != '\n'; about++) out_char(&out, *about);
        out_char(&out, '\n');
    }
    return true;
}

static bool all_demos(void) {
    bool ok = true;
    for (size_t i = 0; i < DEMOS; i++) {
        out_text(&out, i ? "\n== " : "== ");
        out_text(&out, demos[i].name);
        out_text(&out, " ==\n");
        ok = evaluate_text(demos[i].text, false) && ok;
    }
    return ok;
}

static bool command(int argc, char **argv) {
    const char *verb = argc > 1 ? argv[1] : "";
    if (argc == 1) return from_stdin(true);
    if (argc == 2 && !strcmp(verb, "-")) return from_stdin(false);
    if (argc == 2 && !strcmp(verb, "demo")) return list_demos();
    if (argc == 3 && !strcmp(verb, "demo")) {
        if (!strcmp(argv[2], "all")) return all_demos();
        const Script *demo = find_demo(argv[2]);
        return demo && evaluate_text(demo->text, false);
    }
    if (argc == 3 && !strcmp(verb, "show")) {
        const Script *demo = find_demo(argv[2]);
        if (demo) out_text(&out, demo->text);
        return demo;
    }
    if (argc > 2 && !strcmp(verb, "-e")) {
        for (int i = 2; i < argc; i++)
            if (strcmp(argv[i], "-e") && !evaluate_text(argv[i], true)) return false;
        return true;
    }
    out_text(&out, usage);
    return !strcmp(verb, "-h") || !strcmp(verb, "--help");
}

int main(int argc, char **argv) {
    vm.error = vm.handlers = V_NIL;
    builtins_init();
    compiler_init();
    if (!evaluate_text(prelude, false)) return 70;
    bool ok = command(argc, argv);
    out_flush(&out);
    return ok ? 0 : 1;
}
