// An installation of its own on the real servers that the environment names: a configuration file with names
// nobody else has, the `tandem` command on it, and everything dropped at the end.
import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const MAIN = join(root, "infra/tandem/src/main.ts");
const DROP = join(root, "infra/adapters/test-real/stack/drop-installation.ts");
const SET_FORMAT = join(root, "infra/adapters/test-real/stack/set-keyspace-format.ts");

function environment(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: where are the real servers?`);
  return value;
}

type Sections = Readonly<Record<string, unknown>>;
/** Sections by name, and lists that stand beside them. */
export type Changes = Readonly<Record<string, Sections | readonly string[]>>;

/** As the file holds it; `changes` go over it, section by section. */
function settings(dataDir: string, id: string, changes: Changes): Sections {
  const base: Record<string, Sections | readonly string[] | string> = {
    stack: "real",
    dataDir,
    kafka: { brokers: environment("KAFKA_BOOTSTRAP").split(","), topicPrefix: `t${id}.` },
    cassandra: {
      contactPoints: environment("CASSANDRA_CONTACT_POINTS").split(","),
      datacenter: environment("CASSANDRA_DATACENTER"),
      keyspace: `t${id}`,
    },
    s3: {
      endpoint: environment("S3_ENDPOINT"),
      region: environment("S3_REGION"),
      bucket: `t${id}`,
      accessKey: environment("S3_ACCESS_KEY"),
      secretKey: environment("S3_SECRET_KEY"),
    },
    redis: { url: environment("REDIS_URL"), prefix: `t${id}` },
  };
  for (const [section, values] of Object.entries(changes)) {
    base[section] = Array.isArray(values)
      ? values
      : { ...(base[section] as Sections | undefined), ...values };
  }
  return base;
}

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const ran = (child: SpawnSyncReturns<string>): Ran => ({
  code: child.status,
  out: child.stdout,
  err: child.stderr,
});

export class Installation {
  readonly folder = mkdtempSync(join(tmpdir(), "tandem-real-"));
  readonly file = join(this.folder, "config.json");
  readonly dataDir = join(this.folder, "data");
  private readonly id = randomUUID().replaceAll("-", "").slice(0, 10);

  constructor(changes: Changes = {}) {
    this.configure(changes);
  }

  configure(changes: Changes, file = this.file): string {
    writeFileSync(file, JSON.stringify(settings(this.dataDir, this.id, changes)));
    return file;
  }

  /** The same installation with some other settings, as a further file. */
  variant(changes: Changes): string {
    return this.configure(changes, join(this.folder, `${randomUUID()}.json`));
  }

  /** `tandem …` to its end. */
  tandem(args: readonly string[], file = this.file): Ran {
    const options = { encoding: "utf8", timeout: 120_000 } as const;
    return ran(spawnSync(process.execPath, [MAIN, ...args, "--config", file], options));
  }

  /** A layer's main, for one that ends by itself. */
  async layer(main: string, args: readonly string[], file = this.file): Promise<Ran> {
    const child = spawn(process.execPath, [main, ...args, "--config", file], { cwd: root });
    let [out, err] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      err += chunk.toString();
    });
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { code, out, err };
  }

  /** What its keyspace, bucket and topics have in their names. */
  get name(): string {
    return `t${this.id}`;
  }

  /** As another version of the program would have left it. */
  setKeyspaceFormat(version: number): void {
    const args = ["--no-warnings", SET_FORMAT, this.file, String(version)];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
  }

  remove(): void {
    const dropped = spawnSync(process.execPath, ["--no-warnings", DROP, this.file], {
      encoding: "utf8",
    });
    process.stderr.write(dropped.stderr);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Ports that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer();
          server.listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
