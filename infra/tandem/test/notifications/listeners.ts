// Listeners on an event log in memory: one topic of copies for each kind, read back as the JSON it holds.
import { copyTopic, LogNotifications } from "@tandem/adapters/kafka";
import { type HandClock, MemoryEventLog } from "@tandem/adapters/memory";
import { NOTIFICATION_KINDS, type NotificationKind } from "@tandem/shared-logic";
import { readAll } from "@tandem/shared-logic/testing";

export interface Copy {
  readonly key: string;
  // biome-ignore lint/suspicious/noExplicitAny: a copy's JSON is looked at field by field.
  readonly value: any;
}

export async function listeners(clock: HandClock, maxWaitingBytes?: number) {
  const log = new MemoryEventLog(clock);
  const keys: string[] = [];
  for (const kind of NOTIFICATION_KINDS) await log.create(copyTopic("events", kind), 1);
  const append = log.append.bind(log);
  log.append = (dataset, records) => {
    keys.push(...records.map(({ key }) => `${dataset} ${Buffer.from(key)}`));
    return append(dataset, records);
  };
  const notifications = new LogNotifications({
    log,
    clock,
    datasetOf: (kind) => copyTopic("events", kind),
    ...(maxWaitingBytes === undefined ? {} : { maxWaitingBytes }),
  });
  /** What arrived by now; whatever was gathering has. */
  async function heard(kind: NotificationKind): Promise<Copy[]> {
    await clock.advance(20);
    const topic = copyTopic("events", kind);
    const texts = keys.filter((key) => key.startsWith(`${topic} `));
    return (await readAll(log, topic, 0)).map(({ value }, i) => ({
      key: (texts[i] ?? "").slice(topic.length + 1),
      value: JSON.parse(Buffer.from(value).toString()),
    }));
  }
  return { log, notifications, heard };
}

/** What the other side may do instead of taking copies. */
export const TROUBLES: Readonly<Record<string, MemoryEventLog["append"]>> = {
  hangs: () => new Promise(() => undefined),
  throws: () => {
    throw new RangeError("broken");
  },
  refuses: async (_, records) =>
    records.map(() => ({ ok: false, error: new RangeError("refused") as never })),
};
