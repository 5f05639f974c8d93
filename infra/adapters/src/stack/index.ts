// The configuration and what is opened by it: the one way every process gets its ports.
export * from "./config-schema.ts";
export * from "./configuration-page.ts";
export * from "./load-config.ts";
export * from "./setting-list.ts";
export * from "./show-config.ts";
