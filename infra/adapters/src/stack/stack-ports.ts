// The ports a process may need, and what their adapters are told beside the configuration.
import type {
  CheckpointStore,
  Clock,
  DeadLetters,
  EventLog,
  JobQueue,
  Notifications,
  ObjectStore,
  PartitionGroup,
  ViewStore,
} from "@tandem/shared-logic";

/** Topics of others, under the names they have, and the groups that share them. */
export interface ForeignTopics {
  readonly log: EventLog;
  readonly groups: PartitionGroup;
}

export interface StackPorts {
  readonly log: EventLog;
  readonly views: ViewStore;
  readonly objects: ObjectStore;
  readonly checkpoints: CheckpointStore;
  readonly deadLetters: DeadLetters;
  readonly jobs: JobQueue;
  readonly group: PartitionGroup;
  readonly notifications: Notifications;
  readonly foreign: ForeignTopics;
}

export type PortName = keyof StackPorts;

export interface StackContext {
  readonly clock: Clock;
  /** Told what adapters try again, in words without personal data. */
  readonly onTrouble?: (where: string, what: string) => void;
  /** Told once, on opening, how what is acknowledged may be lost here all the same. */
  readonly onRisk?: (where: string, what: string) => void;
  /** Told of a throw of a job's handler. */
  readonly onJobThrow?: (error: unknown) => void;
}
