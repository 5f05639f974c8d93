// The BullMQ job queue against the port's contract on a real Redis, by the real clock. A process that
// dies is one whose connections are cut for good.
import { describe, it } from "node:test";
import { systemClock } from "@tandem/adapters/embedded";
import { jobQueueSuite } from "@tandem/shared-logic/testing";
import { environment, pass, realRedis, UNIT_MS } from "./real-redis.ts";
import { TcpProxy } from "./tcp-proxy.ts";

const redis = realRedis();

describe("BullMQ", { concurrency: 4 }, () => {
  jobQueueSuite({
    test: it,
    open: async () => {
      const proxy = await TcpProxy.to(environment("REDIS_URL"));
      const options = redis.options();
      return {
        queue: await redis.open({ ...options, url: proxy.url }),
        clock: systemClock(),
        pass,
        unitMs: UNIT_MS,
        async die() {
          await proxy.close();
          return redis.open(options);
        },
      };
    },
  });
});
