// A validating JSON scanner over UTF-8 bytes that builds nothing: it gives JSON.parse's verdict on the
// text and, for the wanted paths, where each value stands. The last of repeated keys wins, a key that
// JSON.parse finds equal after unescaping is equal here, `__proto__` is a key like any other. It keeps
// its own stack, so depth costs no call stack.
import {
  FIELD_ABSENT,
  FIELD_FALSE,
  FIELD_NESTED,
  FIELD_NULL,
  FIELD_NUMBER,
  FIELD_TEXT,
  FIELD_TRUE,
} from "../event-columns.ts";
import {
  literalEnd,
  numberEnd,
  plainEnd,
  SCAN_NOT_JSON,
  SCAN_OK,
  SCAN_TOO_DEEP,
  spaceEnd,
  stringEnd,
} from "./json-grammar.ts";
import { findChild, NO_NODE, type PathTrie } from "./path-trie.ts";
import { CLOSES, OPENS, type ScalarTrace } from "./scalar-trace.ts";
import { Unescaper } from "./unescape.ts";

export const DEFAULT_DEPTH = 64;
export const UNLIMITED_DEPTH = 0x7fffffff;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
/** A container that is an array; other containers are trie nodes, or NO_NODE for unwanted objects. */
const ARRAY = -2;

export class JsonScanner {
  /** By slot: FIELD_*; a text's slice is without its quotes, an object's with its braces. */
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** 1 where a text holds a backslash. */
  readonly escaped: Uint8Array;
  /** Where to note scalars, for who wants to know. */
  trace: ScalarTrace | undefined;
  private readonly trie: PathTrie;
  private readonly depthLimit: number;
  private containers = new Int32Array(64);
  private openSlots = new Int32Array(64);
  private readonly key = new Unescaper();

  constructor(trie: PathTrie, depthLimit = DEFAULT_DEPTH) {
    this.trie = trie;
    this.depthLimit = depthLimit;
    this.kinds = new Uint8Array(trie.size);
    this.starts = new Int32Array(trie.size);
    this.ends = new Int32Array(trie.size);
    this.escaped = new Uint8Array(trie.size);
  }

  /** SCAN_OK where `bytes[from, until)` is one JSON text; else a SCAN_* verdict, and no slot counts. */
  scan(bytes: Uint8Array, from: number, until: number): number {
    const end = this.scanValue(bytes, from, until);
    if (end < 0) return end;
    return spaceEnd(bytes, end, until) === until ? SCAN_OK : SCAN_NOT_JSON;
  }

