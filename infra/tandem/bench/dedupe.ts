// Goal D1: the filters that ids are deduplicated by. False positives of a full one; bytes an id; and what an
// id costs with 50 million ids held against 1 million, judged in the batches the speed worker makes.
import { Bloom, seededRandom } from "@tandem/shared-logic";
import type { Row } from "./figure.ts";
import { goalFigure } from "./measured.ts";
import { inTurn, median, medians } from "./rounds.ts";

const ROUNDS = Number(process.env["ROUNDS"] ?? 5);
const SMALL = 1_000_000;
const LARGE = 50_000_000;
const BATCH = 4096;
const ASKED = 1_000_000;

class Ids {
  private readonly random = seededRandom(Number(process.env["SEED"] ?? 1));
  private readonly lanes = new Uint32Array(4 * BATCH);
  private readonly probes = new Int32Array(4 * BATCH);
  readonly known = new Uint8Array(BATCH);

  /** New ids, a batch at a time. */
  private next(): Uint32Array {
    for (let i = 0; i < this.lanes.length; i++) this.lanes[i] = this.random.u32();
    this.known.fill(0);
    return this.lanes;
  }
  fill(bloom: Bloom, ids: number): void {
    for (let n = 0; n < ids; n += BATCH) {
      bloom.probe(this.next(), BATCH, this.probes);
      bloom.addAll(this.probes, 0, Math.min(BATCH, ids - n), this.known);
    }
  }
  /** How many of `ids` new ids are taken for known. */
  wrong(bloom: Bloom, ids: number): number {
    let wrong = 0;
    for (let n = 0; n < ids; n += BATCH) {
      bloom.probe(this.next(), BATCH, this.probes);
      bloom.mark(this.probes, 0, BATCH, this.known);
      for (const known of this.known) wrong += known;
    }
    return wrong / (Math.ceil(ids / BATCH) * BATCH);
  }
}

export const dedupe: Row = async (say) => {
  const ids = new Ids();
  const filters = { small: new Bloom(SMALL), large: new Bloom(LARGE) };
  ids.fill(filters.small, SMALL);
  ids.fill(filters.large, LARGE);
  const wrong = [ids.wrong(filters.small, 4 * ASKED), ids.wrong(filters.large, 4 * ASKED)];
  const bytes = filters.large.sizeBytes / LARGE;
  say(
    `${(1e4 * wrong[0]!).toFixed(2)} of 10,000 wrong with 1 M ids, ${(1e4 * wrong[1]!).toFixed(2)} with 50 M`,
  );
  const times = await inTurn(ROUNDS, {
    small: async () => () => void ids.wrong(filters.small, ASKED),
    large: async () => () => void ids.wrong(filters.large, ASKED),
    // What drawing the ids costs is taken off both.
    drawn: async () => () => void ids.wrong(NO_FILTER, ASKED),
  });
  const runs = times.large.map((t, i) => {
    const drawn = times.drawn[i]!.cpuS;
    return (t.cpuS - drawn) / (times.small[i]!.cpuS - drawn);
  });
  const ns = (of: "small" | "large"): number =>
    (1e9 * (medians(times[of]).cpuS - medians(times.drawn).cpuS)) / ASKED;
  const percent = 100 * Math.max(...wrong);
  return [
    goalFigure("dedupe", "D1-false", { ours: percent, runs: wrong.map((w) => 100 * w) }),
    goalFigure("dedupe", "D1-bytes", { ours: bytes, runs: [bytes] }),
    goalFigure(
      "dedupe",
      "D1-time",
      { ours: ns("large"), peer: ns("small"), runs },
      `ns an id; ratio of medians ${median(runs).toFixed(2)}`,
    ),
  ];
};

const NO_FILTER = { probe: () => undefined, mark: () => undefined } as unknown as Bloom;
