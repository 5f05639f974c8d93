// The topics of a dataset and their settings: one of records, and three of notification copies that no
// layer reads back. Pure; ensure-topics.ts makes them.
import type { NotificationKind } from "@tandem/shared-logic";

export type TopicRole = "records" | NotificationKind;

export interface TopicDefinition {
  readonly role: TopicRole;
  readonly name: string;
  readonly partitions: number;
  readonly replication: number;
  /** Kafka's own names and values. */
  readonly config: Readonly<Record<string, string>>;
}

export interface TopicPlan {
  readonly dataset: string;
  readonly partitions: number;
  /** 1 unless given. From 3 on, two copies must acknowledge. */
  readonly replication?: number;
  /** Of the records; 7 days unless given, 0 for ever. */
  readonly retentionMs?: number;
}

const DAY_MS = 86_400_000;

/** How long copies are kept. */
const COPIES: Readonly<Record<NotificationKind, number>> = {
  late_events: 14 * DAY_MS,
  dead_letters: 14 * DAY_MS,
  aggregates: DAY_MS,
};

/** Domains are prefixes of the event type within a dataset, or datasets of their own. */
export const copyTopic = (dataset: string, kind: NotificationKind): string => `${dataset}.${kind}`;

export function topicsOf(plan: TopicPlan): readonly TopicDefinition[] {
  const { dataset, partitions, replication = 1, retentionMs = 7 * DAY_MS } = plan;
  const define = (role: TopicRole, name: string, keptMs: number): TopicDefinition => ({
    role,
    name,
    partitions,
    replication,
    config: {
      "cleanup.policy": "delete",
      "retention.ms": `${keptMs === 0 ? -1 : keptMs}`,
      "min.insync.replicas": `${replication >= 3 ? 2 : 1}`,
      // A replica that is behind must not lead: what was acknowledged would be gone.
      "unclean.leader.election.enable": "false",
      // Retention by the brokers' clock: a producer's that is wrong would delete early or never.
      "message.timestamp.type": "LogAppendTime",
    },
  });
  return [
    define("records", dataset, retentionMs),
    ...Object.entries(COPIES).map(([kind, keptMs]) =>
      define(kind as NotificationKind, copyTopic(dataset, kind as NotificationKind), keptMs),
    ),
  ];
}
