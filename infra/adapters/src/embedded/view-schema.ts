// Tables of the sqlite view store. (dataset, metric) and (metric, tenant, set) are coded as integers;
// rows cluster by the keys they are read by. Groups stay text: they are many and outlive no row.
import type { SqliteFile } from "./sqlite-file.ts";

const VIEW_FORMAT = 1;

const SCHEMA = `
CREATE TABLE metric(id INTEGER PRIMARY KEY, dataset TEXT NOT NULL, fp TEXT NOT NULL, UNIQUE(dataset, fp)) STRICT;
CREATE TABLE series(id INTEGER PRIMARY KEY, metric INTEGER NOT NULL, tenant TEXT NOT NULL, "set" INTEGER NOT NULL,
  UNIQUE(metric, tenant, "set")) STRICT;
CREATE TABLE speed(series INTEGER, start INTEGER, grp TEXT, partition INTEGER, segment INTEGER, doubt INTEGER,
  "to" INTEGER NOT NULL, events INTEGER NOT NULL, skipped INTEGER NOT NULL, state BLOB NOT NULL,
  PRIMARY KEY(series, start, grp, partition, segment, doubt)) STRICT, WITHOUT ROWID;
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

export const requireViewTables = (file: SqliteFile): void =>
  file.requireFormat("views", VIEW_FORMAT, SCHEMA);
