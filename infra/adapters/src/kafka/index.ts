// Kafka: the event log, and what else of Tandem's travels by it.

export * from "./ensure-topics.ts";
export * from "./group/kafka-partition-group.ts";
export * from "./kafka-event-log.ts";
export * from "./kafka-options.ts";
export * from "./log-notifications.ts";
export * from "./topics.ts";
