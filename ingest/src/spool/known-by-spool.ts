// What an earlier process's spool means for a start. Events of another dataset would wait for ever: the start is
// refused. A spool that knows the dataset stands in for a log that does not answer, so that a collector can be
// restarted while the log is away; the first start, which makes the spool, must see the log.
import { type EventLog, TandemError } from "@tandem/shared-logic";
import { hasUndelivered } from "./spool-backlog.ts";

export interface FoundSpool {
  readonly log: EventLog & { readonly datasets: readonly string[] };
  readonly dir: string;
}

/** Throws `configuration` where events of another dataset wait in it. */
export async function refuseOtherDatasets(
  { log, dir }: FoundSpool,
  dataset: string,
): Promise<void> {
  for (const other of log.datasets) {
    if (other === dataset || !(await hasUndelivered(log, other))) continue;
    throw new TandemError("configuration", {
      message: `spool.dir (TANDEM_SPOOL_DIR): events of dataset ${other} wait in ${dir}; start once with dataset.name ${other} until they are delivered, or use another folder`,
      details: { dir, dataset, other },
    });
  }
}

/** What `check` says of the log; what `known` says where the log is away and the spool knows the dataset. */
export async function withoutLog<T>(
  spool: FoundSpool | undefined,
  dataset: string,
  check: () => Promise<T>,
  known: (away: TandemError) => Promise<T>,
): Promise<T> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof TandemError && error.code === "log_unavailable")) throw error;
    if (!spool?.log.datasets.includes(dataset)) throw error;
    return known(error);
  }
}
