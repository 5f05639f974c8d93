// Connections to brokers by kafkajs, which brings TLS, SASL and version negotiation. A broker answers
// one connection's requests one after the other, so those that may wait long have a lane of their own.
// A connection that fails or is silent is destroyed; the next call makes another.
import { connect } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { TandemError } from "@tandem/shared-logic";
import Broker, { type Connection } from "kafkajs/src/broker/index.js";
import loggers from "kafkajs/src/loggers/index.js";
import ConnectionPool from "kafkajs/src/network/connectionPool.js";
import { asUnavailable, refusedLogin, typeOf } from "./kafka-errors.ts";
import type { KafkaSettings } from "./kafka-options.ts";
import { within } from "./time-limit.ts";
import { AnswerMemory } from "./wire/answer-memory.ts";
import { Frames } from "./wire/frames.ts";
import type { BrokerAddress } from "./wire/metadata-request.ts";
import type { WireRequest } from "./wire/request.ts";
import { WireReader } from "./wire/wire-reader.ts";

interface Lane {
  readonly broker: Broker;
  readonly connection: Connection;
  readonly ready: Promise<void>;
  readonly place: string;
}

/** `produce`, `read` and so on; one connection each and broker. */
export type LaneName = string;

const LOG_LEVELS = ["error", "warn", "info"] as const;

export class BrokerConnections {
  private readonly settings: KafkaSettings;
  private readonly logger: unknown;
  private readonly lanes = new Map<string, Lane>();
  private readonly memory = new AnswerMemory();
  private closed = false;

  constructor(settings: KafkaSettings) {
    this.settings = settings;
    this.logger = loggers.createLogger({
      level: 4,
      logCreator:
        () =>
        ({ label, log }) => {
          const level = LOG_LEVELS.find((l) => l === label.toLowerCase());
          if (level !== undefined) settings.log(level, `${log.message}`);
        },
    });
  }

  /** Sends one request of our own and reads its answer. */
  async send<T>(
    to: BrokerAddress,
    lane: LaneName,
    limitMs: number,
    request: WireRequest<T>,
  ): Promise<T> {
    const { apiKey, apiName, apiVersion, write, read } = request;
    return this.call(to, lane, limitMs, (broker, connection) => {
      const range = broker.versions?.[apiKey];
      if (
        range !== undefined &&
        !(range.minVersion <= apiVersion && apiVersion <= range.maxVersion)
      ) {
        throw new TandemError("configuration", {
          message: `${addressOf(to)} speaks ${apiName} ${range.minVersion} to ${range.maxVersion}; Tandem needs version ${apiVersion} (Kafka 2.3 or newer).`,
        });
      }
      return connection.send<T>({
        request: { apiKey, apiName, apiVersion, encode: async () => write() },
        response: {
          decode: async (payload) => ({ answer: read(new WireReader(payload)) }),
          parse: async (decoded) => (decoded as { answer: T }).answer,
        },
      });
    });
  }

  /** Runs one exchange on the lane; where it fails or is late, the lane is destroyed. */
  async call<T>(
    to: BrokerAddress,
    laneName: LaneName,
    limitMs: number,
    exchange: (broker: Broker, connection: Connection) => Promise<T>,
  ): Promise<T> {
    const key = `${to.nodeId} ${to.host}:${to.port} ${laneName}`;
    const lane = this.lane(key, to);
    const { place } = lane;
    try {
      const work = lane.ready.then(() => exchange(lane.broker, lane.connection));
      return await within(limitMs, place, work);
    } catch (error) {
      const refused = refusedLogin(error, place, this.settings.loginSettings);
      // A protocol error is an answer: the connection is well.
      const wellAnswered = refused === undefined && typeOf(error) !== undefined;
      if (!wellAnswered && this.lanes.get(key) === lane) this.drop(key, lane);
      if (refused) throw refused;
      throw wellAnswered ? error : asUnavailable(error, place);
    }
  }

  /** Nobody reads `bytes` of an answer any more, nor any other byte of it. */
  free(bytes: Uint8Array): void {
    this.memory.free(bytes);
  }

