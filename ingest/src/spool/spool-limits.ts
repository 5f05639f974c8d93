// How much the spool holds and how long anything in it may take. With these times an answer comes within
// 2.5 s, whatever the log does, and a drain at the end leaves time for the rest of a shutdown of 10 s.

export interface SpoolLimits {
  /** Records that wait; beyond it `retry`. What is delivered leaves the disk in whole segments. */
  readonly maxBytes: number;
  /** After this the log counts as not answering, and the spool takes the records. */
  readonly primaryMs: number;
  /** After this an append is answered `retry`, whatever the disk does. */
  readonly answerMs: number;
  /** One try to deliver; then it is tried again. */
  readonly deliverMs: number;
  /** Wait after a failed try, doubling. */
  readonly retryMs: number;
  readonly longestRetryMs: number;
  /** Delivered at once; small enough for one batch of the log, which it takes whole or not at all. */
  readonly stepBytes: number;
  /** Longest drain when closing; what is left stays for the next start. */
  readonly closeMs: number;
}

export const SPOOL_LIMITS: SpoolLimits = {
  maxBytes: 1_000_000_000,
  primaryMs: 1500,
  answerMs: 2300,
  deliverMs: 5000,
  retryMs: 100,
  longestRetryMs: 2000,
  stepBytes: 512 * 1024,
  closeMs: 3000,
};
