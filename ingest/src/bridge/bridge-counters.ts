// What a process's bridges count. `read = bridged + rejected` whenever no
// batch is under way; a batch counts once it is checkpointed, however often it was sent.
import { REASONS, type Reason } from "@tandem/shared-logic";

export interface BridgeCounters {
  read: number;
  bridged: number;
  rejected: number;
  readonly rejectedBy: Record<Reason, number>;
  /** Rejected records that could not be kept for looking at. */
  deadLettersLost: number;
  /** Offsets that the topic gave up before they were brought over. */
  lost: number;
}

export const bridgeCounters = (): BridgeCounters => ({
  read: 0,
  bridged: 0,
  rejected: 0,
  rejectedBy: Object.fromEntries(Object.keys(REASONS).map((reason) => [reason, 0])) as Record<
    Reason,
    number
  >,
  deadLettersLost: 0,
  lost: 0,
});