  close(): void {
    this.closed = true;
    for (const [key, lane] of this.lanes) this.drop(key, lane);
  }

  /** What calls that find no broker say. */
  describe(): string {
    return `Kafka at ${this.settings.brokers.join(", ")} (${this.settings.brokersSetting})`;
  }

  private lane(key: string, to: BrokerAddress): Lane {
    if (this.closed) throw new TandemError("log_unavailable", { message: "The log is closed." });
    const found = this.lanes.get(key);
    if (found?.connection.isConnected() === false && found.broker.versions !== null) {
      this.drop(key, found);
    } else if (found !== undefined) return found;
    const made = this.open(to);
    this.lanes.set(key, made);
    return made;
  }

  private open(to: BrokerAddress): Lane {
    const { connectTimeoutMs, callTimeoutMs, clientId, ssl, sasl, brokersSetting } = this.settings;
    const connectionPool = new ConnectionPool({
      host: to.host,
      port: to.port,
      ...(ssl === undefined ? {} : { ssl }),
      ...(sasl === undefined ? {} : { sasl }),
      clientId,
      logger: this.logger,
      socketFactory: (options: SocketOptions) => openSocket(options, this.memory),
      connectionTimeout: connectTimeoutMs,
      requestTimeout: callTimeoutMs,
      // `within` limits every call, without a timer that runs all the time.
      enforceRequestTimeout: false,
    });
    const [connection] = connectionPool.pool;
    if (connection === undefined) throw new TypeError("kafkajs made no connection");
    for (const each of connectionPool.pool) {
      stopIdleTimer(each.requestQueue);
      takeWholeFrames(each);
    }
    const broker = new Broker({
      connectionPool,
      logger: this.logger,
      nodeId: to.nodeId,
      authenticationTimeout: callTimeoutMs,
      allowAutoTopicCreation: false,
    });
    const ready = broker.connect();
    ready.catch(() => undefined);
    const place = `Kafka broker ${addressOf(to)} (${brokersSetting})`;
    return { broker, connection, ready, place };
  }

  private drop(key: string, { broker, place }: Lane): void {
    this.lanes.delete(key);
    for (const connection of broker.connectionPool.pool) {
      connection.rejectRequests(new Error(`${place}: the connection was given up`));
      connection.disconnect().catch(() => undefined);
      connection.socket?.destroy();
    }
  }
}

const addressOf = ({ host, port }: BrokerAddress): string => `${host}:${port}`;

/** kafkajs 2.2.4 rearms a timer of 1 ms for ever once a request was answered; needed only while requests wait. */
function stopIdleTimer(queue: Connection["requestQueue"]): void {
  const schedule = queue.scheduleCheckPendingRequests.bind(queue);
  queue.scheduleCheckPendingRequests = () => {
    if (queue.pending.length > 0) schedule();
  };
}

interface SocketOptions {
  readonly host: string;
  readonly port: number;
  readonly ssl?: ConnectionOptions | boolean;
  readonly onConnect: () => void;
}

/** kafkajs 2.2.4 copies every answer together from what the socket read; what `openSocket` reads is whole. */
function takeWholeFrames(connection: Connection): void {
  const login = connection.processData.bind(connection);
  connection.processData = (frame) => {
    if (connection.authHandlers) return login(frame);
    const correlationId = frame.readInt32BE(4);
    const payload = frame.subarray(8);
    connection.requestQueue.fulfillRequest({ size: frame.length - 4, correlationId, payload });
  };
}

function openSocket({ host, port, ssl, onConnect }: SocketOptions, memory: AnswerMemory) {
  const frames = new Frames(memory);
  const give = (frame: Buffer): void => void socket.emit("data", frame);
  const onread = {
    buffer: () => frames.room(),
    callback: (n: number): boolean => {
      try {
        frames.take(n, give);
      } catch (error) {
        socket.destroy(error instanceof Error ? error : new Error(String(error)));
      }
      return true;
    },
  };
  const at = { host, port, onread };
  const socket = ssl
    ? connectTls({ ...at, servername: host, ...(ssl === true ? {} : ssl) }, onConnect)
    : connect(at, onConnect);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 60_000);
  return socket;
}
