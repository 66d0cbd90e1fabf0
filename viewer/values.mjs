// Values: how they are read from a trace, and how they are shown.
//
// A value is kept beside the letter of its type: i (i32) is a signed number, I (i64) a signed
// BigInt, f (f32) and F (f64) their bits, unsigned, v (v128) a BigInt, r (reference) a number.

/** The names of types by their letters. */
export const TYPES = { i: "i32", I: "i64", f: "f32", F: "f64", v: "v128", r: "ref" };

const scratch = new DataView(new ArrayBuffer(16));

/** Reads numbers and values from bytes: see `bytes.rs`. */
export class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  byte() {
    return this.bytes[this.at++];
  }

  /** An unsigned number below 2^53. */
  number() {
    let number = 0;
    let unit = 1;
    for (;;) {
      const byte = this.bytes[this.at++];
      number += (byte & 127) * unit;
      if (byte < 128) return number;
      unit *= 128;
    }
  }

  /** An unsigned number of 64 bits. */
  big() {
    let number = 0n;
    let shift = 0n;
    for (;;) {
      const byte = this.bytes[this.at++];
      number |= BigInt(byte & 127) << shift;
      if (byte < 128) return number;
      shift += 7n;
    }
  }

  /** A signed number of 64 bits. */
  signed() {
    const folded = this.big();
    return (folded >> 1n) ^ -(folded & 1n);
  }

  slice(length) {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** A value of a type. */
  value(letter) {
    switch (letter) {
      case "i": {
        const folded = this.number();
        return folded % 2 ? -(folded + 1) / 2 : folded / 2;
      }
      case "I":
        return this.signed();
      case "f":
        return Number(this.word(4));
      case "F":
        return this.word(8);
      case "v": {
        const low = this.word(8);
        return low | (this.word(8) << 64n);
      }
      default:
        return this.number();
    }
  }

  word(length) {
    let word = 0n;
    for (let at = length - 1; at >= 0; at--) word = (word << 8n) | BigInt(this.bytes[this.at + at]);
    this.at += length;
    return word;
  }
}

/** The value that a local has before it is written. */
export function zero(letter) {
  return letter === "I" || letter === "F" || letter === "v" ? 0n : 0;
}

/** The bits of a value as an unsigned BigInt. */
export function bits(letter, value) {
  switch (letter) {
    case "i":
      return BigInt(value >>> 0);
    case "I":
      return BigInt.asUintN(64, value);
    default:
      return BigInt(value);
  }
}

/** A value from its bits, in decimal. */
export function fromBits(letter, text) {
  switch (letter) {
    case "i":
      return Number(text) | 0;
    case "I":
      return BigInt.asIntN(64, BigInt(text));
    case "F":
    case "v":
      return BigInt(text);
    default:
      return Number(text);
  }
}

/** A number in hexadecimal with at least that many digits. */
export function hex(number, digits = 1) {
  return number.toString(16).padStart(digits, "0");
}

/** A value as text. */
export function shown(letter, value) {
  switch (letter) {
    case "f":
      scratch.setUint32(0, value);
      return float(scratch.getFloat32(0), value & 0x7fffff);
    case "F":
      scratch.setBigUint64(0, value);
      return float(scratch.getFloat64(0), value & 0xfffffffffffffn);
    case "v":
      return `0x${hex(value, 32)}`;
    case "r":
      return value === 0 ? "null" : `#${value}`;
    default:
      return String(value);
  }
}

function float(number, payload) {
  if (Number.isNaN(number)) return `nan:0x${hex(payload)}`;
  return Object.is(number, -0) ? "-0" : String(number).replace("Infinity", "inf");
}

/** Everything worth knowing of a value, for a tooltip and for screen readers. */
export function explained(letter, value) {
  const raw = bits(letter, value);
  const name = TYPES[letter];
  if (letter === "r" || letter === "v") return `${name} ${shown(letter, value)}`;
  const unsigned = letter === "i" || letter === "I" ? `, unsigned ${raw}` : "";
  return `${name} ${shown(letter, value)}${unsigned}, bits 0x${hex(raw)}`;
}
