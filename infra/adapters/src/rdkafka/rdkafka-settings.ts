// The adapter's settings in librdkafka's names (github.com/confluentinc/librdkafka, CONFIGURATION.md).
import { TandemError } from "@tandem/shared-logic";
import type { KafkaSettings } from "../kafka/kafka-options.ts";
import type { RdKafka, RdSettings } from "./rdkafka-module.ts";

function clientSettings(settings: KafkaSettings): RdSettings {
  const { brokers, clientId, connectTimeoutMs, ssl, sasl } = settings;
  if (typeof ssl === "object") {
    throw new TandemError("configuration", {
      message: 'The event log "rdkafka" takes TLS on or off; for own certificates choose "kafka".',
    });
  }
  return {
    "bootstrap.servers": brokers.join(","),
    "client.id": clientId,
    "socket.connection.setup.timeout.ms": Math.max(1000, connectTimeoutMs),
    "socket.nagle.disable": true,
    "allow.auto.create.topics": false,
    "security.protocol": `${sasl === undefined ? "" : "sasl_"}${ssl === true ? "ssl" : "plaintext"}`,
    ...(sasl === undefined ? {} : saslSettings(sasl)),
  };
}

function saslSettings(sasl: NonNullable<KafkaSettings["sasl"]>): RdSettings {
  if (!("username" in sasl)) {
    throw new TandemError("configuration", {
      message: `The event log "rdkafka" knows plain and scram logins, not ${sasl.mechanism}.`,
    });
  }
  return {
    "sasl.mechanism": sasl.mechanism.toUpperCase(),
    "sasl.username": sasl.username,
    "sasl.password": sasl.password,
  };
}

/** Throws `configuration` where librdkafka was compiled without it: each append would fail, and be tried again. */
export function mustCompress(
  { compression }: KafkaSettings,
  { features }: Pick<RdKafka, "features">,
): void {
  if (compression === "none" || features.includes(compression)) return;
  throw new TandemError("configuration", {
    message: `kafka.compression (TANDEM_KAFKA_COMPRESSION): node-rdkafka was compiled without ${compression}; choose none or gzip, or run \`make rdkafka\` where lib${compression} is installed for developing.`,
    details: { setting: "kafka.compression" },
  });
}

export function producerSettings(settings: KafkaSettings): RdSettings {
  const { appendTimeoutMs, lingerMs, maxBatchBytes, maxOutstandingBytes, compression } = settings;
  return {
    ...clientSettings(settings),
    "enable.idempotence": true,
    acks: -1,
    dr_cb: true,
    "linger.ms": lingerMs,
    "batch.size": maxBatchBytes,
    // Nobody waits longer for it.
    "message.timeout.ms": Math.max(1000, appendTimeoutMs),
    "queue.buffering.max.kbytes": Math.max(1, Math.floor(maxOutstandingBytes / 1024)),
    "queue.buffering.max.messages": 1_000_000,
    "compression.codec": compression,
  };
}

export function consumerSettings(settings: KafkaSettings): RdSettings {
  return {
    ...clientSettings(settings),
    // Needed by name; nothing is ever joined or committed under it.
    "group.id": `${settings.clientId}-reader`,
    "enable.auto.commit": false,
    "enable.auto.offset.store": false,
    "enable.partition.eof": true,
    "isolation.level": "read_committed",
    "check.crcs": true,
    "fetch.wait.max.ms": 100,
    "fetch.queue.backoff.ms": 5,
    "queued.max.messages.kbytes": 16_384,
    "fetch.message.max.bytes": Math.min(settings.maxFetchBytes, 4 * 1024 * 1024),
  };
}
