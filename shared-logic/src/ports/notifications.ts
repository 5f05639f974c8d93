// Copies of what happened, for whoever listens: late events, dead letters, updated cells. No layer reads
// them back, so losing some changes no number; being slow for them would.
//
//  1. `publish` takes its copy at once, never waits and never throws, whatever the other side does.
//  2. What waits is bounded. Beyond the bound, and where the other side refuses, notes are dropped and
//     counted in `dropped` by kind; everything else arrives at least once, of one key in order.
//  3. `close` waits a bounded time for what was published; after it `publish` drops and counts.

export const NOTIFICATION_KINDS = ["late_events", "dead_letters", "aggregates"] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

export interface Notifications {
  publish(kind: NotificationKind, key: Uint8Array, value: Uint8Array): void;
  readonly dropped: Readonly<Record<NotificationKind, number>>;
  close(): Promise<void>;
}

/** For whoever has nobody listening: nothing is published, so nothing is dropped. */
export const NO_NOTIFICATIONS: Notifications = {
  publish: () => undefined,
  dropped: { late_events: 0, dead_letters: 0, aggregates: 0 },
  close: async () => undefined,
};
