// Typed client of the query API; fetch only.
export * from "./live.ts";
