// The collector, the spool and the archiver.

export * from "./archiver/archiver.ts";
export * from "./archiver/object-boundary.ts";
export * from "./archiver/report-archive.ts";
export * from "./bridge/bridge.ts";
export * from "./bridge/bridge-counters.ts";
export * from "./bridge/report-bridge.ts";
export * from "./collector/accept-events.ts";
export * from "./collector/collector-counters.ts";
export * from "./collector/collector-limits.ts";
export * from "./collector/collector-logger.ts";
export * from "./collector/cors.ts";
export * from "./collector/event-sink.ts";
export * from "./collector/http-handler.ts";
export * from "./collector/judge-event.ts";
export * from "./collector/listen.ts";
export * from "./collector/refusal.ts";
export * from "./collector/report-collector.ts";
export * from "./fsck/check-objects.ts";
export * from "./fsck/check-tiling.ts";
export * from "./fsck/read-listing.ts";
export * from "./fsck/repair-partition.ts";
export * from "./spool/known-by-spool.ts";
export * from "./spool/report-spool.ts";
export * from "./spool/spool-backlog.ts";
export * from "./spool/spool-limits.ts";
export * from "./spool/spooled-log.ts";
