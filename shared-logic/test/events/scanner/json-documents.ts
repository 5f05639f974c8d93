// Random JSON texts for the scanner's tests: duplicates, escapes, white space, odd keys and numbers, and
// texts broken at random.
import { below, type Random } from "../../../src/ports/random.ts";

const KEYS = [
  "a",
  "a",
  "a",
  "b",
  "b",
  "ab",
  "",
  "__proto__",
  "constructor",
  "é",
  "\u{1f600}",
  "toString",
  "a.b",
];
const STRINGS = [
  "",
  "x",
  "DE",
  "ü€\u{1f600}",
  '\\"/\b\f\n\r\t',
  "\u0000",
  "\ud800",
  "a\udc00b",
  "\udc00\udc01",
  "\ud800\ud83d\ude00",
];
const NUMBERS = ["0", "-0", "12", "-1.5", "1e3", "1E-2", "0.10", "123456789012345678901", "1e400"];

const pick = <T>(random: Random, from: readonly T[]): T => from[below(random, from.length)] as T;
const space = (random: Random): string =>
  below(random, 4) === 0 ? pick(random, [" ", "\n", "\t", "\r\n", "  "]) : "";

/** A JSON string; any character may be written as an escape. */
function quote(random: Random, text: string): string {
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const hex = unit.toString(16).padStart(4, "0");
    const lone = unit >= 0xd800 && unit < 0xe000;
    if (lone && unit < 0xdc00 && text.isWellFormed() && below(random, 3) > 0) {
      out += text.slice(i, i + 2);
      i++;
    } else if (lone || unit < 0x20 || below(random, 5) === 0) {
      out += `\\u${below(random, 2) === 0 ? hex : hex.toUpperCase()}`;
    } else out += text[i] === '"' || text[i] === "\\" ? `\\${text[i]}` : text[i];
  }
  return `"${out}"`;
}

/** Every other text, and every other value inside, is an object. */
export function randomJson(random: Random, depth: number): string {
  const kind = below(random, depth > 0 ? 12 : 5);
  if (kind === 0) return pick(random, ["true", "false", "null"]);
  if (kind <= 2) return pick(random, NUMBERS);
  if (kind <= 4) return quote(random, pick(random, STRINGS));
  const [s, n] = [() => space(random), below(random, 5)];
  const value = (): string => `${s()}${randomJson(random, depth - 1)}${s()}`;
  if (kind === 5) return `[${s()}${Array.from({ length: n }, value).join(",")}]`;
  const member = (): string => `${s()}${quote(random, pick(random, KEYS))}${s()}:${value()}`;
  return `{${s()}${Array.from({ length: n }, member).join(",")}}`;
}

const ALPHABET = new TextEncoder().encode(
  '{}[]",:\\u0019eE+-.truefalsn \n\t\0\u00e9\u20ac\u{1f600}',
);

/** The bytes with one to three of them changed, dropped, doubled or cut off. */
export function mutate(random: Random, source: Uint8Array): Uint8Array {
  let bytes = [...source];
  for (let n = 1 + below(random, 3); n > 0 && bytes.length > 0; n--) {
    const at = below(random, bytes.length);
    const way = below(random, 6);
    if (way === 0) bytes.splice(at, 1);
    else if (way === 1) bytes.splice(at, 0, bytes[at] as number);
    else if (way === 2) bytes[at] = below(random, 256);
    else if (way === 3) bytes = bytes.slice(0, at);
    else bytes.splice(at, way - 4, ALPHABET[below(random, ALPHABET.length)] as number);
  }
  return Uint8Array.from(bytes);
}
