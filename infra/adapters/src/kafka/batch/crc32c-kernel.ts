// CRC-32C sixteen bytes a step (slicing by 16, Kounavis and Berry, 2005) as a WebAssembly function that
// is put together here byte by byte. Every batch that is read is checked, and in JavaScript the check
// alone costs several times all the rest of reading.

/** Tables first, then the bytes; pages of 64 KB. */
const TABLES = 16;
const CHUNK_AT = 65_536;
const CHUNK_BYTES = 262_144;
const PAGES = (CHUNK_AT + CHUNK_BYTES) / 65_536;

// Opcodes of the WebAssembly core specification, chapter 5.4.
const GET = 0x20;
const SET = 0x21;
const CONST = 0x41;
const LOAD = 0x28;
const LOAD_BYTE = 0x2d;
const ADD = 0x6a;
const AND = 0x71;
const XOR = 0x73;
const SHL = 0x74;
const SHR = 0x76;
const AT_MOST = 0x4d;
const LESS = 0x49;
const IF = 0x04;
const LOOP = 0x03;
const BRANCH = 0x0c;
const END = 0x0b;
const NO_RESULT = 0x40;
const I32 = 0x7f;

/** Parameters and one local for the word at hand. */
const [FROM, UNTIL, CRC, WORD] = [0, 1, 2, 3];

const leb = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
/** Constants are signed. */
const constant = (value: number): number[] =>
  value < 64 ? [CONST, value] : [CONST, (value & 127) | 128, value >>> 7];
const section = (id: number, body: number[]): number[] => [id, ...leb(body.length), ...body];

/** The entry of a table for byte `index` of the word. */
function lookUp(table: number, index: number): number[] {
  const shift = 8 * index - 2;
  const scaled = shift < 0 ? [...constant(-shift), SHL] : [...constant(shift), SHR];
  return [GET, WORD, ...scaled, ...constant(1020), AND, LOAD, 2, ...leb(1024 * table)];
}

function step16(): number[] {
  const code: number[] = [];
  for (let word = 0; word < 4; word++) {
    code.push(GET, FROM, LOAD, 0, 4 * word);
    if (word === 0) code.push(GET, CRC, XOR);
    code.push(SET, WORD);
    for (let index = 0; index < 4; index++) {
      code.push(...lookUp(15 - 4 * word - index, index));
      if (word + index > 0) code.push(XOR);
    }
  }
  return [...code, SET, CRC];
}

/** Steps by `size` while they fit, with `code`. */
const repeated = (size: number, test: number[], code: number[]): number[] => [
  ...[LOOP, NO_RESULT, ...test, IF, NO_RESULT, ...code],
  ...[GET, FROM, ...constant(size), ADD, SET, FROM, BRANCH, 1, END, END],
];

function moduleBytes(): Uint8Array<ArrayBuffer> {
  const one = [GET, FROM, LOAD_BYTE, 0, 0, GET, CRC, XOR, SET, WORD];
  const step1 = [...one, ...lookUp(0, 0), GET, CRC, ...constant(8), SHR, XOR, SET, CRC];
  const code = [
    ...repeated(16, [GET, FROM, ...constant(16), ADD, GET, UNTIL, AT_MOST], step16()),
    ...repeated(1, [GET, FROM, GET, UNTIL, LESS], step1),
    ...[GET, CRC, END],
  ];
  const body = [1, 1, I32, ...code];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 3, I32, I32, I32, 1, I32]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, PAGES]),
    ...section(7, [2, 1, 0x63, 0, 0, 1, 0x6d, 2, 0]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ]);
}

/** The project's type libraries are without it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
  ) => {
    readonly exports: {
      readonly c: (from: number, until: number, crc: number) => number;
      readonly m: { readonly buffer: ArrayBuffer };
    };
  };
};

const { c: run, m: memory } = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes()))
  .exports;
const bytesOf = new Uint8Array(memory.buffer);

const POLYNOMIAL = 0x82f63b78;
const tables = new Int32Array(memory.buffer, 0, TABLES * 256);
for (let i = 0; i < 256; i++) {
  let c = i;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ POLYNOMIAL : c >>> 1;
  tables[i] = c;
}
for (let i = 256; i < tables.length; i++) {
  const c = tables[i - 256] ?? 0;
  tables[i] = (c >>> 8) ^ (tables[c & 255] ?? 0);
}

/** CRC-32C of bytes[from, until). */
export function crc32cOf(bytes: Uint8Array, from: number, until: number): number {
  let crc = -1;
  for (let at = from; at < until; at += CHUNK_BYTES) {
    const end = Math.min(at + CHUNK_BYTES, until);
    bytesOf.set(bytes.subarray(at, end), CHUNK_AT);
    crc = run(CHUNK_AT, CHUNK_AT + end - at, crc);
  }
  return ~crc >>> 0;
}