  /** The end of the JSON value at `from` (white space before it is fine), or a SCAN_* verdict. */
  scanValue(bytes: Uint8Array, from: number, until: number): number {
    const { kinds, starts, ends, escaped, trie, depthLimit, trace } = this;
    for (let s = 0; s < kinds.length; s++) kinds[s] = FIELD_ABSENT;
    let depth = 0;
    let container = NO_NODE;
    let node = 0;
    let i = from;
    for (;;) {
      // A value, whose node of the trie is `node`.
      if (i < until && bytes[i]! <= 0x20) i = spaceEnd(bytes, i, until);
      if (i >= until) return SCAN_NOT_JSON;
      const slot = node < 0 ? -1 : this.claim(node);
      const c = bytes[i]!;
      const start = i;
      let opened = false;
      if (c === QUOTE) {
        i = plainEnd(bytes, start + 1, until);
        let backslash = 0;
        if (i < until && bytes[i] === QUOTE) {
          i++;
        } else {
          const special = i;
          i = stringEnd(bytes, i, until);
          if (i < 0) return i;
          if (slot >= 0) backslash = hasBackslash(bytes, special, i);
        }
        if (slot >= 0) {
          kinds[slot] = FIELD_TEXT;
          starts[slot] = start + 1;
          ends[slot] = i - 1;
          escaped[slot] = backslash;
        }
      } else if (c === OPEN_OBJECT || c === OPEN_ARRAY) {
        if (depth >= depthLimit) return SCAN_TOO_DEEP;
        if (slot >= 0) {
          kinds[slot] = FIELD_NESTED;
          starts[slot] = start;
          if (trace) trace.mark(slot, OPENS, start);
        }
        i = start + 1;
        if (i < until && bytes[i]! <= 0x20) i = spaceEnd(bytes, i, until);
        if (i >= until) return SCAN_NOT_JSON;
        if (bytes[i] === c + 2) {
          i++;
          if (slot >= 0) {
            ends[slot] = i;
            if (trace) trace.mark(slot, CLOSES, i);
          }
        } else {
          if (depth === this.containers.length) this.growStack();
          this.containers[depth] = container;
          this.openSlots[depth] = slot;
          depth++;
          if (c === OPEN_ARRAY) container = ARRAY;
          else container = node >= 0 && trie.hasChildren[node] === 1 ? node : NO_NODE;
          opened = true;
        }
      } else {
        let kind = FIELD_NUMBER;
        if (c === 0x2d || (c >= 0x30 && c <= 0x39)) {
          i = numberEnd(bytes, start, until);
        } else {
          i = literalEnd(bytes, start, until);
          kind = c === 0x74 ? FIELD_TRUE : c === 0x66 ? FIELD_FALSE : FIELD_NULL;
        }
        if (i < 0) return i;
        if (slot >= 0) {
          kinds[slot] = kind;
          starts[slot] = start;
          ends[slot] = i;
        }
      }
      if (trace && c !== OPEN_OBJECT && c !== OPEN_ARRAY) trace.add(start, i, slot);
      // Behind a value: close containers until a comma asks for more.
      while (!opened) {
        if (depth === 0) return i;
        if (i < until && bytes[i]! <= 0x20) i = spaceEnd(bytes, i, until);
        if (i >= until) return SCAN_NOT_JSON;
        const d = bytes[i++]!;
        if (d === COMMA) break;
        if (d !== (container === ARRAY ? CLOSE_ARRAY : CLOSE_OBJECT)) return SCAN_NOT_JSON;
        depth--;
        container = this.containers[depth]!;
        const closed = this.openSlots[depth]!;
        if (closed >= 0) {
          ends[closed] = i;
          if (trace) trace.mark(closed, CLOSES, i);
        }
      }
      node = NO_NODE;
      if (container === ARRAY) continue;
      // A key and its colon.
      if (i < until && bytes[i]! <= 0x20) i = spaceEnd(bytes, i, until);
      if (i >= until || bytes[i] !== QUOTE) return SCAN_NOT_JSON;
      const keyFrom = i + 1;
      i = plainEnd(bytes, keyFrom, until);
      if (i < until && bytes[i] === QUOTE) {
        if (container >= 0) node = findChild(trie, container, bytes, keyFrom, i);
        i++;
      } else {
        i = stringEnd(bytes, i, until);
        if (i < 0) return i;
        if (container >= 0) {
          this.key.run(bytes, keyFrom, i - 1, 0, true);
          node = findChild(trie, container, this.key.bytes, 0, this.key.length);
        }
      }
      if (i < until && bytes[i]! <= 0x20) i = spaceEnd(bytes, i, until);
      if (i >= until || bytes[i] !== COLON) return SCAN_NOT_JSON;
      i++;
    }
  }

  /** The slot of a wanted node; whatever an earlier key of the same name left below it is void. */
  private claim(node: number): number {
    for (let s = this.trie.low[node]!; s < this.trie.high[node]!; s++) {
      if (this.trace && this.kinds[s] !== FIELD_ABSENT) this.trace.entangled = true;
      this.kinds[s] = FIELD_ABSENT;
    }
    return this.trie.slot[node]!;
  }

  private growStack(): void {
    const grow = (old: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
      const wider = new Int32Array(old.length * 2);
      wider.set(old);
      return wider;
    };
    this.containers = grow(this.containers);
    this.openSlots = grow(this.openSlots);
  }
}

function hasBackslash(bytes: Uint8Array, from: number, until: number): number {
  for (let i = from; i < until; i++) if (bytes[i] === 0x5c) return 1;
  return 0;
}
