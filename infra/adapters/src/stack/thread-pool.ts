// Worker threads for what would hold up the main thread. A thread that dies fails the tasks it had (they
// may be asked again) and is replaced by the next one. Tasks and replies are plain data.
import { parentPort, Worker } from "node:worker_threads";
import { type ErrorCode, TandemError } from "@tandem/shared-logic";

interface Request<Task> {
  readonly id: number;
  readonly task: Task;
}

type Reply<Result> =
  | { readonly id: number; readonly ok: true; readonly result: Result }
  | {
      readonly id: number;
      readonly ok: false;
      readonly code: string | undefined;
      readonly message: string;
      readonly details: Readonly<Record<string, unknown>>;
    };

interface Waiting<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}

interface Thread<Result> {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting<Result>>;
}

/** The thread's side: works off what is asked, one at a time. */
export function serveTasks<Task, Result>(work: (task: Task) => Promise<Result>): void {
  const port = parentPort;
  if (!port) throw new RangeError("tasks are served in a worker thread");
  let queue: Promise<void> = Promise.resolve();
  port.on("message", ({ id, task }: Request<Task>) => {
    queue = queue.then(async () => {
      const reply = await work(task).then(
        (result): Reply<Result> => ({ id, ok: true, result }),
        (error: unknown): Reply<Result> => failure(id, error),
      );
      port.postMessage(reply);
    });
  });
}

export class ThreadPool<Task, Result> {
  private readonly main: URL;
  private readonly data: unknown;
  private readonly size: number;
  private readonly threads: Thread<Result>[] = [];
  private nextId = 0;

  /** `main`: the thread's module, given `data`. `size`: most threads; they start when first needed. */
  constructor(main: URL, data: unknown, size: number) {
    this.main = main;
    this.data = data;
    this.size = size;
  }

  ask(task: Task): Promise<Result> {
    const thread = this.pick();
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      thread.waiting.set(id, { resolve, reject });
      thread.worker.ref();
      thread.worker.postMessage({ id, task } satisfies Request<Task>);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.threads.splice(0).map((t) => t.worker.terminate()));
  }

  /** The idlest thread, a new one while there may be more. */
  private pick(): Thread<Result> {
    const idle = this.threads.find((t) => t.waiting.size === 0);
    if (idle) return idle;
    const first = this.threads[0];
    if (!first || this.threads.length < this.size) return this.spawn();
    return this.threads.reduce((a, b) => (b.waiting.size < a.waiting.size ? b : a), first);
  }

  private spawn(): Thread<Result> {
    const worker = new Worker(this.main, { workerData: this.data });
    worker.unref();
    const thread: Thread<Result> = { worker, waiting: new Map() };
    worker.on("message", (reply: Reply<Result>) => {
      const waiting = thread.waiting.get(reply.id);
      thread.waiting.delete(reply.id);
      // An idle thread does not keep the process alive.
      if (thread.waiting.size === 0) worker.unref();
      if (reply.ok) waiting?.resolve(reply.result);
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

function failure(id: number, error: unknown): Reply<never> {
  const known = error instanceof TandemError ? error : undefined;
  const message = error instanceof Error ? error.message : String(error);
  return { id, ok: false, code: known?.code, message, details: known?.details ?? {} };
}

function errorOf(reply: Reply<unknown> & { readonly ok: false }): Error {
  if (reply.code === undefined) return new RangeError(reply.message);
  return new TandemError(reply.code as ErrorCode, {
    message: reply.message,
    details: reply.details,
  });
}
