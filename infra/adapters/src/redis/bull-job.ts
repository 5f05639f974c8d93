// What a job is in BullMQ: its request as data and options, a flow as its tree. A child that was known
// already belongs to another flow, and BullMQ's jobs have one parent: the parent remembers it and looks
// after it itself. Job data are what the caller gave, and keys: nothing personal.

import type { Job, JobRequest, JobState, Json } from "@tandem/shared-logic";
import type { Job as BullJob, FlowJob, JobsOptions } from "bullmq";
import type { BullSettings } from "./bull-options.ts";
import { bullName, type FlowNode } from "./job-claims.ts";

const DEFAULT_ATTEMPTS = 3;
const DEFAULT_BACKOFF_MS = 1_000;
const NAME = "job";

export interface KnownChild {
  readonly queue: string;
  readonly id: string;
}

export interface JobData {
  readonly key: string;
  readonly data: Json;
  readonly awaits?: readonly KnownChild[];
}

/** The nodes of a flow, each after its parent. */
export function nodesOf(request: JobRequest, newId: () => string): readonly FlowNode[] {
  const nodes: FlowNode[] = [];
  const visit = (request: JobRequest, parent: number | undefined): void => {
    const place = nodes.push({ request, id: newId(), parent }) - 1;
    for (const child of request.children ?? []) visit(child, place);
  };
  visit(request, undefined);
  return nodes;
}

/** The flow of what is new in it; `held` says which job each node's key stands for. */
export function flowOf(
  nodes: readonly FlowNode[],
  held: readonly (string | undefined)[],
  settings: BullSettings,
  place = 0,
): FlowJob {
  const { request, id, parent } = nodes[place] as FlowNode;
  const children: FlowJob[] = [];
  const awaits: KnownChild[] = [];
  nodes.forEach((node, i) => {
    if (node.parent !== place) return;
    const holder = held[i];
    if (holder === node.id) children.push(flowOf(nodes, held, settings, i));
    else if (holder !== undefined) awaits.push({ queue: node.request.queue, id: holder });
  });
  const data: JobData = {
    key: request.key,
    data: request.data,
    ...(awaits.length === 0 ? {} : { awaits }),
  };
  const opts: JobsOptions = {
    ...jobOptions(request, id, settings),
    ...(parent === undefined ? {} : { failParentOnFailure: true }),
  };
  const job = { name: NAME, queueName: bullName(request.queue), data, opts };
  return (children.length === 0 ? job : { ...job, children }) as FlowJob;
}

function jobOptions(request: JobRequest, jobId: string, settings: BullSettings): JobsOptions {
  const { attempts = DEFAULT_ATTEMPTS, backoffMs = DEFAULT_BACKOFF_MS, delayMs = 0 } = request;
  const finished = { count: settings.finishedKept };
  return {
    jobId,
    attempts,
    // BullMQ's "exponential" doubles it each time.
    backoff: { type: "exponential", delay: Math.ceil(backoffMs) },
    delay: Math.ceil(delayMs),
    removeOnComplete: finished,
    removeOnFail: finished,
    stackTraceLimit: 0,
  };
}

/** A try that ended with its process counts. */
export const jobOf = (queue: string, bull: BullJob<JobData>): Job => ({
  queue,
  key: bull.data.key,
  data: bull.data.data,
  attempt: 1 + bull.attemptsMade + bull.stalledCounter,
});

export function stateOf(bullState: string): JobState | undefined {
  switch (bullState) {
    case "completed":
      return "done";
    case "failed":
      return "failed";
    case "active":
      return "running";
    case "delayed":
      return "delayed";
    case "unknown":
      return undefined;
    default:
      return "waiting";
  }
}
