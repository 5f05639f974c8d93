// The view store on Cassandra.
export * from "./cassandra-options.ts";
export * from "./cassandra-view-store.ts";
export * from "./durability.ts";
export * from "./ensure-keyspace.ts";
