// `tandem status`: where every record went. For each partition three identities are checked: the speed
// layer's counters add up to its offset, the archive's ranges to its end, and both begin at genesis.
import { formatInstant, highestSeq, newestCut } from "@tandem/shared-logic";
import { sumOfCounters } from "@tandem/speed-layer";
import type { Tandem } from "../tandem.ts";
import type { Io } from "./io.ts";

/** False where a record is not accounted for. */
export async function statusCommand(tandem: Tandem, io: Io): Promise<boolean> {
  const { log, deadLetters } = tandem.ports;
  await tandem.openWorkers();
  const ranges = await log.ranges(tandem.dataset.dataset);
  const archive = await tandem.batch.archive();
  let whole = true;
  for (const [p, genesis] of tandem.dataset.genesis.entries()) {
    const state = tandem.workers[p]?.current;
    const end = ranges[p]?.end ?? genesis;
    if (state) {
      const c = state.counters;
      const sum = sumOfCounters(c);
      const ok = sum === state.offset - genesis;
      whole &&= ok;
      const doubt =
        c.suspected + c.unchecked > 0 ? `, suspected ${c.suspected}, unchecked ${c.unchecked}` : "";
      io.out(
        `partition ${p}  log ${genesis}..${end}  speed at ${state.offset} (lag ${end - state.offset}): counted ${c.counted}, duplicate ${c.duplicate}${doubt}, dead-lettered ${c.deadLettered}, cuts ${c.cuts}${ok ? "" : `  MISSING ${state.offset - genesis - sum}`}\n`,
      );
    }
    const entries = archive.manifest[p] ?? [];
    const archived = entries.reduce((n, e) => n + e.events + e.cuts + e.dead, 0);
    const lost = entries.reduce((n, e) => n + (e.lost ? e.lost.records - e.cuts : 0), 0);
    const to = entries.at(-1)?.to ?? genesis;
    const ok = archived + lost === to - genesis;
    whole &&= ok;
    io.out(
      `partition ${p}  archive to ${to} in ${entries.length} objects: ${archived} records${lost > 0 ? `, ${lost} lost` : ""}${ok ? "" : `  MISSING ${to - genesis - archived - lost}`}\n`,
    );
  }
  const cut = newestCut(archive.manifest);
  io.out(
    `cuts: newest in the archive ${cut ? `${cut.seq} at ${cut.v.join(",")}` : "none"}, highest seen ${highestSeq(archive.manifest)}\n`,
  );
  const dead = await deadLetters.count();
  io.out(`dead letters: ${dead.entries} kept, ${dead.dropped} given up for space\n`);
  const received = Math.max(
    ...tandem.workers.map((w) => w.current?.dedupe.receivedMs ?? Number.NEGATIVE_INFINITY),
  );
  if (Number.isFinite(received))
    io.out(`newest received: ${formatInstant(received as Parameters<typeof formatInstant>[0])}\n`);
  return whole;
}
