// Every setting there is: its type, default, unit and what it is for. Environment names, the refusal of
// unknown names, `tandem config show` and docs/configuration.md all follow from this one declaration.
import { z } from "zod";
import { retentionSection } from "./retention-settings.ts";
import { as, section } from "./setting.ts";

const text = z.string().min(1);
const name = z.string().regex(/^[A-Za-z0-9._-]{1,100}$/, "letters, digits and . _ - (at most 100)");
const host = z.string().regex(/^[A-Za-z0-9.:_-]+$/, "a host name or address");
const address = z
  .string()
  .regex(/^(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/, "host or host:port");
const port = z.int().min(0).max(65_535);
const whole = z.int().min(0);
const some = z.int().min(1);
const secret = text;
const DAY_MS = 86_400_000;
const byStack = "embedded or real, as `stack` says";

export const configSchema = z.strictObject({
  stack: as(
    z.enum(["embedded", "real"]).default("embedded"),
    "Which adapters serve the ports: files and sqlite, or Kafka, Cassandra, S3 and Redis.",
  ),
  ports: section({
    log: as(z.enum(["file", "kafka", "rdkafka"]).optional(), "Event log.", {
      otherwise: "`file` embedded, `kafka` real",
    }),
    views: as(z.enum(["sqlite", "cassandra"]).optional(), "View store and ledger.", {
      otherwise: byStack,
    }),
    objects: as(z.enum(["folder", "s3"]).optional(), "Archive and partial states.", {
      otherwise: byStack,
    }),
    checkpoints: as(z.enum(["files", "s3"]).optional(), "Checkpoints of the speed layer.", {
      otherwise: byStack,
    }),
    jobs: as(z.enum(["sqlite", "bullmq"]).optional(), "Batch jobs.", { otherwise: byStack }),
  }),
  dataDir: as(
    text.default("./.tandem"),
    "Folder of the embedded adapters, spools and process files.",
  ),
  kernels: as(
    z.enum(["fast", "js"]).default("fast"),
    "How bytes are worked on: `fast` by WebAssembly with SIMD where the engine has it, `js` in plain JavaScript. The results are the same.",
  ),
  tenant: as(name.default("default"), "Tenant that commands work for."),
  metricFolders: as(z.array(text).default([]), "Further folders of metric files."),
  logLevel: as(
    z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
    "Least severity that a layer's process logs.",
  ),
  dataset: section({
    name: as(
      name.default("events"),
      "Dataset that metrics name, and (after the prefix) its Kafka topic.",
    ),
    partitions: as(
      z.int().min(1).max(1000).default(4),
      "Partitions of a dataset created by `tandem setup`; an existing one must have as many.",
    ),
  }),
  kafka: section({
    brokers: as(z.array(address).min(1).default(["127.0.0.1:9092"]), "Bootstrap brokers."),
    clientId: as(name.default("tandem"), "Name under which brokers know this process."),
    topicPrefix: as(
      z
        .string()
        .regex(/^[A-Za-z0-9._-]{0,100}$/, "letters, digits and . _ -")
        .default(""),
      "Begins every topic's name, so that installations share a cluster.",
    ),
    replication: as(
      z.int().min(1).max(32).default(1),
      "Copies of each partition of topics created here; 3 where no acknowledged event may be lost with a broker.",
    ),
    retentionMs: as(
      whole.default(7 * DAY_MS),
      "How long topics created here keep records; 0 keeps them for ever.",
      { unit: "ms" },
    ),
    compression: as(
      z.enum(["none", "gzip", "zstd"]).default("none"),
      "Compression of produced batches; with the log `rdkafka`, zstd only where it was compiled in.",
    ),
    notifications: as(
      z.boolean().default(true),
      "Copy late events, dead letters and which cells changed to topics of their own, for whoever listens.",
    ),
    tls: as(z.boolean().default(false), "Talk to brokers over TLS."),
    saslMechanism: as(
      z.enum(["none", "plain", "scram-sha-256", "scram-sha-512"]).default("none"),
      "How to log in at the brokers.",
    ),
    username: as(text.optional(), "User name at the brokers."),
    password: as(secret.optional(), "Password at the brokers.", { secret: true }),
  }),
  cassandra: section({
    contactPoints: as(z.array(address).min(1).default(["127.0.0.1:9042"]), "Nodes to begin with."),
    datacenter: as(name.default("datacenter1"), "Local data centre."),
    keyspace: as(
      z
        .string()
        .regex(/^[a-z][a-z0-9_]{0,47}$/, "a lower-case keyspace name")
        .default("tandem"),
      "Keyspace of the views; holds its format version.",
    ),
    replicas: as(
      z.int().min(1).max(32).default(1),
      "Copies of each row in a keyspace created by `tandem setup`.",
    ),
    tls: as(z.boolean().default(false), "Talk to nodes over TLS."),
    username: as(text.optional(), "User name."),
    password: as(secret.optional(), "Password.", { secret: true }),
  }),
  s3: section({
    endpoint: as(z.url().optional(), "Address of the S3 server.", {
      otherwise: "that of the region",
    }),
    region: as(name.default("us-east-1"), "Region."),
    bucket: as(
      z
        .string()
        .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "a bucket name")
        .default("tandem"),
      "Bucket of archive, partial states and checkpoints.",
    ),
    prefix: as(
      z
        .string()
        .regex(/^[A-Za-z0-9._=@-]+(\/[A-Za-z0-9._=@-]+)*$/, "folders with / between")
        .optional(),
      "Folder inside the bucket, without a slash at its ends.",
    ),
    accessKey: as(secret.optional(), "Access key.", {
      secret: true,
      otherwise: "the machine's AWS credentials",
    }),
    secretKey: as(secret.optional(), "Secret key.", { secret: true }),
    pathStyle: as(
      z.boolean().optional(),
      "Bucket in the path of addresses, as most servers other than AWS want it.",
      { otherwise: "`true` where an endpoint is set" },
    ),
  }),
  redis: section({
    url: as(
      z
        .url({ protocol: /^rediss?$/ })
        .refine(
          (url) => !/\/\/[^/]*@/.test(url),
          "no user or password: they have settings of their own",
        )
        .default("redis://127.0.0.1:6379"),
      "Redis of the job queue; must not evict (`maxmemory-policy noeviction`).",
    ),
    username: as(text.optional(), "User name."),
    password: as(secret.optional(), "Password.", { secret: true }),
    prefix: as(name.default("tandem"), "Prefix of every key."),
  }),
  collector: section({
    host: as(host.default("127.0.0.1"), "Address to listen on."),
    port: as(port.default(8080), "Port; 0 picks a free one."),
    bodyBytes: as(some.default(5_000_000), "Largest body of a request.", { unit: "bytes" }),
    decodedBytes: as(some.default(20_000_000), "Largest body once decompressed.", {
      unit: "bytes",
    }),
    eventsPerRequest: as(some.default(10_000), "Most events of one request."),
    heldBytes: as(some.default(256_000_000), "Bodies held in memory by all requests together.", {
      unit: "bytes",
    }),
    eventsPerSecond: as(whole.default(0), "Rate limit of one API key; 0: none.", {
      unit: "events/s",
    }),
    burstEvents: as(
      some.default(10_000),
      "Events a rate-limited key may send at once after a pause.",
    ),
  }),
  serving: section({
    host: as(host.default("127.0.0.1"), "Address to listen on."),
    port: as(port.default(8090), "Port; 0 picks a free one."),
    queryMs: as(
      some.default(5_000),
      "Longest that a query may take in a serving process before the last known good answer is given (`stale_since`); where there is none it may take twice as long, then 503.",
      { unit: "ms" },
    ),
    queryCells: as(
      some.default(200_000_000),
      "Cells that one request may read, by the estimate that its answer has as `cost`; beyond it is refused with 422 and the estimate.",
    ),
    queryMetrics: as(some.default(20), "Metrics that one request may ask for."),
    runRowBytes: as(
      z.number().int().min(0).default(67_108_864),
      "Memory for rows of runs, which never change, kept for a minute between queries; 0 keeps none.",
      { unit: "bytes" },
    ),
    speedRowBytes: as(
      z.number().int().min(0).default(67_108_864),
      "Memory for speed rows, kept between queries so that asking again reads what was flushed since, and read anew after a minute; 0 keeps none.",
      { unit: "bytes" },
    ),
    cursorSecret: as(
      secret.optional(),
      "What cursors of pages are signed with, the same in all serving processes.",
      { secret: true, otherwise: "one made at random, kept in the view store" },
    ),
  }),
  operations: section({
    host: as(host.default("127.0.0.1"), "Address of the Prometheus and health endpoint."),
    port: as(port.default(0), "Its port; 0 picks a free one."),
  }),
  spool: section({
    enabled: as(
      z.boolean().default(true),
      "Keep events on disk while Kafka does not take them; off: the collector answers 503.",
    ),
    dir: as(text.optional(), "Folder of this process alone.", {
      otherwise: "`collector-<port>/spool` in `dataDir`",
    }),
    maxBytes: as(
      some.default(1_000_000_000),
      "Most bytes of events that wait; beyond them 503. The folder takes up to 4 MB for each partition more.",
      {
        unit: "bytes",
      },
    ),
  }),
  bridge: section({
    topic: as(
      name.optional(),
      "Kafka topic of somebody else's, one event as plain JSON per record, that `ingest/main.ts bridge` brings into the dataset.",
    ),
    tenant: as(name.optional(), "Tenant whose events these are.", { otherwise: "`tenant`" }),
    group: as(
      name.default("tandem-bridge"),
      "Whose offsets these are, and the group that shares the topic's partitions; a new name begins at the topic's start.",
    ),
    received: as(
      z.enum(["now", "event"]).default("now"),
      "When an event counts as received: now as the collector says, or as an import when the event says or happened.",
    ),
  }),
  speed: section({
    flushMs: as(some.default(100), "Longest wait between folding a record and showing it.", {
      unit: "ms",
    }),
    checkpointMs: as(some.default(15_000), "Time between checkpoints.", { unit: "ms" }),
  }),
  archive: section({
    records: as(some.default(100_000), "Records after which an archive object ends."),
    sizeBytes: as(some.default(33_554_432), "Bytes of records after which it ends.", {
      unit: "bytes",
    }),
  }),
  batch: section({
    graceMs: as(whole.default(300_000), "How long after its end a day is sealed.", { unit: "ms" }),
    everyMs: as(some.default(60_000), "Time between looks at what is to be done.", { unit: "ms" }),
    archiveMs: as(some.default(120_000), "Longest wait for the archive to reach a cut.", {
      unit: "ms",
    }),
    threads: as(z.int().min(0).max(64).optional(), "Worker threads of one process; 0: none.", {
      otherwise: "half of the cores, at least 1",
    }),
    daysAtOnce: as(
      z.int().min(1).max(64).default(4),
      "Days that a batch run has under way at once.",
    ),
    units: as(z.int().min(1).max(64).default(2), "Units one process works on at once."),
  }),
  retention: retentionSection,
  processes: section({
    collectorPorts: as(
      z.array(port.min(1)).default([8080]),
      "One collector process for each port.",
    ),
    servingPorts: as(z.array(port.min(1)).default([8090]), "One serving process for each port."),
    speed: as(whole.default(1), "Speed worker processes."),
    archive: as(whole.default(1), "Archiver processes."),
    batch: as(whole.default(1), "Batch processes."),
    operationsPort: as(
      port.min(1).default(9400),
      "Operations port of the first process; the others follow.",
    ),
  }),
});

export type TandemConfig = z.output<typeof configSchema>;
