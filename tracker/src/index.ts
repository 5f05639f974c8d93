// Sends events from browsers, Node.js and React Native; no dependencies.
export * from "./options.ts";
export * from "./other-storages.ts";
export * from "./tracker.ts";
export * from "./web-storage.ts";
