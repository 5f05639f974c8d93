// A day's whole life on Cassandra and S3: heal, reconciliation, rollback, replay, and retention with a check after each pass.
// The log is the memory's; what Kafka does is told by other tests.
import { after, test } from "node:test";
import { systemClock } from "@tandem/adapters/embedded";
import { loadConfig, openStack } from "@tandem/adapters/stack";
import { healingLife } from "../test/heal/healing-life.ts";
import { Installation } from "./installation.ts";

/** Its own dataset stays unused: the story makes one. */
const installation = new Installation({ dataset: { name: "unused" } });
after(() => installation.remove());

test("on Cassandra and S3", async () => {
  const { code, err } = installation.tandem(["setup"]);
  if (code !== 0) throw new Error(err);
  const { config } = loadConfig({ env: {}, file: installation.file });
  const stack = await openStack(config, { clock: systemClock() }, ["views", "objects"]);
  try {
    await healingLife(stack);
  } finally {
    await stack.close();
  }
});
