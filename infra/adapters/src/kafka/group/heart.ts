// Beats for a member while it works, so that a long hand-over does not look like death. It notes what
// the coordinator wants and goes on beating, until it is stopped or the member is unknown.
import type { Clock } from "@tandem/shared-logic";
import { backoffMs } from "../time-limit.ts";
import { type Coordinator, type Trouble, troubleOf } from "./coordinator.ts";

export class Heart {
  trouble: Trouble | undefined;
  /** Resolves with the first trouble, or once it is stopped. */
  readonly troubled: Promise<void>;
  private readonly stopping = new AbortController();
  private wake: () => void = () => undefined;

  constructor(
    beats: { coordinator: Coordinator; clock: Clock; heartbeatMs: number },
    memberId: string,
    generation: number,
  ) {
    this.troubled = new Promise((resolve) => {
      this.wake = resolve;
    });
    void this.beat(beats, memberId, generation);
  }

  stop(): void {
    this.stopping.abort();
    this.wake();
  }

  private async beat(
    {
      coordinator,
      clock,
      heartbeatMs,
    }: { coordinator: Coordinator; clock: Clock; heartbeatMs: number },
    memberId: string,
    generation: number,
  ): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 0; !signal.aborted; ) {
      const waitMs = failures === 0 ? heartbeatMs : Math.min(heartbeatMs, backoffMs(failures));
      await clock.sleep(waitMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await coordinator.heartbeat(memberId, generation);
        failures = 0;
      } catch (error) {
        const trouble = troubleOf(error);
        if (trouble === "coordinator") {
          // It may come back and know us still, so what is held stays held.
          coordinator.forget();
          failures++;
          continue;
        }
        this.trouble = trouble;
        this.wake();
        if (trouble !== "rebalance") return;
      }
    }
  }
}
