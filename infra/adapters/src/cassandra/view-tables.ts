// Tables of the view store in a keyspace of Cassandra 5 (format 1), with the compaction of each and why.
// No TTL, no counter, no secondary index; every partition has a bound. Rows that say "the highest wins"
// are written USING TIMESTAMP = the number that decides (`to`, `below`), so that Cassandra's own merge is
// the rule of the contract. That is why no table uses time-window compaction: timestamps are offsets.

export const VIEW_FORMAT = 1;

/**
 * Overwritten again and again while they are read: leveled, so that a read touches few files. Dropped rows
 * are named in `dropped`, so one that a sleeping replica brings back does no harm: tombstones may go
 * after a day.
 */
const OVERWRITTEN = `compaction = {'class': 'UnifiedCompactionStrategy', 'scaling_parameters': 'L10'}
  AND gc_grace_seconds = 86400`;
/** Written once, read as whole partitions, deleted as whole partitions: tiered writes them the fewest times. */
const WRITTEN_ONCE = `compaction = {'class': 'UnifiedCompactionStrategy', 'scaling_parameters': 'T4'}`;
/** Few, small, read at every query: leveled. */
const SMALL = `compaction = {'class': 'UnifiedCompactionStrategy', 'scaling_parameters': 'L4'}`;

export const VIEW_TABLES: Readonly<Record<string, string>> = {
  // Speed rows. A partition is what one log partition adds to one tenant's grouping set in one slot of a
  // day (speed-slots.ts): a drop deletes whole ones, and 10,000 groups stay below 100,000 rows. `body` is
  // one cell (speed-body.ts): no merge ever mixes two states of a row.
  speed: `dataset text, fp text, tenant text, "set" int, slot int, partition int,
    grp text, start bigint, segment bigint, doubt int, body blob,
    PRIMARY KEY ((dataset, fp, tenant, "set", slot, partition), grp, start, segment, doubt)) WITH ${OVERWRITTEN}`,
  // Which partitions of `speed` have rows: for readers, who do not know the log's partitions …
  speed_slot: `dataset text, fp text, tenant text, "set" int, day int, partition int, slot int,
    PRIMARY KEY ((dataset, fp, tenant, "set"), day, partition, slot)) WITH ${OVERWRITTEN}`,
  // … and for drops, which do not know the tenants.
  speed_series: `dataset text, fp text, day int, partition int, tenant text, "set" int, slot int,
    PRIMARY KEY ((dataset, fp, day), partition, tenant, "set", slot)) WITH ${OVERWRITTEN}`,
  position: `dataset text, partition int, "to" bigint, as_of bigint,
    PRIMARY KEY (dataset, partition)) WITH ${SMALL}`,
  start: `dataset text, fp text, partition int, at bigint,
    PRIMARY KEY ((dataset, fp), partition)) WITH ${SMALL}`,
  // An era is 256 days, so that a partition is bounded.
  dropped: `dataset text, fp text, era int, day int, partition int, below bigint,
    PRIMARY KEY ((dataset, fp, era), day, partition)) WITH ${SMALL}`,
  // Run rows. A slice is a part of a grouping set's groups, chosen by their hash (cassandra-run-views.ts).
  // `value`: decimal text, 'null' for no value, absent for cells of the reach.
  run_row: `run text, tenant text, "set" int, grain text, slice int,
    grp text, start bigint, events bigint, skipped bigint, value text, state blob,
    PRIMARY KEY ((run, tenant, "set", grain, slice), grp, start)) WITH ${WRITTEN_ONCE}`,
  // Which partitions of `run_row` a run has: for reading back and removing without a scan.
  run_slice: `run text, tenant text, "set" int, grain text, slice int,
    PRIMARY KEY (run, tenant, "set", grain, slice)) WITH ${WRITTEN_ONCE}`,
  // Rows that change only by compare-and-set, by the folder of their key. `attempt` tells whose write stands.
  ledger: `folder text, key text, version bigint, value text, attempt text,
    PRIMARY KEY (folder, key)) WITH ${SMALL}`,
  ledger_folder: `shelf int, folder text, PRIMARY KEY (shelf, folder)) WITH ${SMALL}`,
};

/** Made first, written last: the row that says a keyspace is whole, and of which format. */
export const META_TABLE = "meta";
export const META_COLUMNS = `name text PRIMARY KEY, value text) WITH ${SMALL}`;
export const FORMAT_ROW = "format/views";
