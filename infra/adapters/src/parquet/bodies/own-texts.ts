// What the other columns of a row say, as it would stand in a body.
import { NO_TEXT, type TextStore } from "@tandem/shared-logic";
import type { Texts } from "../record-header.ts";
import type { SliceTexts } from "../slice-texts.ts";
import {
  MARK_EVENT_ID,
  MARK_EVENT_TYPE,
  MARK_SENT_EPOCH,
  MARK_SENT_MILLIS,
  MARK_SESSION,
  MARK_TENANT,
  MARK_USER,
} from "./marks.ts";
import { SentText } from "./sent-text.ts";

export interface OwnColumns {
  readonly ids: SliceTexts;
  readonly types: Texts;
  /** With the byte of their kind in front. */
  readonly users: Texts;
  readonly sessions: Texts;
  readonly tenants: Texts;
  readonly sentMs: Float64Array;
}

interface Own {
  readonly codes: Int32Array;
  readonly store: TextStore;
  /** Bytes in front of each text that stand in no body. */
  readonly skip: number;
}

export class OwnTexts {
  private readonly byMark: (Own | undefined)[] = [];
  private readonly ids: SliceTexts;
  private readonly sentMs: Float64Array;
  private readonly sent = new SentText();

  constructor({ ids, types, users, sessions, tenants, sentMs }: OwnColumns) {
    this.ids = ids;
    this.sentMs = sentMs;
    const put = (mark: number, { interner, codes }: Texts, skip = 0): void => {
      this.byMark[mark] = { codes, store: interner.hold(), skip };
    };
    put(MARK_EVENT_TYPE, types);
    put(MARK_USER, users, 1);
    put(MARK_SESSION, sessions);
    put(MARK_TENANT, tenants);
  }

  /** The first of `marks` whose text is bytes[from, until), or 0. */
  markOf(
    marks: readonly number[],
    isText: boolean,
    row: number,
    bytes: Uint8Array,
    from: number,
    until: number,
  ): number {
    for (let m = 0; m < marks.length; m++) {
      const mark = marks[m]!;
      if ((mark === MARK_SENT_EPOCH) === isText) continue;
      if (this.end(mark, row, bytes, from, until) === until) return mark;
    }
    return 0;
  }

  /** Where the text of `mark` ends that begins at `from`; -1 where bytes[from, until) do not begin with it. */
  end(mark: number, row: number, bytes: Uint8Array, from: number, until: number): number {
    if (mark >= MARK_SENT_MILLIS) {
      const length = this.sent.write(mark, this.sentMs[row]!);
      return length === 0 ? -1 : endOf(this.sent.bytes, 0, length, bytes, from, until);
    }
    if (mark === MARK_EVENT_ID) {
      const { starts, ends } = this.ids;
      const [start, end] = [starts[row]!, ends[row]!];
      // Equal bytes, where they are these very ones.
      if (start === from && this.ids.bytes === bytes && end <= until) return end;
      return start < 0 ? -1 : endOf(this.ids.bytes, start, end, bytes, from, until);
    }
    const own = this.byMark[mark];
    const code = own?.codes[row] ?? NO_TEXT;
    if (own === undefined || code === NO_TEXT) return -1;
    const { store, skip } = own;
    return endOf(store.bytes, store.ends[code]! + skip, store.ends[code + 1]!, bytes, from, until);
  }
}

/** The end of text[start, end) at bytes[from …], or -1. */
export function endOf(
  text: Uint8Array,
  start: number,
  end: number,
  bytes: Uint8Array,
  from: number,
  until: number,
): number {
  if (from + end - start > until) return -1;
  let i = from;
  for (let t = start; t < end; t++, i++) if (text[t] !== bytes[i]) return -1;
  return i;
}
