// A worker thread's main: opens the object store by itself and works off what it is asked, one at a time.

import { createHash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { FolderObjectStore } from "@tandem/adapters/embedded";
import { parquetCodec } from "@tandem/adapters/parquet";
import { inlineTasks } from "@tandem/batch-layer";
import { TandemError } from "@tandem/shared-logic";
import { loadMetrics } from "../metrics/metric-folders.ts";
import type { ThreadReply, ThreadRequest, ThreadStart, ThreadTask } from "./thread-task.ts";

const port = parentPort;
if (!port) throw new RangeError("thread-main runs in a worker thread");
const start = workerData as ThreadStart;
const objects = await FolderObjectStore.open(start.objects);
const metrics = new Map((await loadMetrics(start.metricFolders)).map((m) => [m.fingerprint, m]));
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const run = inlineTasks({ objects, codec: parquetCodec, sha256 }, (fp) => metrics.get(fp));

async function work(task: ThreadTask): Promise<Pick<ThreadReply & { ok: true }, "rows" | "bytes">> {
  if (task.kind === "batch") return { rows: await run(task.task) };
  return { bytes: await parquetCodec.encode(task.partition, task.batches) };
}

let queue: Promise<void> = Promise.resolve();
port.on("message", ({ id, task }: ThreadRequest) => {
  queue = queue.then(async () => {
    try {
      port.postMessage({ id, ok: true, ...(await work(task)) } satisfies ThreadReply);
    } catch (error) {
      const known = error instanceof TandemError ? error : undefined;
      const message = error instanceof Error ? error.message : String(error);
      const reply: ThreadReply = {
        id,
        ok: false,
        code: known?.code,
        message,
        details: known?.details ?? {},
      };
      port.postMessage(reply);
    }
  });
});
