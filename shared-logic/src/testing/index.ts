// Law and conformance suites: plain functions that take the test function and a factory, so that
// anyone's reducer or adapter can be put through them.

export * from "./columns-of.ts";
export * from "./conformance/checkpoint-store.ts";
export * from "./conformance/dead-letters.ts";
export * from "./conformance/event-log.ts";
export * from "./conformance/job-queue.ts";
export * from "./conformance/key-store.ts";
export * from "./conformance/object-store.ts";
export * from "./conformance/partition-group.ts";
export * from "./conformance/view-store.ts";
export * from "./example-answers.ts";
export * from "./expect.ts";
export * from "./gate-events.ts";
export * from "./judge-metric.ts";
export * from "./law-gate.ts";
export * from "./law-options.ts";
export * from "./laws/purity-laws.ts";
export * from "./reducer-laws.ts";
