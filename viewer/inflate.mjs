// Raw deflate (RFC 1951), at once. The browser's own decoder is faster on large data, but answers
// later: each chunk of a trace is small, and a jump waits for it.

/** The smallest length, or distance, of each symbol, and how many bits are added to it. */
const LENGTHS = ranges(29, 3, (at) => (at < 8 || at === 28 ? 0 : (at >> 2) - 1));
const DISTANCES = ranges(30, 1, (at) => (at < 4 ? 0 : (at >> 1) - 1));
LENGTHS[28][0] = 258;

/** In which order the lengths of the codes of code lengths come. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

function ranges(count, first, bitsOf) {
  let from = first;
  return Array.from({ length: count }, (_, at) => {
    const range = [from, bitsOf(at)];
    from += 2 ** range[1];
    return range;
  });
}

/** A code, from the lengths of its words: how many words each length has, and their symbols. */
function code(lengths) {
  const counts = new Uint16Array(16);
  for (const length of lengths) counts[length]++;
  counts[0] = 0;
  const next = new Uint16Array(16);
  for (let length = 1; length < 15; length++) next[length + 1] = next[length] + counts[length];
  const symbols = new Uint16Array(lengths.length);
  lengths.forEach((length, symbol) => {
    if (length > 0) symbols[next[length]++] = symbol;
  });
  return { counts, symbols };
}

const FIXED = [
  code(Array.from({ length: 288 }, (_, at) => (at < 144 ? 8 : at < 256 ? 9 : at < 280 ? 7 : 8))),
  code(Array.from({ length: 30 }, () => 5)),
];

class Inflater {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
    this.held = 0;
    this.count = 0;
    this.out = new Uint8Array(bytes.length * 4 + 64);
    this.size = 0;
  }

  bits(count) {
    while (this.count < count) {
      if (this.at >= this.bytes.length) throw new Error("the trace is cut off");
      this.held |= this.bytes[this.at++] << this.count;
      this.count += 8;
    }
    const bits = this.held & ((1 << count) - 1);
    this.held >>>= count;
    this.count -= count;
    return bits;
  }

  /** Reads a word of a code. Words of the same length follow each other. */
  symbol({ counts, symbols }) {
    let [word, first, index] = [0, 0, 0];
    for (let length = 1; length < 16; length++) {
      word |= this.bits(1);
      const count = counts[length];
      if (word - first < count) return symbols[index + word - first];
      index += count;
      first = (first + count) << 1;
      word <<= 1;
    }
    throw new Error("the trace is damaged");
  }

  room(length) {
    if (this.size + length <= this.out.length) return;
    const out = new Uint8Array(Math.max(this.out.length * 2, this.size + length));
    out.set(this.out.subarray(0, this.size));
    this.out = out;
  }

  stored() {
    this.held = this.count = 0;
    const length = this.bytes[this.at] | (this.bytes[this.at + 1] << 8);
    this.at += 4;
    this.room(length);
    this.out.set(this.bytes.subarray(this.at, this.at + length), this.size);
    this.at += length;
    this.size += length;
  }

  /** The codes of a block that brings its own. */
  codes() {
    const [many, distances, count] = [this.bits(5) + 257, this.bits(5) + 1, this.bits(4) + 4];
    const own = new Array(19).fill(0);
    for (let at = 0; at < count; at++) own[ORDER[at]] = this.bits(3);
    const short = code(own);
    const lengths = [];
    while (lengths.length < many + distances) {
      const symbol = this.symbol(short);
      if (symbol < 16) {
        lengths.push(symbol);
        continue;
      }
      const [bits, least] = [[2, 3], [3, 3], [7, 11]][symbol - 16];
      const times = least + this.bits(bits);
      const length = symbol === 16 ? lengths[lengths.length - 1] : 0;
      for (let time = 0; time < times; time++) lengths.push(length);
    }
    return [code(lengths.slice(0, many)), code(lengths.slice(many))];
  }

  block([literals, distances]) {
    for (;;) {
      const symbol = this.symbol(literals);
      if (symbol === 256) return;
      if (symbol < 256) {
        this.room(1);
        this.out[this.size++] = symbol;
        continue;
      }
      const [least, bits] = LENGTHS[symbol - 257];
      const length = least + this.bits(bits);
      const [near, more] = DISTANCES[this.symbol(distances)];
      const from = this.size - near - this.bits(more);
      if (from < 0) throw new Error("the trace is damaged");
      this.room(length);
      // What is copied may be what this copy writes.
      for (let at = 0; at < length; at++) this.out[this.size + at] = this.out[from + at];
      this.size += length;
    }
  }
}

/** Returns the bytes that were compressed. */
export function inflate(bytes) {
  const inflater = new Inflater(bytes);
  for (let isLast = false; !isLast; ) {
    isLast = inflater.bits(1) === 1;
    const kind = inflater.bits(2);
    if (kind === 0) inflater.stored();
    else if (kind === 1) inflater.block(FIXED);
    else if (kind === 2) inflater.block(inflater.codes());
    else throw new Error("the trace is damaged");
  }
  return inflater.out.subarray(0, inflater.size);
}
