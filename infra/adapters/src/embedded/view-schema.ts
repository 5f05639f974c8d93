// Tables of the sqlite view store. (dataset, metric) and (metric, tenant, set) are coded as integers;
// rows cluster by the keys they are written and read by. Groups stay text: they are many and outlive no row.
import type { SqliteFile } from "./sqlite-file.ts";

const VIEW_FORMAT = 2;

/** Partitions come first: a flush is of one, and finds its rows in pages of its own. */
const speedTable = (name: string): string => `
CREATE TABLE ${name}(partition INTEGER, series INTEGER, start INTEGER, grp TEXT, segment INTEGER, doubt INTEGER,
  "to" INTEGER NOT NULL, events INTEGER NOT NULL, skipped INTEGER NOT NULL, state BLOB NOT NULL,
  PRIMARY KEY(partition, series, start, grp, segment, doubt)) STRICT, WITHOUT ROWID;`;

const SCHEMA = `
CREATE TABLE metric(id INTEGER PRIMARY KEY, dataset TEXT NOT NULL, fp TEXT NOT NULL, UNIQUE(dataset, fp)) STRICT;
CREATE TABLE series(id INTEGER PRIMARY KEY, metric INTEGER NOT NULL, tenant TEXT NOT NULL, "set" INTEGER NOT NULL,
  UNIQUE(metric, tenant, "set")) STRICT;
${speedTable("speed")}
CREATE TABLE position(dataset TEXT, partition INTEGER, "to" INTEGER NOT NULL, asOf INTEGER NOT NULL,
  PRIMARY KEY(dataset, partition)) STRICT, WITHOUT ROWID;
CREATE TABLE start(metric INTEGER, partition INTEGER, at INTEGER NOT NULL,
  PRIMARY KEY(metric, partition)) STRICT, WITHOUT ROWID;
CREATE TABLE dropped(metric INTEGER, day INTEGER, partition INTEGER, below INTEGER NOT NULL,
  PRIMARY KEY(metric, day, partition)) STRICT, WITHOUT ROWID;
CREATE TABLE run(id INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, tenant TEXT NOT NULL, "set" INTEGER NOT NULL,
  grain INTEGER NOT NULL, UNIQUE(run, tenant, "set", grain)) STRICT;
CREATE TABLE run_row(run INTEGER, start INTEGER, grp TEXT, events INTEGER NOT NULL, skipped INTEGER NOT NULL,
  value ANY, state BLOB NOT NULL, PRIMARY KEY(run, start, grp)) STRICT, WITHOUT ROWID;
CREATE TABLE ledger(key TEXT PRIMARY KEY, version INTEGER NOT NULL, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES ('syncs', 0);
`;

/** In format 1 partitions came after groups. Copied in the order of the new key, which fills pages. */
const FROM_1 = `${speedTable("speed_2")}
INSERT INTO speed_2
  SELECT partition, series, start, grp, segment, doubt, "to", events, skipped, state FROM speed
  ORDER BY partition, series, start, grp, segment, doubt;
DROP TABLE speed;
ALTER TABLE speed_2 RENAME TO speed;
`;

export const requireViewTables = (file: SqliteFile): void =>
  file.requireFormat("views", VIEW_FORMAT, SCHEMA, new Map([[1, FROM_1]]));
