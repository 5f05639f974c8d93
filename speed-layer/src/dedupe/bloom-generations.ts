// Bloom filters over the last `filterMs` of received time: a generation takes a quarter of it, or its
// capacity of ids if that comes first; at most five are kept. One that must go before it has aged out
// leaves `uncheckedUntil`: until then nothing can be called unseen. Driven by records alone, so that
// every fold of the same prefix remembers and forgets the same, however it is cut into batches.
import { BLOOM_FALSE_POSITIVES, Bloom } from "@tandem/shared-logic";

export const GENERATIONS = 5;
/** Over all generations together. */
export const FALSE_POSITIVES = GENERATIONS * BLOOM_FALSE_POSITIVES;

export interface Generation {
  readonly id: number;
  readonly bloom: Bloom;
  /** Received times it began at and last took. */
  readonly beganMs: number;
  newestMs: number;
}

/** Ids in the order of the log, and what is found out about them. */
export interface IdBatch {
  /** Id i is lanes[4 · i] … [4 · i + 3]. */
  readonly lanes: Uint32Array;
  /** Room for four numbers an id. */
  readonly probes: Int32Array;
  /** When each was received; never goes back. */
  readonly receivedMs: Float64Array;
  /** Set to 1 where an id may have been added before; 0 at first. */
  readonly known: Uint8Array;
  /** Set to 1 where an id may have been forgotten too early; 0 at first. */
  readonly forgotten: Uint8Array;
}

export class BloomGenerations {
  readonly generationIds: number;
  readonly filterMs: number;
  /** Oldest first; the last one is open. */
  list: Generation[] = [];
  /** Received time until which an id may have been forgotten too early. */
  uncheckedUntilMs = Number.NEGATIVE_INFINITY;
  nextId = 0;

  constructor(generationIds: number, filterMs: number) {
    this.generationIds = generationIds;
    this.filterMs = filterMs;
  }

  /** Adds the first `n` ids of a batch. */
  addAll(ids: IdBatch, n: number): void {
    const { lanes, probes, receivedMs, known, forgotten } = ids;
    if (n > 0) this.turn(receivedMs[0]!).bloom.probe(lanes, n, probes);
    for (let from = 0; from < n; ) {
      const open = this.turn(receivedMs[from]!);
      const until = this.spanEnd(open, receivedMs, from, n);
      for (const g of this.list) if (g !== open) g.bloom.mark(probes, from, until, known);
      open.bloom.addAll(probes, from, until, known);
      open.newestMs = receivedMs[until - 1]!;
      for (let i = from; i < until && receivedMs[i]! < this.uncheckedUntilMs; i++) forgotten[i] = 1;
      from = until;
    }
  }

  /** The end of the ids from `from` on before which `turn` would change nothing for sure. */
  private spanEnd(open: Generation, receivedMs: Float64Array, from: number, n: number): number {
    const room = this.generationIds - open.bloom.count;
    const closesMs = open.beganMs + this.filterMs / (GENERATIONS - 1);
    const agesMs = (this.list[0] ?? open).newestMs + this.filterMs;
    const most = Math.min(n, from + room);
    let until = from + 1;
    while (until < most && receivedMs[until]! < closesMs && receivedMs[until]! <= agesMs) until++;
    return until;
  }

  emptyBloom(): Bloom {
    return new Bloom(this.generationIds);
  }

  /** Lets aged generations go and opens a new one when it is time; the open one. */
  private turn(receivedMs: number): Generation {
    while (this.list.length > 0 && this.list[0]!.newestMs + this.filterMs < receivedMs)
      this.list.shift();
    const last = this.list.at(-1);
    const quarterMs = this.filterMs / (GENERATIONS - 1);
    if (last && last.bloom.count < this.generationIds && receivedMs < last.beganMs + quarterMs)
      return last;
    if (this.list.length === GENERATIONS) {
      const evicted = this.list.shift()!;
      this.uncheckedUntilMs = Math.max(this.uncheckedUntilMs, evicted.newestMs + this.filterMs);
    }
    const opened = {
      id: this.nextId++,
      bloom: this.emptyBloom(),
      beganMs: receivedMs,
      newestMs: receivedMs,
    };
    this.list.push(opened);
    return opened;
  }
}
