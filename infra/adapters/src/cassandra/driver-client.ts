// The driver's client, kept alive. Version 4.10 of the driver, when it has lost every node, looks its contact
// points up again and makes each host a second time, with listeners and sockets of its own: they double
// with every outage and keep the process from ending. So the contact points are taken from it once it is
// connected; it then waits for the hosts it knows. A client without any answer for long is replaced: names
// may mean other addresses by then, and the driver notices a dead connection late while it is sent on.
import { Client } from "cassandra-driver";
import { type CassandraOptions, RENEW_AFTER_MS, REQUEST_MS } from "./cassandra-options.ts";
import { driverOptions } from "./driver-options.ts";
import { RequestSlots } from "./request-slots.ts";

const OPEN_LIMITS = 2.5;

export class DriverClient {
  private readonly options: CassandraOptions;
  private readonly keyspace: string | undefined;
  private client: Client;
  private unreachableSince: number | undefined;
  private renewing = false;
  private closed = false;

  private constructor(options: CassandraOptions, keyspace: string | undefined, client: Client) {
    this.options = options;
    this.keyspace = keyspace;
    this.client = client;
  }

  static async open(options: CassandraOptions, keyspace?: string): Promise<DriverClient> {
    return new DriverClient(options, keyspace, await connected(options, keyspace));
  }

  get current(): Client {
    return this.client;
  }

  reached(): void {
    this.unreachableSince = undefined;
  }

  /** Called where a request had no answer, or no node to go to. */
  unreachable(): void {
    const now = performance.now();
    this.unreachableSince ??= now;
    const long = now - this.unreachableSince >= (this.options.renewAfterMs ?? RENEW_AFTER_MS);
    if (!long || this.renewing || this.closed) return;
    this.renewing = true;
    void this.renew().finally(() => {
      this.renewing = false;
    });
  }

  private async renew(): Promise<void> {
    let fresh: Client;
    try {
      fresh = await connected(this.options, this.keyspace);
    } catch {
      return; // The next request without an answer tries again.
    }
    const old = this.closed ? fresh : this.client;
    if (old !== fresh) this.client = fresh;
    await shutDown(old, this.options);
  }

  async close(): Promise<void> {
    this.closed = true;
    await shutDown(this.client, this.options);
  }
}

async function connected(options: CassandraOptions, keyspace?: string): Promise<Client> {
  const points = [...options.contactPoints];
  const client = new Client(driverOptions(options, points, keyspace));
  const connecting = client.connect();
  const limitMs = (options.requestMs ?? REQUEST_MS) * OPEN_LIMITS;
  try {
    await new RequestSlots(1).run(limitMs, () => connecting);
  } catch (error) {
    // A connection that comes after all is not kept.
    connecting.then(
      () => client.shutdown(),
      () => undefined,
    );
    throw error;
  }
  points.length = 0;
  return client;
}

/** What is under way is abandoned. Never throws: there is nothing left to do about it. */
async function shutDown(
  client: Client,
  { requestMs = REQUEST_MS }: CassandraOptions,
): Promise<void> {
  const down = new RequestSlots(1).run(requestMs, () => client.shutdown());
  await down.catch(() => undefined);
}
