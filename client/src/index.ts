// Typed client of the query API; fetch only.
export * from "./answer.ts";
export * from "./api-error.ts";
export * from "./catalogue.ts";
export * from "./create-client.ts";
export * from "./live.ts";
export * from "./question.ts";
export * from "./reconciliation.ts";
export * from "./system.ts";
