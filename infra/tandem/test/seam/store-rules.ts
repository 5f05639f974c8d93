// Broken rules of flush, position, checkpoint and cut: what stores and workers must never do.
import {
  type CheckpointStore,
  type CutRow,
  cutKey,
  type LedgerRow,
  type Position,
  type StoredSpeedRow,
  type ViewStore,
} from "@tandem/shared-logic";
import type { Pause } from "./actor.ts";
import type { Planted, Rule } from "./broken-rule.ts";
import { changed } from "./port-wrappers.ts";
import { added } from "./seam-metrics.ts";
import { DATASET } from "./world.ts";

const rowKey = (r: StoredSpeedRow): string =>
  `${r.fp}|${r.startMs}|${r.partition}|${r.segment}|${r.doubt}|${r.set}|${r.group}`;

const lowerOverwrites: Rule = {
  name: "a row with a lower `to` overwrites",
  plant() {
    const newest = new Map<string, StoredSpeedRow>();
    return {
      views: (base) =>
        changed(base, {
          flush: async (f) => {
            await base.flush(f);
            for (const row of f.rows) {
              const stored = { ...row, partition: f.partition };
              newest.set(rowKey(stored), stored);
            }
          },
          readSpeed: async (q) =>
            (await base.readSpeed(q)).map((row) => newest.get(rowKey(row)) ?? row),
        }),
      power: () => newest.clear(),
    };
  },
};

const positionBack: Rule = {
  name: "the position may move back",
  plant() {
    const last = new Map<number, Position>();
    return {
      views: (base) =>
        changed(base, {
          flush: async (f) => {
            await base.flush(f);
            last.set(f.partition, { to: f.to, asOf: f.asOf });
          },
          positions: async (dataset, n) =>
            (await base.positions(dataset, n)).map((position, p) => last.get(p) ?? position),
        }),
      power: () => last.clear(),
    };
  },
};

const positionFirst: Rule = {
  name: "the position moves before the rows",
  plant: () => ({
    views: (base, { pause }) =>
      changed(base, {
        flush: async (f) => {
          await base.flush({ ...f, rows: [] });
          await pause();
          await base.flush(f);
        },
      }),
  }),
};

/** A worker's flush is said to be done, and happens when it next turns to the log: or never. */
function early(trusted: boolean): Planted {
  const late = new Map<Pause, () => Promise<void>>();
  const lately = async (pause: Pause): Promise<void> => {
    const flush = late.get(pause);
    late.delete(pause);
    await flush?.();
  };
  return {
    views: (base, { role, pause }) =>
      role === "worker"
        ? changed(base, {
            flush: async (f) => {
              await lately(pause);
              late.set(pause, () => base.flush(f));
            },
            ...(trusted ? { positions: (d, n) => blind(base, d, n) } : {}),
          })
        : base,
    log: (base, { pause }) =>
      changed(base, {
        read: async (dataset, p, from, maxBytes) => {
          await lately(pause);
          return base.read(dataset, p, from, maxBytes);
        },
      }),
  };
}

/** Hides from an opening worker that the store is behind its checkpoint. */
async function blind(
  views: ViewStore,
  dataset: string,
  n: number,
): Promise<(Position | undefined)[]> {
  const seen = await views.positions(dataset, n);
  return seen.map((p) => ({
    to: Number.MAX_SAFE_INTEGER,
    asOf: p?.asOf ?? (0 as Position["asOf"]),
  }));
}

const checkpointBeforeRows: Rule = {
  name: "a checkpoint before its rows are written, and an opening that trusts it",
  plant: () => early(true),
};

const noSync = (base: ViewStore): ViewStore => changed(base, { sync: async () => {} });

const checkpointUnsynced: Rule = {
  name: "a checkpoint without sync, and an opening that trusts it",
  plant: () => ({
    views: (base, { role }) =>
      role === "worker" ? changed(noSync(base), { positions: (d, n) => blind(base, d, n) }) : base,
  }),
};

const filterLost: Rule = {
  name: "the dedupe filter is not in the checkpoint",
  plant: () => ({
    checkpoints: (base) =>
      changed<CheckpointStore>(base, {
        get: async (name) => {
          const bytes = await base.get(name);
          if (name.endsWith("-recent")) return bytes && new Uint8Array(0);
          return name.includes("-generation-") ? bytes && new Uint8Array(bytes.length) : bytes;
        },
      }),
  }),
};

const byDeploy: Rule = {
  name: "a metric is activated by a deploy, not by a cut",
  plant: () => ({
    checkpoints: (base) =>
      changed<CheckpointStore>(base, {
        get: async (name) => {
          const bytes = await base.get(name);
          if (!bytes || !name.endsWith("/head")) return bytes;
          const head = JSON.parse(new TextDecoder().decode(bytes)) as { active: string[] };
          const active = [...new Set([...head.active, added.fingerprint])];
          return new TextEncoder().encode(JSON.stringify({ ...head, active }));
        },
      }),
  }),
};

const seqWithoutCas: Rule = {
  name: "a cut's seq is not taken by compare-and-set",
  plant: () => ({
    views: (base) =>
      changed(base, {
        cas: async (key, version, value) =>
          base.cas(
            key,
            key === cutKey(DATASET) ? ((await base.ledger(key))?.version ?? 0) : version,
            value,
          ),
      }),
  }),
};

const cutNotDurable: Rule = {
  name: "a cut's row is not durable before the first append",
  plant(world) {
    const key = cutKey(DATASET);
    let pending: LedgerRow | undefined;
    const settle = async (): Promise<void> => {
      const row = pending;
      pending = undefined;
      if (row) await world.views.cas(key, row.version - 1, row.value);
    };
    return {
      views: (base) =>
        changed(base, {
          ledger: async (k) => (k === key ? (pending ?? base.ledger(k)) : base.ledger(k)),
          cas: async (k, version, value) => {
            if (k !== key || (JSON.parse(value) as CutRow).done) {
              if (k === key && (pending?.version ?? version) !== version) return false;
              await settle();
              return base.cas(k, version, value);
            }
            const seen = pending ?? (await base.ledger(k));
            if ((seen?.version ?? 0) !== version) return false;
            await settle();
            pending = { key, version: version + 1, value };
            return true;
          },
          sync: async () => {
            await settle();
            return base.sync();
          },
        }),
      power: () => {
        pending = undefined;
      },
    };
  },
};

/** Each is broken alone: production code looks at the position when it opens, and folds anew. */
export const HELD_BY_POSITION: readonly Rule[] = [
  {
    name: "a checkpoint before its rows are written",
    plant: () => early(false),
  },
  {
    name: "a checkpoint without sync",
    plant: () => ({ views: (base, { role }) => (role === "worker" ? noSync(base) : base) }),
  },
];

export const STORE_RULES: readonly Rule[] = [
  lowerOverwrites,
  positionBack,
  positionFirst,
  checkpointBeforeRows,
  checkpointUnsynced,
  filterLost,
  byDeploy,
  seqWithoutCas,
  cutNotDurable,
];
