// perUser, approximately: the exact states of a bottom-k sample of users (sketches/user-sample.ts).
// Canonical bytes: format, parameters, a table of dimension values, users ascending by hash, then the
// threshold, if any.
import type { Algebra, PresentContext } from "../algebra/algebra.ts";
import { exactly } from "../algebra/estimate.ts";
import { ByteReader } from "../codec/byte-reader.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import { TextTable, writeTextTable } from "../codec/text-table.ts";
import { TandemError } from "../errors.ts";
import { TOTAL_GROUP } from "../metrics/group.ts";
import {
  compareHash,
  EMPTY_SAMPLE,
  type Hash64,
  hashOfUser,
  plusSample,
  type SampledUser,
  type UserSample,
} from "../sketches/user-sample.ts";
import { estimateGroups } from "./per-user-estimate.ts";
import { groupOf, groupsOf } from "./per-user-group.ts";
import { checkHeader, type PerUserHeader, samePerUser, writeHeader } from "./per-user-header.ts";
import type { PerUserItem, PerUserShape } from "./per-user-shape.ts";

export interface SampledUsers<S> {
  readonly header: PerUserHeader;
  readonly sample: UserSample<S>;
}

const corrupt = (what: string): TandemError =>
  new TandemError("corrupt_bytes", { details: { what } });

/** Appends a sample's canonical bytes. */
export function sampleWriter<S>(
  shape: PerUserShape<S>,
  header: PerUserHeader,
): (out: ByteWriter, sample: UserSample<S>) => void {
  return (out, { kept, threshold }) => {
    writeHeader(out, header);
    const texts = new Set<string>();
    for (const { state } of kept) shape.texts(state, (text) => texts.add(text));
    const code = writeTextTable(out, texts);
    out.varint(kept.length);
    for (const { hi, lo, state } of kept) shape.write(out.u32(hi).u32(lo), state, code);
    writeThreshold(out, threshold);
  };
}

/** What a sample's bytes end with. */
export function writeThreshold(out: ByteWriter, threshold: Hash64 | undefined): void {
  out.u8(threshold === undefined ? 0 : 1);
  if (threshold !== undefined) out.u32(threshold.hi).u32(threshold.lo);
}

export function sampledUsers<S>(
  shape: PerUserShape<S>,
  dims: readonly string[],
  k: number,
  header: PerUserHeader,
): Algebra<PerUserItem | null, SampledUsers<S>> {
  const { listed } = shape;
  const write = sampleWriter(shape, header);
  const presented = (sample: UserSample<S>, context: PresentContext, by: readonly string[]) =>
    estimateGroups(shape, sample, context, groupOf(dims, by, listed), groupsOf(by, listed));
  return {
    zero: { header, sample: EMPTY_SAMPLE },
    append(state, item) {
      if (item === null) return state;
      const one = {
        kept: [{ ...hashOfUser(item.user), state: shape.one(item) }],
        threshold: undefined,
      };
      return { header, sample: plusSample(state.sample, one, k, shape.plus) };
    },
    plus(a, b) {
      samePerUser(a.header, header);
      samePerUser(b.header, header);
      return { header, sample: plusSample(a.sample, b.sample, k, shape.plus) };
    },
    present({ sample }, context) {
      const estimates = presented(sample, context, []);
      return estimates.get(TOTAL_GROUP) ?? exactly(null);
    },
    presentBy: ({ sample }, context, by) => presented(sample, context, by),
    encode({ sample }) {
      const out = new ByteWriter(1024);
      write(out, sample);
      return out.done();
    },
    decode(bytes) {
      const from = new ByteReader(bytes);
      checkHeader(from, header);
      const texts = new TextTable(from);
      const kept: SampledUser<S>[] = [];
      let last: Hash64 | undefined;
      const next = (): Hash64 => {
        const hash = { hi: from.u32(), lo: from.u32() };
        if (last !== undefined && compareHash(last, hash) >= 0) throw corrupt("order of hashes");
        last = hash;
        return hash;
      };
      const count = from.varint();
      if (count > k) throw corrupt("number of users");
      for (let i = 0; i < count; i++) {
        const hash = next();
        kept.push({ ...hash, state: shape.read(from, texts, dims.length) });
      }
      const over = from.u8();
      if (over > 1 || (over === 1 && count < k)) throw corrupt("threshold");
      const threshold = over === 1 ? next() : undefined;
      texts.end();
      from.end();
      return { header, sample: { kept, threshold } };
    },
  };
}
