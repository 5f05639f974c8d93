// What nobody else does on real servers: once a day, and at the start, uploads to S3 that a killed process left
// unfinished a day ago are aborted. Any number of processes may do it; nothing waits for it.
import { type Clock, DAY_MS, type StopSignal } from "@tandem/shared-logic";
import { chosenPorts } from "./chosen-ports.ts";
import { s3Options } from "./client-options.ts";
import type { TandemConfig } from "./config-schema.ts";
import type { StackContext } from "./stack-ports.ts";

export interface UpkeepContext extends StackContext {
  readonly stop: StopSignal;
  readonly onError: (error: unknown, where: string) => void;
  readonly onSwept: (uploads: number) => void;
}

/** Runs until `stop`. */
export async function runUpkeep(config: TandemConfig, context: UpkeepContext): Promise<void> {
  if (chosenPorts(config).objects !== "s3") return;
  const { sweepUploads } = await import("../s3/index.ts");
  await daily(context, () => sweepUploads(s3Options(config, context)));
}

/** A sweep that fails is left to the next day. */
export async function daily(
  {
    clock,
    stop,
    onError,
    onSwept,
  }: Pick<UpkeepContext, "stop" | "onError" | "onSwept"> & { readonly clock: Pick<Clock, "sleep"> },
  sweep: () => Promise<number>,
): Promise<void> {
  while (!stop.aborted) {
    try {
      const uploads = await sweep();
      if (uploads > 0) onSwept(uploads);
    } catch (error) {
      onError(error, "upkeep");
    }
    // Rejects when it is to stop.
    await clock.sleep(DAY_MS, stop).catch(() => undefined);
  }
}
