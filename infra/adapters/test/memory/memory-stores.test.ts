// The adapters in memory against the same contracts as the real ones.
import { test } from "node:test";
import {
  checkpointStoreSuite,
  eventLogSuite,
  objectStoreSuite,
} from "@tandem/shared-logic/testing";
import { MemoryCheckpointStore } from "../../src/memory/memory-checkpoint-store.ts";
import { MemoryEventLog } from "../../src/memory/memory-event-log.ts";
import { MemoryObjectStore } from "../../src/memory/memory-object-store.ts";

eventLogSuite({
  test,
  open: async () => {
    const log = new MemoryEventLog();
    return {
      log,
      dataset: "events",
      dropBelow: (partition, offset) => log.dropBelow("events", partition, offset),
    };
  },
});
objectStoreSuite({ test, open: async () => ({ store: new MemoryObjectStore() }) });
checkpointStoreSuite({ test, open: async () => ({ store: new MemoryCheckpointStore() }) });
