// The days that a user was active on, as a canonical set: ascending, each with the dimensions of the day's
// first event (ties by the event id's bytes, then the dimensions'). Without dimensions a day is its number
// alone. One state serves rolling windows, new users and retention.
import type { ByteReader } from "../codec/byte-reader.ts";
import type { ByteWriter } from "../codec/byte-writer.ts";
import { expectBytes } from "../codec/state-format.ts";
import { compareNullableUtf8, compareUtf8 } from "../codec/text-order.ts";
import type { TextCode, TextTable } from "../codec/text-table.ts";
import { DAY_MS } from "../time/epoch-ms.ts";
import type { PerUserItem, PerUserShape } from "./per-user-shape.ts";

export interface ActiveDay {
  readonly day: number;
  /** The day's first event, from the day's start on; 0 without dimensions. */
  readonly offsetMs: number;
  readonly eventId: string;
  readonly dims: readonly (string | null)[];
}

export type ActiveDays = readonly ActiveDay[];

function compareFirst(a: ActiveDay, b: ActiveDay): number {
  if (a.offsetMs !== b.offsetMs) return a.offsetMs - b.offsetMs;
  const byId = compareUtf8(a.eventId, b.eventId);
  if (byId !== 0) return byId;
  for (let i = 0; i < a.dims.length; i++) {
    const byDim = compareNullableUtf8(a.dims[i] ?? null, b.dims[i] ?? null);
    if (byDim !== 0) return byDim;
  }
  return 0;
}

function unionDays(a: ActiveDays, b: ActiveDays): ActiveDays {
  const out: ActiveDay[] = [];
  let [i, j] = [0, 0];
  for (;;) {
    const [x, y] = [a[i], b[j]];
    if (x === undefined && y === undefined) return out;
    if (y === undefined || (x !== undefined && x.day < y.day)) {
      if (x !== undefined) out.push(x);
      i++;
    } else if (x === undefined || y.day < x.day) {
      out.push(y);
      j++;
    } else {
      out.push(compareFirst(x, y) <= 0 ? x : y);
      i++;
      j++;
    }
  }
}

const dayOfItem = ({ timeMs, eventId, dims }: PerUserItem): ActiveDay => {
  const day = Math.floor(timeMs / DAY_MS);
  if (dims.length === 0) return { day, offsetMs: 0, eventId: "", dims };
  return { day, offsetMs: timeMs - day * DAY_MS, eventId, dims };
};

/** What shapes over active days have in common. */
export const ofActiveDays = {
  stateKey: "active days",
  one: (item: PerUserItem) => [dayOfItem(item)],
  plus: unionDays,
  /** An event later on a known day changes nothing. */
  extend(days: ActiveDays, timeMs: number): boolean {
    const day = Math.floor(timeMs / DAY_MS);
    for (let i = days.length - 1; i >= 0; i--) {
      const known = days[i];
      if (known === undefined || known.day < day) return false;
      if (known.day === day)
        return known.dims.length === 0 || timeMs - day * DAY_MS > known.offsetMs;
    }
    return false;
  },
  texts(days: ActiveDays, visit: (text: string) => void) {
    for (const { dims } of days) for (const dim of dims) if (dim !== null) visit(dim);
  },
  write(out: ByteWriter, days: ActiveDays, code: TextCode) {
    out.varint(days.length);
    let last: number | undefined;
    for (const { day, offsetMs, eventId, dims } of days) {
      if (last === undefined) out.bigint(BigInt(day));
      else out.varint(day - last - 1);
      last = day;
      if (dims.length === 0) continue;
      out.varint(offsetMs).text(eventId);
      for (const dim of dims) out.varint(code(dim));
    }
  },
  read(from: ByteReader, texts: TextTable, dims: number): ActiveDays {
    const out: ActiveDay[] = [];
    const count = from.varint();
    expectBytes(count > 0, "user without days");
    for (let i = 0; i < count; i++) {
      const last = out.at(-1);
      const day = last === undefined ? Number(from.bigint()) : last.day + 1 + from.varint();
      expectBytes(Number.isSafeInteger(day * DAY_MS), "day");
      const offsetMs = dims === 0 ? 0 : from.varint();
      expectBytes(offsetMs < DAY_MS, "time of day");
      const eventId = dims === 0 ? "" : from.text();
      const own = Array.from({ length: dims }, () => texts.text(from.varint()));
      out.push({ day, offsetMs, eventId, dims: own });
    }
    return out;
  },
  grains: ["day"],
} satisfies Partial<PerUserShape<ActiveDays>>;

/** Throws a RangeError where it is no number of days up to a year. */
export function checkDays(what: string, days: number): number {
  if (!Number.isInteger(days) || days < 1 || days > 366)
    throw new RangeError(`${what}: 1 to 366 days, not ${days}`);
  return days;
}
