// Goal D1: dedupe as the speed worker calls it, a batch of new events at a time, and all the filters of one day
// full. How many new events are taken for known; bytes an id; and what an id costs where 50 million are held against
// where 1 million are, at the end of filters that then are full, drawing the ids taken off.
import { HOUR_MS, SUSPECTED } from "@tandem/shared-logic";
import { Dedupe, GENERATIONS_A_DAY, idBatch } from "@tandem/speed-layer";
import { BATCH_EVENTS, DrawnEvents } from "./drawn-events.ts";
import type { Row } from "./figure.ts";
import { goalFigure } from "./measured.ts";
import { median, spent } from "./rounds.ts";

const ROUNDS = Number(process.env["ROUNDS"] ?? 7);
const SMALL = 1_000_000;
const LARGE = 50_000_000;
/** Of a round: so many times the last batches of a filter of the small size, or as many of the large one. */
const FILLS = 4;
const LAST = 40;

/** All memories are for one day: every drawn event is of the same. */
const dedupeOf = (ids: number): Dedupe =>
  new Dedupe({
    ringIds: 65_536,
    generationIds: ids / GENERATIONS_A_DAY,
    filterMs: 24 * HOUR_MS,
  });

class Judged {
  readonly dedupe: Dedupe;
  readonly capacity: number;
  private readonly events: DrawnEvents;
  private held = 0;

  constructor(events: DrawnEvents, capacity: number) {
    this.events = events;
    this.capacity = capacity;
    this.dedupe = dedupeOf(capacity);
  }

  /** Judges so many batches; how many of their events were suspected. */
  judge(batches: number): number {
    const { dedupe, events } = this;
    let suspected = 0;
    for (let b = 0; b < batches; b++) {
      events.next();
      const n = dedupe.judge(events.columns, events.rows, events.doubts, BATCH_EVENTS);
      for (let i = 0; i < n; i++) if (events.doubts[i] === SUSPECTED) suspected++;
    }
    this.held += batches * BATCH_EVENTS;
    return suspected;
  }

  /** Judges on until so many batches are missing to a full filter. */
  fill(missing: number): void {
    this.judge(Math.floor((this.capacity - this.held) / BATCH_EVENTS) - missing);
  }

  /** Share of new events suspected at the very end, in percent, and bytes an id. */
  atCapacity(): { percent: number; bytes: number } {
    const { filters } = this.dedupe;
    const bytes = filters.mostBytes / this.capacity;
    let [asked, wrong] = [0, 0];
    const order = Int32Array.from({ length: BATCH_EVENTS }, (_, i) => i);
    const ids = idBatch(BATCH_EVENTS);
    for (; asked < 4_000_000; asked += BATCH_EVENTS) {
      this.events.next();
      ids.known.fill(0);
      ids.order.set(order);
      ids.lanes.set(this.events.columns.idHashes);
      for (const slice of filters.slices) slice.look(ids, BATCH_EVENTS);
      for (const hit of ids.known) wrong += hit;
    }
    return { percent: (100 * wrong) / asked, bytes };
  }
}

export const dedupe: Row = async (say) => {
  const events = new DrawnEvents();
  const large = new Judged(events, LARGE);
  large.fill((ROUNDS + 1) * FILLS * (LAST + 1));
  const nsOf = async (batches: number, body: () => void): Promise<number> =>
    (1e9 * (await spent(body)).cpuS) / (batches * BATCH_EVENTS);
  const times: Record<"drawn" | "small" | "large", number[]> = { drawn: [], small: [], large: [] };
  let small = new Judged(events, SMALL);
  // The first round warms up.
  for (let round = -1; round < ROUNDS; round++) {
    const sums = { drawn: 0, small: 0, large: 0 };
    for (let fill = 0; fill < FILLS; fill++) {
      small = new Judged(events, SMALL);
      small.fill(LAST + 1);
      // Not while it is measured; and what was compiled away is compiled again.
      globalThis.gc?.();
      for (const judged of [small, large]) judged.judge(1);
      sums.small += await nsOf(LAST, () => void small.judge(LAST));
      sums.large += await nsOf(LAST, () => void large.judge(LAST));
      sums.drawn += await nsOf(LAST, () => {
        for (let b = 0; b < LAST; b++) events.next();
      });
    }
    if (round < 0) continue;
    for (const what of ["drawn", "small", "large"] as const) times[what].push(sums[what] / FILLS);
  }
  const full = [small.atCapacity(), large.atCapacity()];
  say(
    `suspected wrongly at capacity: ${full.map((f) => `${f.percent.toFixed(4)} %`).join(" of 1 M, ")} of 50 M`,
  );
  const held = times.large.map((t, i) => t - times.drawn[i]!);
  const few = times.small.map((t, i) => t - times.drawn[i]!);
  const runs = held.map((t, i) => t / few[i]!);
  const percents = full.map((f) => f.percent);
  const bytes = Math.max(...full.map((f) => f.bytes));
  return [
    goalFigure("dedupe", "D1-false", { ours: Math.max(...percents), runs: percents }),
    goalFigure("dedupe", "D1-bytes", { ours: bytes, runs: [bytes] }),
    goalFigure("dedupe", "D1-time", { ours: median(held), peer: median(few), runs }, "ns an id"),
  ];
};
