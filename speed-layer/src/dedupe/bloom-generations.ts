// Bloom filters over the last `filterMs` of received time: a generation takes a quarter of it, or its
// capacity of ids if that comes first; at most five are kept. One that must go before it has aged out
// leaves `uncheckedUntil`: until then nothing can be called unseen. Driven by records alone, so that
// every fold of the same prefix remembers and forgets the same.
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

  /** Adds an id received at `receivedMs`, which never goes back; whether it may have been added before. */
  add(a: number, b: number, c: number, d: number, receivedMs: number): boolean {
    const open = this.turn(receivedMs);
    const { list } = this;
    let known = false;
    for (let i = list.length - 2; i >= 0 && !known; i--) known = list[i]!.bloom.has(a, b, c, d);
    const fresh = open.bloom.add(a, b, c, d);
    open.newestMs = receivedMs;
    return known || !fresh;
  }

  emptyBloom(): Bloom {
    return new Bloom(this.generationIds);
  }

  /** Lets aged generations go and opens a new one when it is time; the open one. */
  turn(receivedMs: number): Generation {
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
