// A WebAssembly module of one function, written out instruction by instruction: for every sixteen bytes it
// stores sixteen bits, bit i set where byte i does not stand for itself inside a JSON string. Its twin in
// plain JavaScript is in special-bytes.ts. (Spec: https://webassembly.github.io/spec/core/binary/)
//
//   export "mark"(from: i32, until: i32, out: i32): until − from is a multiple of 16 and above 0

const I32 = 0x7f;
const V128 = 0x7b;
const [FROM, UNTIL, OUT, V] = [0, 1, 2, 3];
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const i32const = (small: number): number[] => [0x41, small];
const I32_ADD = 0x6a;
const I32_LT_U = 0x49;
const I32_STORE16 = [0x3b, 1, 0];
const LOOP = [0x03, 0x40];
const BR_IF_0 = [0x0d, 0];
const END = 0x0b;
const simd = (code: number): number[] =>
  code < 128 ? [0xfd, code] : [0xfd, (code & 127) | 128, code >> 7];
const V128_LOAD = [...simd(0), 0, 0];
const I8X16_EQ = simd(0x23);
const I8X16_LT_S = simd(0x25);
const V128_OR = simd(0x50);
const I8X16_BITMASK = simd(0x64);
/** A vector of sixteen equal bytes. */
const bytes16 = (byte: number): number[] => [...simd(0x0c), ...new Array<number>(16).fill(byte)];

/** Lengths are below 128, so that one byte holds them. */
const section = (id: number, body: readonly number[]): number[] => [id, body.length, ...body];
const text = (s: string): number[] => [s.length, ...[...s].map((c) => c.charCodeAt(0))];

const CODE = [
  ...[1, 1, V128],
  ...LOOP,
  ...get(OUT),
  ...[...get(FROM), ...V128_LOAD, ...set(V)],
  ...[...get(V), ...bytes16(0x22), ...I8X16_EQ],
  ...[...get(V), ...bytes16(0x5c), ...I8X16_EQ, ...V128_OR],
  // As signed bytes, those of more than seven bits lie below the controls.
  ...[...get(V), ...bytes16(0x20), ...I8X16_LT_S, ...V128_OR],
  ...[...I8X16_BITMASK, ...I32_STORE16],
  ...[...get(OUT), ...i32const(2), I32_ADD, ...set(OUT)],
  ...[...get(FROM), ...i32const(16), I32_ADD, ...set(FROM)],
  ...[...get(FROM), ...get(UNTIL), I32_LT_U, ...BR_IF_0],
  ...[END, END],
];

export const SPECIAL_BYTES_MODULE: Uint8Array = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, [1, 0x60, 3, I32, I32, I32, 0]),
  ...section(2, [1, ...text("m"), ...text("m"), 2, 0, 0]),
  ...section(3, [1, 0]),
  ...section(7, [1, ...text("mark"), 0, 0]),
  // The code's two lengths take two bytes each: it is longer than 127.
  ...(() => {
    const leb = (n: number): number[] => [(n & 127) | 128, n >> 7];
    const body = [1, ...leb(CODE.length), ...CODE];
    return [10, ...leb(body.length), ...body];
  })(),
);
