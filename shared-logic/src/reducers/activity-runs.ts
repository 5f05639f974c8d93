// The intervals of many users side by side, read from states that come in the order of time: the union of a
// user's activity (activity-intervals.ts) is then to lengthen the last interval or to add one, and no object is
// made of any. Events' ids settle ties of one time alone, and go unread.
import type { ByteReader } from "../codec/byte-reader.ts";
import type { TextTable } from "../codec/text-table.ts";
import { TandemError } from "../errors.ts";

type Values = readonly (string | null)[];

export class ActivityRuns {
  count = 0;
  /** Of each interval. */
  startsMs = new Float64Array(1024);
  endsMs = new Float64Array(1024);
  /** Equal ones of one state are one array. */
  readonly dims: Values[] = [];
  private readonly gapMs: number;
  private readonly codes: Float64Array;
  /** By user, the interval that ends last. */
  private lastOf = new Int32Array(256).fill(-1);
  private texts: TextTable | undefined;
  private known = new Map<number, Values>();

  constructor(gapMs: number, dims: number) {
    this.gapMs = gapMs;
    this.codes = new Float64Array(dims);
  }

  /** Reads what `readActivity` reads; false where it begins before what is there of the user has ended. */
  take(user: number, from: ByteReader, texts: TextTable): boolean {
    if (texts !== this.texts) {
      this.texts = texts;
      this.known = new Map();
    }
    if (user >= this.lastOf.length) {
      const wider = new Int32Array(Math.max(user + 1, this.lastOf.length * 2)).fill(-1);
      wider.set(this.lastOf);
      this.lastOf = wider;
    }
    const count = from.varint();
    if (count === 0) throw corrupt({ what: "user without activity" });
    let last = this.lastOf[user]!;
    let lastMs = 0;
    for (let i = 0; i < count; i++) {
      const startMs: number = i === 0 ? from.f64() : lastMs + this.gapMs + 1 + from.varint();
      const endMs = startMs + from.varint();
      if (!Number.isSafeInteger(startMs) || Object.is(startMs, -0) || !Number.isSafeInteger(endMs))
        throw corrupt({ what: "time", startMs, endMs });
      from.skip(from.varint());
      const dims = this.dimsFrom(from, texts);
      lastMs = endMs;
      if (last >= 0) {
        const untilMs = this.endsMs[last]!;
        if (startMs <= untilMs) return false;
        if (startMs - untilMs <= this.gapMs) {
          this.endsMs[last] = endMs;
          continue;
        }
      }
      last = this.add(startMs, endMs, dims);
    }
    this.lastOf[user] = last;
    return true;
  }

  private add(startMs: number, endMs: number, dims: Values): number {
    const at = this.count++;
    if (at === this.startsMs.length) {
      this.startsMs = wider(this.startsMs);
      this.endsMs = wider(this.endsMs);
    }
    this.startsMs[at] = startMs;
    this.endsMs[at] = endMs;
    this.dims.push(dims);
    return at;
  }

  private dimsFrom(from: ByteReader, texts: TextTable): Values {
    const { codes } = this;
    const base = texts.size + 1;
    let key = 0;
    for (let d = 0; d < codes.length; d++) {
      const code = from.varint();
      if (code >= base) throw corrupt({ what: "text number" });
      codes[d] = code;
      key = key * base + code;
    }
    // Of very many texts the key is no longer one of these codes alone.
    const safe = key <= Number.MAX_SAFE_INTEGER;
    let values = safe ? this.known.get(key) : undefined;
    if (values) return values;
    values = Array.from(codes, (code) => texts.text(code));
    if (safe) this.known.set(key, values);
    return values;
  }
}

const corrupt = (details: Readonly<Record<string, unknown>>): TandemError =>
  new TandemError("corrupt_bytes", { details });

function wider(values: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const more = new Float64Array(values.length * 2);
  more.set(values);
  return more;
}
