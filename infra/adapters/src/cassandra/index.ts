// The view store on Cassandra.
export type { CassandraOptions } from "./cassandra-options.ts";
export * from "./cassandra-view-store.ts";
export type { Durability } from "./durability.ts";
export * from "./ensure-keyspace.ts";
