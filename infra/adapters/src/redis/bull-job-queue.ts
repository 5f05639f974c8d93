// JobQueue over BullMQ: any number of processes add and work. Keys are claimed on the server, flows are
// BullMQ's, schedules are its job schedulers. With Redis gone, calls reject with `queue_unavailable` in
// bounded time, workers wait, and everything goes on by itself once it is back, even empty.
import { randomUUID } from "node:crypto";
import {
  type Job,
  type JobQueue,
  type JobRequest,
  type JobState,
  TandemError,
} from "@tandem/shared-logic";
import { FlowProducer, Queue } from "bullmq";
import { refuseCycles } from "../jobs/job-machine.ts";
import { flowOf, type KnownChild, nodesOf, stateOf } from "./bull-job.ts";
import { type BullOptions, settingsOf } from "./bull-options.ts";
import { BullSchedules } from "./bull-schedules.ts";
import { BullWorker } from "./bull-worker.ts";
import { bullName, claimKeys, claimOf, isYoung } from "./job-claims.ts";
import { RedisLink } from "./redis-link.ts";

export class BullJobQueue implements JobQueue {
  private readonly link: RedisLink;
  private readonly flows: FlowProducer;
  private readonly schedules: BullSchedules;
  private readonly queues = new Map<string, Queue>();
  private readonly workers = new Map<string, BullWorker>();
  private closing: Promise<void> | undefined;

  private constructor(link: RedisLink) {
    this.link = link;
    const { onProblem } = link.settings;
    this.flows = new FlowProducer(link.producer);
    this.flows.on("error", onProblem);
    this.schedules = new BullSchedules(link, (request) => this.add(request));
  }

  /**
   * Fails with `configuration` where Redis cannot be used as it is set up, for example because it may
   * evict jobs, and with `queue_unavailable` where nothing answers.
   */
  static async open(options: BullOptions): Promise<BullJobQueue> {
    return new BullJobQueue(await RedisLink.open(settingsOf(options)));
  }

  async add(request: JobRequest): Promise<"added" | "known"> {
    refuseCycles(request, new Set());
    const nodes = nodesOf(request, randomUUID);
    const root = nodes[0]?.id;
    return this.link.bounded(`adding to ${request.queue}`, async () => {
      const held = await claimKeys(this.link, nodes);
      if (held[0] !== root) return "known";
      const flow = flowOf(nodes, held, this.link.settings);
      if (flow.children !== undefined) await this.flows.add(flow);
      else await this.queue(request.queue).add(flow.name, flow.data, flow.opts);
      return "added";
    });
  }

  async schedule(name: string, everyMs: number, request: JobRequest): Promise<void> {
    if (!Number.isSafeInteger(everyMs) || everyMs <= 0) throw new RangeError(`everyMs: ${everyMs}`);
    refuseCycles(request, new Set());
    await this.schedules.set(name, everyMs, request);
  }

  unschedule(name: string): Promise<void> {
    return this.schedules.remove(name);
  }

  async process(
    queue: string,
    concurrency: number,
    handler: (job: Job) => Promise<void>,
  ): Promise<() => Promise<void>> {
    if (this.closing !== undefined) throw new TandemError("cancelled");
    if (this.workers.has(queue)) throw new RangeError(`${queue} is being processed already`);
    const stateById = (child: KnownChild) => this.stateById(child);
    const worker = new BullWorker({
      link: this.link,
      queue,
      name: bullName(queue),
      concurrency,
      handler,
      stateById,
    });
    this.workers.set(queue, worker);
    this.schedules.work();
    return async () => {
      if (this.workers.get(queue) === worker) this.workers.delete(queue);
      await worker.stop();
    };
  }

  state(queue: string, key: string): Promise<JobState | undefined> {
    return this.link.bounded(`looking at ${queue}`, async () => {
      const claim = await claimOf(this.link, queue, key);
      if (claim === undefined) return undefined;
      const state = stateOf(await this.queue(queue).getJobState(claim.id));
      return state ?? (isYoung(claim, Date.now()) ? "waiting" : undefined);
    });
  }

  private stateById({ queue, id }: KnownChild): Promise<JobState | undefined> {
    return this.link.bounded(`looking at ${queue}`, async () =>
      stateOf(await this.queue(queue).getJobState(id)),
    );
  }

  private queue(name: string): Queue {
    const known = this.queues.get(name);
    if (known !== undefined) return known;
    const { onProblem } = this.link.settings;
    const queue = new Queue(bullName(name), this.link.producer);
    queue.on("error", onProblem);
    this.queues.set(name, queue);
    return queue;
  }

  /** Waits for the running handlers, `drainMs` at most. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    const workers = [...this.workers.values(), this.schedules];
    await Promise.all(workers.map((worker) => worker.stop()));
    await Promise.all(
      [...this.queues.values(), this.schedules, this.flows].map((bull) => bull.close()),
    );
    this.link.close();
  }
}
