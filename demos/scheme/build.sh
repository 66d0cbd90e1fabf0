#!/bin/sh
# Builds scheme.wasm, a WASI preview 1 command, with any clang that has wasm32-wasi
# (wasi-sdk's, or a distribution's clang with lld, wasi-libc and compiler-rt for wasm32):
#
#   WCC="/opt/wasi-sdk/bin/clang" sh build.sh
#   WCC="clang --target=wasm32-wasi --sysroot=/usr" sh build.sh out.wasm
#
# A native program, to compare with: NATIVE=1 WCC=cc sh build.sh scheme
set -eu
cd "$(dirname "$0")"
: "${WCC:=clang --target=wasm32-wasi}"
OUT=${1:-scheme.wasm}
GEN=$(mktemp -d)
trap 'rm -rf "$GEN"' EXIT

# A text file as a C string, line by line.
quote() { sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/    "&\\n"/' "$1"; }

# The prelude and the demos go into the binary, which therefore opens no files.
{
    echo 'static const char prelude[] ='
    quote src/prelude.scm
    echo '    ;'
    echo 'static const Script demos[] = {'
    for f in scripts/*.scm; do
        echo "    {\"$(basename "$f" .scm)\","
        quote "$f"
        echo '    },'
    done
    echo '};'
} > "$GEN/embedded.h"

# -O2 for speed; debug information goes, the name section stays, so that backtraces have names.
# The reader and the compiler recurse on the C stack: 1 MiB of it.
FLAGS="-std=gnu11 -O2 -g0 -Wall -Wextra -Wno-gnu-variable-sized-type-not-at-end -I $GEN"
LINK="-Wl,--strip-debug -Wl,-z,stack-size=1048576"
if [ -n "${NATIVE:-}" ]; then LINK=-lm; fi
# shellcheck disable=SC2086
$WCC $FLAGS ${CFLAGS:-} src/*.c $LINK -o "$OUT"
