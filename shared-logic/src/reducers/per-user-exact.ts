// perUser, exactly: every user's state by user key. Canonical bytes: format, parameters, a table of
// dimension values, then the users ascending by UTF-8.
import type { Algebra, PresentContext } from "../algebra/algebra.ts";
import { ByteReader } from "../codec/byte-reader.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import { compareUtf8 } from "../codec/text-order.ts";
import { TextTable, writeTextTable } from "../codec/text-table.ts";
import { TandemError } from "../errors.ts";
import { TOTAL_GROUP } from "../metrics/group.ts";
import type { Window } from "../time/calendar.ts";
import { groupOf } from "./per-user-group.ts";
import { checkHeader, type PerUserHeader, samePerUser, writeHeader } from "./per-user-header.ts";
import type { PerUserItem, PerUserShape } from "./per-user-shape.ts";
import { addToSum, estimateOfSum, type Sums, shownSums } from "./per-user-sums.ts";

export interface ExactUsers<S> {
  readonly header: PerUserHeader;
  readonly users: ReadonlyMap<string, S>;
}

export function exactUsers<S>(
  shape: PerUserShape<S>,
  dims: readonly string[],
  header: PerUserHeader,
): Algebra<PerUserItem | null, ExactUsers<S>> {
  const { listed, answer } = shape;
  const every = answer.kind === "quantile";
  const take = (sums: Sums | undefined, key: string, amount: number): void => {
    if (!sums) return;
    const sum = addToSum(sums, key, 1n, BigInt(amount));
    if (every) sum.amounts.push(amount);
  };
  function tally(state: ExactUsers<S>, { window }: PresentContext, by: readonly string[]) {
    const group = groupOf(dims, by, listed);
    const sums: Sums = new Map();
    for (const one of state.users.values()) {
      shape.occurrences(one, window, (values, amount, _, part) => {
        const key = group(values, part);
        if (key !== undefined) take(sums, key, amount);
      });
    }
    return sums;
  }
  /** One pass for all windows: an occurrence stands in the one it starts in. */
  function tallyEach(state: ExactUsers<S>, windows: readonly Window[], by: readonly string[]) {
    const group = groupOf(dims, by, listed);
    const sums: Sums[] = windows.map(() => new Map());
    const [first, last] = [windows[0], windows.at(-1)];
    if (!first || !last) return sums;
    const range = { from: first.from, until: last.until };
    const stepMs = first.until - first.from;
    for (const one of state.users.values()) {
      shape.occurrences(one, range, (values, amount, startMs, part) => {
        // Windows are mostly of one length.
        let at = Math.min(windows.length - 1, Math.floor((startMs - range.from) / stepMs));
        while (at > 0 && startMs < (windows[at]?.from ?? 0)) at--;
        while (at + 1 < windows.length && startMs >= (windows[at]?.until ?? 0)) at++;
        const window = windows[at];
        if (!window || startMs < window.from || startMs >= window.until) return;
        const key = group(values, part);
        if (key !== undefined) take(sums[at], key, amount);
      });
    }
    return sums;
  }
  const shown = (sums: Sums, by: readonly string[]) => shownSums(answer, listed, sums, by);
  const withUser = (users: ReadonlyMap<string, S>, user: string, one: S): S => {
    const own = users.get(user);
    return own === undefined ? one : shape.plus(own, one);
  };
  return {
    zero: { header, users: new Map() },
    append(state, item) {
      if (item === null) return state;
      const users = new Map(state.users);
      return { header, users: users.set(item.user, withUser(users, item.user, shape.one(item))) };
    },
    plus(a, b) {
      samePerUser(a.header, header);
      samePerUser(b.header, header);
      const [large, small] = a.users.size >= b.users.size ? [a, b] : [b, a];
      if (small.users.size === 0) return large;
      const users = new Map(large.users);
      for (const [user, one] of small.users) users.set(user, withUser(users, user, one));
      return { header, users };
    },
    present: (state, context) => estimateOfSum(answer, tally(state, context, []).get(TOTAL_GROUP)),
    presentBy: (state, context, by) => shown(tally(state, context, by), by),
    ...(shape.everyWindow
      ? {}
      : {
          presentEach: (state, windows, _events, by) =>
            tallyEach(state, windows, by).map((sums) => shown(sums, by)),
        }),
    encode(state) {
      const out = writeHeader(new ByteWriter(1024), header);
      const texts = new Set<string>();
      for (const one of state.users.values()) shape.texts(one, (text) => texts.add(text));
      const code = writeTextTable(out, texts);
      out.varint(state.users.size);
      const sorted = [...state.users].sort((a, b) => compareUtf8(a[0], b[0]));
      for (const [user, one] of sorted) shape.write(out.text(user), one, code);
      return out.done();
    },
    decode(bytes) {
      const from = new ByteReader(bytes);
      checkHeader(from, header);
      const texts = new TextTable(from);
      const users = new Map<string, S>();
      let last: string | undefined;
      for (let left = from.varint(); left > 0; left--) {
        const user = from.text();
        if (last !== undefined && compareUtf8(last, user) >= 0) {
          throw new TandemError("corrupt_bytes", { details: { what: "order of users" } });
        }
        users.set(user, shape.read(from, texts, dims.length));
        last = user;
      }
      texts.end();
      from.end();
      return { header, users };
    },
  };
}
