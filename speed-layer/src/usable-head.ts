// The checkpoint that a worker may go on from.
import { type EventLog, TandemError, type ViewStore } from "@tandem/shared-logic";
import type { CheckpointHead, Checkpoints } from "./checkpoint.ts";

/**
 * The head of the last checkpoint; undefined where the partition is to be folded from `genesis`. Throws
 * `checkpoint_refused` where what is to be read lies outside the log.
 */
export async function usableHead(
  ports: { readonly log: EventLog; readonly views: ViewStore },
  { dataset, partition }: { readonly dataset: string; readonly partition: number },
  files: Checkpoints,
  genesis: number,
): Promise<CheckpointHead | undefined> {
  const head = await files.head();
  const range = (await ports.log.ranges(dataset))[partition];
  const refuseOutside = (from: number): void => {
    const [start, end] = [range?.start ?? genesis, range?.end ?? genesis];
    if (from <= end && from >= start) return;
    throw new TandemError("checkpoint_refused", {
      message:
        from > end
          ? `the checkpoint of ${dataset}/${partition} stands at offset ${from}, beyond the log's end ${end}: the log has lost records or is another one`
          : `${dataset}/${partition} must be read from offset ${from}, but the log starts at ${start}`,
      details: { dataset, partition, checkpoint: from, start, end },
    });
  };
  refuseOutside(head?.offset ?? genesis);
  if (!head) return undefined;
  // A view store behind the checkpoint has lost rows that were durable (an older copy was put back):
  // rows of closed segments are in no checkpoint, so everything is folded again.
  const count = await ports.log.partitions(dataset);
  const position = (await ports.views.positions(dataset, count))[partition];
  if ((position?.to ?? -1) >= head.offset) return head;
  refuseOutside(genesis);
  return undefined;
}
