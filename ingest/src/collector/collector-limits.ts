// What the collector takes at most. Every limit has a refusal or a reason code of its own.

export interface RateLimit {
  readonly eventsPerSecond: number;
  /** Events a key may send at once after a pause. */
  readonly burstEvents: number;
}

export interface CollectorLimits {
  /** A request's body as it comes over the wire. */
  readonly bodyBytes: number;
  /** The same after its Content-Encoding is undone. */
  readonly decodedBytes: number;
  /** Decoded to encoded size, looked at above `ratioFreeBytes` only. */
  readonly ratio: number;
  readonly ratioFreeBytes: number;
  readonly eventsPerRequest: number;
  /** Bodies held in memory by all requests together. */
  readonly heldBytes: number;
  /** Entries of `results` in an answer. */
  readonly resultEntries: number;
  /** Per key; absent: unlimited. */
  readonly rate?: RateLimit;
}

export const COLLECTOR_LIMITS: CollectorLimits = {
  bodyBytes: 5_000_000,
  decodedBytes: 20_000_000,
  ratio: 100,
  ratioFreeBytes: 1_000_000,
  eventsPerRequest: 10_000,
  heldBytes: 256_000_000,
  resultEntries: 1000,
};
