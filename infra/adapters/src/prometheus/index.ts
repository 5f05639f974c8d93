// Telemetry as Prometheus text, by prom-client.
export * from "./prometheus-telemetry.ts";
