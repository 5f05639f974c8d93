// A checkpoint of one partition: a head that names parts. Parts are written once and never changed: a
// filter is its words and the ids added since, cells are a base and the blocks touched since. The
// head is put last, so that a crash leaves the old checkpoint or the new one, whole.
import {
  ByteReader,
  ByteWriter,
  type CheckpointStore,
  type DatasetSettings,
  type Fingerprint,
  type SpeedRow,
  TandemError,
} from "@tandem/shared-logic";
import type { Counters } from "./counters.ts";
import type { FilterFacts } from "./dedupe/day-filters.ts";
import {
  bytesOf,
  loseSlices,
  type Part,
  partsOf,
  restoreSlices,
  type SliceHead,
  takeSlices,
  wordsOf,
} from "./dedupe/slice-parts.ts";
import type { PartitionState } from "./partition-state.ts";

/** Format 1 had other filters: what it knew of ids is forgotten, and said to be so. */
export const CHECKPOINT_FORMAT = 2;
const CELLS_FORMAT = 1;

export interface CheckpointHead {
  readonly format: number;
  readonly offset: number;
  readonly segment: number;
  readonly seq: number;
  readonly active: readonly Fingerprint[];
  readonly settings: DatasetSettings;
  readonly counters: Counters;
  /** Null: nothing was received yet. */
  readonly receivedMs: number | null;
  readonly filters: FilterFacts;
  readonly slices: readonly SliceHead[];
  /** Filters of the format before. */
  readonly oldParts?: readonly string[];
  readonly recent: string;
  readonly cells: readonly string[];
}

/** What is to be written, and nothing of it written yet. */
export interface TakenCheckpoint {
  readonly head: CheckpointHead;
  readonly parts: readonly Part[];
}

const finite = (n: number): number | null => (Number.isFinite(n) ? n : null);
const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Delta parts after which a new base is written. */
const MAX_DELTAS = 16;

export class Checkpoints {
  private readonly store: CheckpointStore;
  private readonly prefix: string;
  private readonly owner: string;
  private previous: CheckpointHead | undefined;
  private cellParts: string[] = [];
  private cellSegment = -1;
  private lost = false;

  /** `owner`: unlike any other writer's, so that two never write the same part. */
  constructor(store: CheckpointStore, dataset: string, partition: number, owner: string) {
    this.store = store;
    this.prefix = `speed/${dataset}/${partition}`;
    this.owner = owner;
  }

  async head(): Promise<CheckpointHead | undefined> {
    const bytes = await this.store.get(`${this.prefix}/head`);
    if (!bytes) return undefined;
    const head = JSON.parse(decoder.decode(bytes)) as CheckpointHead | OldHead;
    if ("generations" in head) return withoutFilters(head);
    if (head.format !== CHECKPOINT_FORMAT) {
      throw new TandemError("format_version", {
        message: `checkpoint ${this.prefix} has format ${head.format}, this version reads 1 and ${CHECKPOINT_FORMAT}: run the version that wrote it, or remove ${this.prefix}/head to fold the partition from its start`,
        details: { what: "checkpoint", format: head.format },
      });
    }
    return head;
  }

  /**
   * A checkpoint of the state as it is now, copied, so that it may be written while the state goes on. Every row up
   * to `state.offset` is durable, and the checkpoint taken before was written or `lose` was called.
   */
  take(state: PartitionState): TakenCheckpoint {
    const { fold, segment, offset, dedupe } = state;
    const stem = `${this.prefix}/${String(offset).padStart(16, "0")}-${this.owner}`;
    const fresh = this.cellSegment !== segment || this.cellParts.length >= MAX_DELTAS;
    // Where this owner has taken nothing of the segment, all its blocks were flushed since.
    const all = this.lost || (this.cellSegment === segment && fresh);
    const cells = all ? fold.openRows(segment, offset) : fold.unsavedRows();
    const parts: Part[] = [];
    if (fresh || all) this.cellParts = [];
    if (cells.length > 0) {
      parts.push({ key: `${stem}-cells`, bytes: encodeRows(cells, offset) });
      this.cellParts = [...this.cellParts, `${stem}-cells`];
    }
    fold.markSaved();
    this.cellSegment = segment;
    this.lost = false;
    parts.push({ key: `${stem}-recent`, bytes: bytesOf(dedupe.recent.save()) });
    const slices = takeSlices(dedupe.filters, stem, parts);
    const head: CheckpointHead = {
      format: CHECKPOINT_FORMAT,
      offset,
      segment,
      seq: state.seq,
      active: [...state.active],
      settings: state.settings,
      counters: { ...state.counters },
      receivedMs: finite(dedupe.receivedMs),
      filters: dedupe.filters.facts,
      slices,
      recent: `${stem}-recent`,
      cells: this.cellParts,
    };
    return { head, parts };
  }

