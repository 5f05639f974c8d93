// Cassandra as one node with one token: nothing to wait for when it joins itself.
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { jars } from "../fetch/maven.ts";
import type { ServerKind } from "../server.ts";
import { PREFIX } from "../settings.ts";
import { cassandraReady } from "../wire/cassandra-ready.ts";
import { classArchiveFlags } from "./class-archive.ts";
import { confTemplate, writeConf } from "./conf-file.ts";
import { findJava, jvmFlags } from "./java.ts";

/** What SimpleSnitch calls the only one. */
export const CASSANDRA_DATACENTER = "datacenter1";
const NEWEST_JAVA = 17;
const THREADS_A_CORE = 2;

export const cassandra: ServerKind = ({ settings, folders, plan }) => {
  const name = "cassandra";
  const { cassandra: port = 0, "cassandra-storage": storagePort = 0 } = plan.ports;
  const lib = jars(settings.cache, name);
  return [
    {
      name,
      ports: [
        { key: name, port, setting: `${PREFIX}CASSANDRA_PORT` },
        { key: `${name}-storage`, port: storagePort, setting: `${PREFIX}CASSANDRA_STORAGE_PORT` },
      ],
      fetch: lib.fetch,
      async start({ signal }) {
        const java = await findJava(name, NEWEST_JAVA, signal);
        const threads = THREADS_A_CORE * availableParallelism();
        const conf = writeConf(folders, "cassandra.yaml", "cassandra.yaml", {
          port,
          storagePort,
          threads,
          requestThreads: 2 * threads,
        });
        return {
          command: java.command,
          args: [
            `@${confTemplate("cassandra.jvm")}`,
            ...jvmFlags(settings.cassandraHeap),
            ...classArchiveFlags(folders, name, lib.folder, java),
            `-Dcassandra.config=${pathToFileURL(conf)}`,
            `-Dcassandra.storagedir=${join(folders.data, name)}`,
            `-Dcassandra.logdir=${folders.logs}`,
            `-Dlogback.configurationFile=${confTemplate("cassandra-logback.xml")}`,
            "-cp",
            `${lib.folder}/*`,
            "org.apache.cassandra.service.CassandraDaemon",
          ],
        };
      },
      ready: () => cassandraReady(port),
    },
  ];
};
