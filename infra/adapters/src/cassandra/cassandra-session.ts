// One session with a keyspace: prepared statements only, each request bounded in time, errors translated
// at this edge. Requests may be repeated by the driver unless they say otherwise.
import { setTimeout as sleep } from "node:timers/promises";
import type { Client, Host, QueryOptions, types } from "cassandra-driver";
import { type CassandraOptions, checkOptions, REQUEST_MS } from "./cassandra-options.ts";
import { DriverClient } from "./driver-client.ts";
import { isAnswer, nobodyAsked, openingError, translated } from "./driver-errors.ts";
import { RequestSlots } from "./request-slots.ts";

/** Nodes answer a few thousand at once; more would only wait there. */
const SLOTS = 512;
/** The driver's own limit is the first to strike, this one is for what it does not count. */
const GRACE_MS = 200;
const NOBODY_TRIES = 5;
const NOBODY_MS = 50;
const FIRST_PAGE_ROWS = 2_000;
const PAGE_BYTES = 2_000_000;
const PAGE_ROWS = 5_000;

export type Row = types.Row;
export type Parameters = readonly unknown[];
export interface Statement {
  readonly cql: string;
  readonly params: Parameters;
}

export class CassandraSession {
  readonly options: CassandraOptions;
  private readonly driver: DriverClient;
  private readonly slots = new RequestSlots(SLOTS);
  private readonly requestMs: number;

  private constructor(options: CassandraOptions, driver: DriverClient) {
    this.options = options;
    this.driver = driver;
    this.requestMs = options.requestMs ?? REQUEST_MS;
  }

  /** Without a keyspace, statements name theirs. */
  static async open(options: CassandraOptions, keyspace?: string): Promise<CassandraSession> {
    checkOptions(options);
    try {
      return new CassandraSession(options, await DriverClient.open(options, keyspace));
    } catch (error) {
      throw openingError(error, options);
    }
  }

  /** Nodes of the data center that are up. */
  hosts(): readonly Host[] {
    const hosts = this.driver.current.hosts.values();
    return hosts.filter((h) => h.isUp() && h.datacenter === this.options.datacenter);
  }

  /** The rows of the first page, which is all of them where the statement can give but few. */
  async run(cql: string, params: Parameters, options: QueryOptions = {}): Promise<readonly Row[]> {
    const result = await this.execute(cql, params, options);
    if (result.pageState) throw new RangeError(`more than a page of rows: ${cql}`);
    return result.rows ?? [];
  }

  /** All rows, page after page, as small in bytes as their rows are large. */
  async *pages(cql: string, params: Parameters): AsyncGenerator<readonly Row[], void> {
    let fetchSize = FIRST_PAGE_ROWS;
    let pageState: string | undefined;
    do {
      const page: QueryOptions = { fetchSize, ...(pageState === undefined ? {} : { pageState }) };
      const result = await this.execute(cql, params, page);
      // Absent, not undefined, where nothing follows; a page without rows may have one after it.
      pageState = result.pageState || undefined;
      const rows = result.rows ?? [];
      if (rows.length > 0) {
        yield rows;
        fetchSize = nextFetchSize(rows);
      }
    } while (pageState !== undefined);
  }

  /** Statements of one partition, applied as one. */
  async batch(statements: readonly Statement[]): Promise<void> {
    const queries = statements.map(({ cql, params }) => ({ query: cql, params: [...params] }));
    const options = { prepare: true, logged: false, isIdempotent: true };
    await this.request((client) => client.batch(queries, options), this.requestMs);
  }

  execute(cql: string, params: Parameters, options: QueryOptions = {}): Promise<types.ResultSet> {
    const all = { prepare: true, isIdempotent: true, ...options };
    const limitMs = options.readTimeout ?? this.requestMs;
    return this.request((client) => client.execute(cql, [...params], all), limitMs);
  }

  private async request<T>(send: (client: Client) => Promise<T>, limitMs: number): Promise<T> {
    try {
      const answer = await this.slots.run(limitMs + GRACE_MS, () => this.patiently(send));
      this.driver.reached();
      return answer;
    } catch (error) {
      if (!isAnswer(error)) this.driver.unreachable();
      throw translated(error, this.options);
    }
  }

  /** Tries again for a moment where no node was asked: it may be just coming back. */
  private async patiently<T>(send: (client: Client) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await send(this.driver.current);
      } catch (error) {
        if (!nobodyAsked(error) || tries === NOBODY_TRIES) throw error;
        await sleep(NOBODY_MS);
      }
    }
  }

  close(): Promise<void> {
    return this.driver.close();
  }
}

function nextFetchSize(rows: readonly Row[]): number {
  let bytes = 0;
  for (const row of rows) {
    const blob: unknown = row["body"] ?? row["state"];
    bytes += 64 + (blob instanceof Uint8Array ? blob.length : 0);
  }
  return Math.max(10, Math.min(PAGE_ROWS, Math.floor((PAGE_BYTES * rows.length) / bytes)));
}
