// The parts of kafkajs below its public API that this folder stands on: connections with TLS, SASL and
// version negotiation. Its producer, consumer and admin are not used (see broker-connections.ts).

declare module "kafkajs/src/broker/index.js" {
  export interface Connection {
    readonly requestQueue: {
      scheduleCheckPendingRequests(): void;
      readonly pending: unknown[];
      fulfillRequest(answer: {
        readonly size: number;
        readonly correlationId: number;
        readonly payload: Buffer;
      }): void;
    };
    /** Not null while it logs in. */
    readonly authHandlers: object | null;
    processData(bytes: Buffer): void;
    readonly socket?: import("node:net").Socket;
    isConnected(): boolean;
    disconnect(): Promise<unknown>;
    rejectRequests(error: Error): void;
    send<T>(protocol: {
      request: {
        apiKey: number;
        apiVersion: number;
        apiName: string;
        encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>;
      };
      response: {
        decode(payload: Buffer): Promise<unknown>;
        parse(decoded: unknown): Promise<T>;
      };
      logResponseError?: boolean;
    }): Promise<T>;
  }
  interface TopicPartitions<P> {
    readonly topic: string;
    readonly partitions: readonly P[];
  }
  export default class Broker {
    constructor(options: {
      connectionPool: import("kafkajs/src/network/connectionPool.js").default;
      logger: unknown;
      nodeId: number;
      authenticationTimeout: number;
      allowAutoTopicCreation: boolean;
    });
    readonly connectionPool: import("kafkajs/src/network/connectionPool.js").default;
    readonly versions: Readonly<
      Record<number, { readonly minVersion: number; readonly maxVersion: number }>
    > | null;
    connect(): Promise<void>;
    initProducerId(options: {
      transactionalId?: string;
      transactionTimeout?: number;
    }): Promise<{ readonly producerId: string; readonly producerEpoch: number }>;
    listOffsets(options: {
      isolationLevel: number;
      topics: readonly TopicPartitions<{ partition: number; timestamp: number }>[];
    }): Promise<{
      readonly responses: readonly TopicPartitions<{ partition: number; offset: string }>[];
    }>;
    createTopics(options: {
      topics: readonly {
        topic: string;
        numPartitions: number;
        replicationFactor: number;
        configEntries: readonly { name: string; value: string }[];
      }[];
      timeout: number;
    }): Promise<unknown>;
    deleteTopics(options: { topics: readonly string[]; timeout: number }): Promise<unknown>;
    deleteRecords(options: {
      topics: readonly TopicPartitions<{ partition: number; offset: string }>[];
    }): Promise<unknown>;
    findGroupCoordinator(options: { groupId: string; coordinatorType: number }): Promise<{
      readonly coordinator: {
        readonly nodeId: number;
        readonly host: string;
        readonly port: number;
      };
    }>;
    offsetFetch(options: {
      groupId: string;
      topics: readonly TopicPartitions<{ partition: number }>[];
    }): Promise<{
      readonly responses: readonly TopicPartitions<{ partition: number; offset: string }>[];
    }>;
    offsetCommit(options: {
      groupId: string;
      groupGenerationId: number;
      memberId: string;
      topics: readonly TopicPartitions<{ partition: number; offset: string }>[];
    }): Promise<unknown>;
    joinGroup(options: {
      groupId: string;
      sessionTimeout: number;
      rebalanceTimeout: number;
      memberId: string;
      groupProtocols: readonly { name: string; metadata: Buffer }[];
    }): Promise<{
      readonly generationId: number;
      readonly leaderId: string;
      readonly memberId: string;
      readonly members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[];
    }>;
    syncGroup(options: {
      groupId: string;
      generationId: number;
      memberId: string;
      groupAssignment: readonly { memberId: string; memberAssignment: Buffer }[];
    }): Promise<{ readonly memberAssignment: Buffer }>;
    heartbeat(options: {
      groupId: string;
      groupGenerationId: number;
      memberId: string;
    }): Promise<unknown>;
    leaveGroup(options: { groupId: string; memberId: string }): Promise<unknown>;
  }
}

declare module "kafkajs/src/network/connectionPool.js" {
  import type { SASLOptions } from "kafkajs";
  import type { Connection } from "kafkajs/src/broker/index.js";
  export default class ConnectionPool {
    constructor(options: {
      host: string;
      port: number;
      ssl?: import("node:tls").ConnectionOptions | boolean;
      sasl?: SASLOptions;
      clientId: string;
      logger: unknown;
      socketFactory: unknown;
      connectionTimeout: number;
      requestTimeout: number;
      enforceRequestTimeout: boolean;
    });
    readonly pool: readonly Connection[];
  }
}

declare module "kafkajs/src/loggers/index.js" {
  const loggers: {
    createLogger(options: { level: number; logCreator: import("kafkajs").logCreator }): unknown;
  };
  export default loggers;
}
