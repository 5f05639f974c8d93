// How long after a flush began the next one does: a third of the time at most goes to flushing, so that a store that
// takes its time is neither waited for twice nor given more than it can do. A worker that has read
// FAR_BEHIND_READS full batches on end is far behind: it flushes much more rarely and spends no more than a tenth
// of its time on it, because rows would be written over and over to show what is old anyhow.

const FAR_BEHIND_READS = 16;
const FAR_BEHIND_FLUSHES = 50;
const NEAR_SHARE = 3;
const FLUSH_SHARE = 10;

/** `tookMs`: the last flush; never more than the time between checkpoints, which flush too. */
export function flushRestMs(
  fullReads: number,
  tookMs: number,
  { flushMs, checkpointMs }: { readonly flushMs: number; readonly checkpointMs: number },
): number {
  if (fullReads < FAR_BEHIND_READS) return Math.max(flushMs, NEAR_SHARE * tookMs);
  const restMs = Math.max(flushMs * FAR_BEHIND_FLUSHES, tookMs * (FLUSH_SHARE - 1));
  return tookMs + Math.min(restMs, checkpointMs);
}
