// What live streams may take of a serving process. Every limit has a refusal or an `end` reason of its own.

export interface LiveLimits {
  /** Open streams of the process; beyond them 503. */
  readonly streams: number;
  /** Open streams of one tenant; beyond them 429. */
  readonly tenantStreams: number;
  /** Questions of one stream; more are a 400. */
  readonly asks: number;
  /** Different questions of the process that are kept current; beyond them 503. */
  readonly questions: number;
  /** Points of one answer; more are a 400. */
  readonly points: number;
  /** Removed points that a question remembers for streams that resume. */
  readonly gone: number;
  /** A question that nobody told of a change is looked at this often. */
  readonly lookMs: number;
  /** Least time between two looks at one question. */
  readonly gatherMs: number;
  /** A change of nothing but the freshness is sent this often at most. */
  readonly freshnessMs: number;
  readonly heartbeatMs: number;
  /** A stream whose reader takes nothing for so long is ended. */
  readonly slowMs: number;
  /** How long a question without streams is remembered for those that resume. */
  readonly lingerMs: number;
}

export const LIVE_LIMITS: LiveLimits = {
  streams: 2000,
  tenantStreams: 1500,
  asks: 20,
  questions: 512,
  points: 20_000,
  gone: 5000,
  lookMs: 1500,
  gatherMs: 100,
  freshnessMs: 5000,
  heartbeatMs: 15_000,
  slowMs: 20_000,
  lingerMs: 60_000,
};
