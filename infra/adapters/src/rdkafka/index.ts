// Kafka by node-rdkafka, where it was compiled.

export * from "./rdkafka-event-log.ts";
