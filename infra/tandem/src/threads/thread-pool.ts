// Worker threads for what would hold up collector and flushes: units, merges and archive encoding. A
// thread that dies fails the tasks it had (they may be asked again) and is replaced by the next one.
import { Worker } from "node:worker_threads";
import { type ErrorCode, type RunRow, TandemError } from "@tandem/shared-logic";
import type { ThreadReply, ThreadStart, ThreadTask } from "./thread-task.ts";

interface Waiting {
  readonly resolve: (reply: ThreadReply & { readonly ok: true }) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting>;
}

export class ThreadPool {
  private readonly start: ThreadStart;
  private readonly size: number;
  private readonly threads: Thread[] = [];
  private nextId = 0;

  /** `size`: most threads at once; they are started when first needed. */
  constructor(start: ThreadStart, size: number) {
    this.start = start;
    this.size = size;
  }

  async rows(task: ThreadTask & { readonly kind: "batch" }): Promise<readonly RunRow[]> {
    return (await this.ask(task)).rows ?? [];
  }

  async bytes(task: ThreadTask & { readonly kind: "encode" }): Promise<Uint8Array> {
    return (await this.ask(task)).bytes ?? new Uint8Array(0);
  }

  async close(): Promise<void> {
    await Promise.all(this.threads.splice(0).map((t) => t.worker.terminate()));
  }

  private ask(task: ThreadTask): Promise<ThreadReply & { readonly ok: true }> {
    const thread = this.pick();
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      thread.waiting.set(id, { resolve, reject });
      thread.worker.ref();
      thread.worker.postMessage({ id, task });
    });
  }

  /** The idlest thread, a new one while there may be more. */
  private pick(): Thread {
    const idle = this.threads.find((t) => t.waiting.size === 0);
    if (idle) return idle;
    if (this.threads.length < this.size) return this.spawn();
    const first = this.threads[0];
    if (!first) return this.spawn();
    return this.threads.reduce((a, b) => (b.waiting.size < a.waiting.size ? b : a), first);
  }

  private spawn(): Thread {
    const worker = new Worker(new URL("./thread-main.ts", import.meta.url), {
      workerData: this.start,
    });
    worker.unref();
    const thread: Thread = { worker, waiting: new Map() };
    worker.on("message", (reply: ThreadReply) => {
      const waiting = thread.waiting.get(reply.id);
      thread.waiting.delete(reply.id);
      // An idle thread does not keep the process alive.
      if (thread.waiting.size === 0) worker.unref();
      if (reply.ok) waiting?.resolve(reply);
      else waiting?.reject(errorOf(reply));
    });
    const fail = (cause: unknown): void => {
      const at = this.threads.indexOf(thread);
      if (at >= 0) this.threads.splice(at, 1);
      for (const { reject } of thread.waiting.values()) {
        reject(new TandemError("store_unavailable", { message: "a worker thread stopped", cause }));
      }
      thread.waiting.clear();
    };
    worker.on("error", fail);
    worker.on("exit", (code) => fail(new RangeError(`exit code ${code}`)));
    this.threads.push(thread);
    return thread;
  }
}

function errorOf(reply: ThreadReply & { readonly ok: false }): Error {
  if (reply.code === undefined) return new RangeError(reply.message);
  return new TandemError(reply.code as ErrorCode, {
    message: reply.message,
    details: reply.details,
  });
}
