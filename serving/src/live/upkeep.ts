// What open streams need beside news: heartbeats, so that both ends learn of a dead connection; an end for
// readers that take nothing and for keys that may no longer read.
import type { EndWhy } from "./frames.ts";
import type { LiveLimits } from "./live-limits.ts";
import type { LiveStream } from "./live-stream.ts";
import type { Pace } from "./pace.ts";

export interface UpkeepParts {
  readonly pace: Pace;
  readonly limits: Pick<LiveLimits, "heartbeatMs" | "slowMs">;
  readonly signal: AbortSignal;
  readonly streams: ReadonlySet<LiveStream>;
  readonly end: (stream: LiveStream, why: EndWhy) => void;
  readonly forget: () => void;
}

/** Rounds in the shorter of the two times. */
const ROUNDS = 4;

export class Upkeep {
  private readonly parts: UpkeepParts;
  private running = false;

  constructor(parts: UpkeepParts) {
    this.parts = parts;
  }

  /** Goes on while there are streams. */
  begin(): void {
    if (this.running) return;
    this.running = true;
    void this.run();
  }

  private async run(): Promise<void> {
    const { pace, signal, streams, limits, forget } = this.parts;
    const everyMs = Math.min(limits.heartbeatMs, limits.slowMs) / ROUNDS;
    while (streams.size > 0 && !signal.aborted) {
      await pace.sleep(everyMs, signal);
      for (const stream of [...streams]) this.see(stream, pace.now());
      forget();
    }
    this.running = false;
  }

  private see(stream: LiveStream, now: number): void {
    const { limits, end } = this.parts;
    if (stream.blockedMs !== undefined) {
      if (now - stream.blockedMs >= limits.slowMs) end(stream, "slow_reader");
      return;
    }
    if (now - stream.beatMs < limits.heartbeatMs) return;
    stream.heartbeat();
    stream.allowed().then(
      (may) => {
        if (!may) end(stream, "key");
      },
      // The store does not say: what was allowed goes on.
      () => undefined,
    );
  }
}
