// The configuration and what is opened by it: the one way every process gets its ports.
export * from "./chosen-ports.ts";
export * from "./config-schema.ts";
export * from "./configuration-page.ts";
export * from "./data-folders.ts";
export * from "./http-server.ts";
export * from "./load-config.ts";
export * from "./metric-folders.ts";
export * from "./open-stack.ts";
export * from "./operations-server.ts";
export * from "./port-error.ts";
export * from "./required-dataset.ts";
export * from "./run-process.ts";
export * from "./setting-list.ts";
export * from "./sha256-hex.ts";
export * from "./show-config.ts";
export * from "./stack-ports.ts";
export * from "./thread-pool.ts";