  /** Afterwards the checkpoint stands. Where it fails, `lose` has to follow. */
  async write({ head, parts }: TakenCheckpoint): Promise<void> {
    for (const { key, bytes } of parts) await this.store.put(key, bytes);
    await this.store.put(`${this.prefix}/head`, encoder.encode(JSON.stringify(head)));
    await this.forget(head);
    this.previous = head;
  }

  /** What was taken last was not written: the next checkpoint names none of its parts. */
  lose(state: PartitionState): void {
    this.lost = true;
    loseSlices(state.dedupe.filters);
  }

  private async forget(head: CheckpointHead): Promise<void> {
    if (!this.previous) return;
    const used = new Set(checkpointParts(head));
    const before = checkpointParts(this.previous);
    for (const part of before) if (!used.has(part)) await this.store.remove(part);
  }

  /** Fills a state made from `head` with its parts; false where a part is gone or damaged. */
  async restore(head: CheckpointHead, state: PartitionState): Promise<boolean> {
    const recent = await this.store.get(head.recent);
    if (!recent) return false;
    state.dedupe.recent.load(wordsOf(recent));
    state.dedupe.receivedMs = head.receivedMs ?? Number.NEGATIVE_INFINITY;
    const { filters } = state.dedupe;
    filters.restore(head.filters);
    if (!(await restoreSlices(this.store, filters, head.slices))) return false;
    for (const part of head.cells) {
      const bytes = await this.store.get(part);
      if (!bytes) return false;
      for (const row of decodeRows(bytes)) {
        const metric = state.fold.metrics.find((m) => m.fingerprint === row.fp);
        if (metric) state.fold.restore(row, metric);
      }
    }
    state.counters = { ...head.counters };
    this.previous = head;
    this.cellParts = [...head.cells];
    this.cellSegment = head.segment;
    return true;
  }
}

/** Every part that a head names. */
export const checkpointParts = (head: CheckpointHead): string[] => [
  head.recent,
  ...head.cells,
  ...head.slices.flatMap(partsOf),
  ...(head.oldParts ?? []),
];

interface OldHead extends Omit<CheckpointHead, "format" | "filters" | "slices"> {
  readonly format: 1;
  readonly uncheckedUntilMs: number | null;
  readonly generations: readonly { readonly part: string }[];
}

/** Nothing received while an id it knew might come again is known to be new. */
function withoutFilters(old: OldHead): CheckpointHead {
  const { generations, uncheckedUntilMs: before, ...head } = old;
  const until = (head.receivedMs ?? 0) + head.settings.filterMs;
  const uncheckedUntilMs = head.receivedMs === null ? before : until;
  const filters = { nextId: 0, today: null, doublings: 0, uncheckedUntilMs };
  const oldParts = generations.map((g) => g.part);
  return { ...head, filters, slices: [], oldParts };
}

/** Room for what stands beside a row's state. */
const ROW_BYTES = 200;

/** Rows of the open segment as they are at `to`. */
function encodeRows(rows: readonly SpeedRow[], to: number): Uint8Array {
  const sizeBytes = rows.reduce((sum, r) => sum + r.state.length + ROW_BYTES, 64);
  const out = new ByteWriter(sizeBytes).u8(CELLS_FORMAT).varint(rows.length);
  // By index: where code is not compiled yet an iterator makes an object a row.
  for (let i = 0; i < rows.length; i++) {
    const r = rows[i]!;
    out
      .text(r.fp)
      .text(r.tenant)
      .varint(r.set)
      .text(r.group)
      .f64(r.startMs)
      .varint(r.segment)
      .varint(to);
    out.u8(r.doubt).varint(r.events).varint(r.skipped).bytes(r.state);
  }
  return out.view();
}

function decodeRows(bytes: Uint8Array): SpeedRow[] {
  const input = new ByteReader(bytes);
  if (input.u8() !== CELLS_FORMAT)
    throw new TandemError("format_version", { details: { what: "checkpoint cells" } });
  const rows: SpeedRow[] = [];
  for (let n = input.varint(); n > 0; n--) {
    rows.push({
      fp: input.text() as Fingerprint,
      tenant: input.text(),
      set: input.varint(),
      group: input.text(),
      startMs: input.f64() as SpeedRow["startMs"],
      segment: input.varint(),
      to: input.varint(),
      doubt: input.u8() as SpeedRow["doubt"],
      events: input.varint(),
      skipped: input.varint(),
      state: input.bytes(),
    });
  }
  input.end();
  return rows;
}
