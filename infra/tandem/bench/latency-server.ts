// All layers in one process on a folder (argv[2]) that holds a day of events, a batch run over it upon the
// message "batch", and how long the event loop was held when asked for "loop".
import { monitorEventLoopDelay } from "node:perf_hooks";
import { keyMaking, systemClock } from "@tandem/adapters/embedded";
import { createKey, ledgerKeyStore } from "@tandem/shared-logic";
import { startTandem } from "../src/start-tandem.ts";

const { tandem, url } = await startTandem({
  host: "127.0.0.1",
  port: 0,
  parts: ["collect", "speed", "archive", "batch", "serve"],
  dataDir: process.argv[2] ?? "",
  metricFolders: [],
  clock: systemClock(),
  onError: (error, where) => process.stderr.write(`${where}: ${String(error)}\n`),
  onFatal: () => process.exit(1),
});
const keys = ledgerKeyStore(tandem.ports.views);
const wanted = { tenant: "bench", scopes: ["write", "read"] as const };
const { presented } = await createKey(keys, keyMaking, wanted, systemClock().now());
const loop = monitorEventLoopDelay({ resolution: 5 });
loop.enable();

process.on("message", async (message) => {
  if (message === "batch") {
    await tandem.runBatch({ includeOpen: true });
    process.send?.({ batch: true });
  } else if (message === "cpu") {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuS: (user + system) / 1e6 });
  } else if (message === "reset") {
    loop.reset();
    process.send?.({});
  } else {
    process.send?.({ p99Ms: loop.percentile(99) / 1e6, maxMs: loop.max / 1e6 });
  }
});
process.on("disconnect", () => process.exit(0));
process.send?.({ url, key: presented });
