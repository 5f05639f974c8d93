// How long after a flush began the next one does: a third of the time at most goes to flushing, so that a store that
// takes its time is neither waited for twice nor given more than it can do. A worker that is far behind flushes much
// more rarely and spends no more than a tenth of its time on it, because rows would be written over and over to show what is
// old anyhow: the older it is, the less a wait adds to that. Full batches alone do not tell: a busy partition gives them
// to a worker that is up with it.

/** What a worker knows of how far it is behind. */
export interface Behind {
  /** Full batches that were read on end, up to now. */
  readonly fullReads: number;
  /** How long ago the event that was read last was received; infinite where none says. */
  readonly ageMs: number;
}

const FAR_BEHIND_READS = 16;
/** Where records are older than this, one full batch tells. */
const LONG_AGO_MS = 60_000;
const FAR_BEHIND_FLUSHES = 50;
const NEAR_SHARE = 3;
const FLUSH_SHARE = 10;
/** A wait makes what it shows a twentieth older at most. */
const AGE_SHARE = 20;

/** `tookMs`: the last flush; never more than the time between checkpoints, which flush too. */
export function flushRestMs(
  behind: Behind,
  tookMs: number,
  { flushMs, checkpointMs }: { readonly flushMs: number; readonly checkpointMs: number },
): number {
  const rareMs = flushMs * FAR_BEHIND_FLUSHES;
  if (!isFarBehind(behind, rareMs)) return Math.max(flushMs, NEAR_SHARE * tookMs);
  const restMs = Math.max(rareMs, tookMs * (FLUSH_SHARE - 1), behind.ageMs / AGE_SHARE);
  return tookMs + Math.min(restMs, checkpointMs);
}

/** What is not as old as the pause would be is worth showing before. */
const isFarBehind = ({ fullReads, ageMs }: Behind, rareMs: number): boolean =>
  fullReads > 0 && ageMs > (fullReads < FAR_BEHIND_READS ? Math.max(LONG_AGO_MS, rareMs) : rareMs);
