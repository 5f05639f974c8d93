// The cells that stand in the speed views of a workload, by tenant, event type and minute; one for each partition and doubt.
import {
  decodeBlock,
  type EpochMs,
  groupValues,
  type Metric,
  MINUTE_MS,
  type ViewStore,
} from "@tandem/shared-logic";
import { START_MS, TENANTS } from "./workload.ts";

const DAY = 86_400_000;

export interface SpeedCell {
  readonly tenant: string;
  readonly type: string;
  /** Since 1970. */
  readonly minute: number;
  readonly doubt: number;
  readonly events: number;
  readonly state: Uint8Array;
}

/** `tenantInside`: the tenant is the first dimension. */
export async function* speedCells(
  views: ViewStore,
  dataset: string,
  { fingerprint: fp }: Metric,
  tenantInside: boolean,
): AsyncGenerator<SpeedCell> {
  const tenants = tenantInside ? [""] : Array.from({ length: TENANTS }, (_, t) => `t${t}`);
  const [from, until] = [(START_MS - 4 * DAY) as EpochMs, (START_MS + 2 * DAY) as EpochMs];
  for (const known of tenants) {
    for (const row of await views.readSpeed({ dataset, fp, tenant: known, set: 1, from, until })) {
      const values = groupValues(row.group) ?? [];
      const tenant = (tenantInside ? values[0] : known) ?? "";
      const type = values.at(-1) ?? "";
      const { doubt } = row;
      for (const { cell, events, state } of decodeBlock(row.state))
        yield { tenant, type, minute: row.startMs / MINUTE_MS + cell, doubt, events, state };
    }
  }
}
