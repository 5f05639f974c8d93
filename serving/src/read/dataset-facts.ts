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

export interface KnownFacts {
  /** Throws `configuration` where it was not created. */
  genesis(): Promise<readonly number[]>;
  now(): Promise<DatasetFacts>;
}

/** Asks the ledger until there is nothing more to learn. */
export function datasetFacts(views: Pick<ViewStore, "ledger">, dataset: string): KnownFacts {
  let facts: DatasetFacts | undefined;
  async function now(): Promise<DatasetFacts> {
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
  }
  return { now, genesis: async () => (facts ?? (await now())).genesis };
}
