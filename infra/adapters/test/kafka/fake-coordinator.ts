// The part of a broker that keeps groups' offsets, of one topic: answers with the error codes that a test wants.
import type { WireReader } from "../../src/kafka/wire/wire-reader.ts";
import type { WireWriter } from "../../src/kafka/wire/wire-writer.ts";

export type GroupCall = "find" | "fetch" | "commit";

export class FakeCoordinator {
  readonly calls: GroupCall[] = [];
  /** By partition. */
  readonly offsets = new Map<number, number>();
  private readonly reply: (call: GroupCall) => number;

  /** `reply`: 0 to do what is asked. */
  constructor(reply: (call: GroupCall) => number) {
    this.reply = reply;
  }

  find(port: number, body: WireWriter): void {
    body.int16(this.answered("find")).int32(1).text("127.0.0.1").int32(port);
  }

  fetch(request: WireReader, body: WireWriter): void {
    request.text();
    const partitions = request
      .list((topic) => {
        topic.text();
        return topic.list((p) => p.int32());
      })
      .flat();
    const code = this.answered("fetch");
    body.int32(1).text("events").int32(partitions.length);
    for (const partition of partitions) {
      const offset = code === 0 ? (this.offsets.get(partition) ?? -1) : -1;
      body.int32(partition).int64(offset).text("").int16(code);
    }
  }

  commit(request: WireReader, body: WireWriter): void {
    request.text();
    request.int32();
    request.text();
    request.skip(8);
    const commits = request
      .list((topic) => {
        topic.text();
        return topic.list((p) => {
          const [partition, offset] = [p.int32(), p.int64()];
          p.text();
          return { partition, offset };
        });
      })
      .flat();
    const code = this.answered("commit");
    body.int32(1).text("events").int32(commits.length);
    for (const { partition, offset } of commits) {
      if (code === 0) this.offsets.set(partition, offset);
      body.int32(partition).int16(code);
    }
  }

  private answered(call: GroupCall): number {
    this.calls.push(call);
    return this.reply(call);
  }
}
