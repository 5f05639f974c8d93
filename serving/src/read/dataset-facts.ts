// What is fixed about a dataset: its genesis offsets, and its first day once a run fixed it.
import {
  type DatasetRow,
  datasetKey,
  TandemError,
  type UtcDay,
  type ViewStore,
} from "@tandem/shared-logic";

export interface DatasetFacts {
  readonly genesis: readonly number[];
  readonly firstDay: UtcDay | undefined;
}

/** Asks the ledger until there is nothing more to learn. Throws `configuration` where it was not created. */
export function datasetFacts(
  views: Pick<ViewStore, "ledger">,
  dataset: string,
): () => Promise<DatasetFacts> {
  let facts: DatasetFacts | undefined;
  return async () => {
    if (facts?.firstDay !== undefined) return facts;
    const row = await views.ledger(datasetKey(dataset));
    if (!row) {
      throw new TandemError("configuration", {
        message: `dataset ${dataset} was not created`,
        details: { dataset },
      });
    }
    const { genesis, firstDay } = JSON.parse(row.value) as DatasetRow;
    facts = { genesis, firstDay };
    return facts;
  };
}
