// Conformance suite of the EventLog port: anyone's adapter can be put through it. The numbers in the
// test names are those of the contract lines in ports/event-log.ts.
import { appendCases } from "./event-log-append.ts";
import type { AddLogCase, EventLogSuite } from "./event-log-case.ts";
import { groupCases } from "./event-log-groups.ts";
import { logPowerCutCases } from "./event-log-power-cut.ts";
import { readCases } from "./event-log-read.ts";
import { waitCases } from "./event-log-wait.ts";

export {
  type EventLogSuite,
  type OpenEventLog,
  type ReadRecord,
  readAll,
} from "./event-log-case.ts";

export function eventLogSuite({ test, open }: EventLogSuite): void {
  const add: AddLogCase = (name, body) => {
    test(`event log ${name}`, async () => {
      const opened = await open();
      try {
        await body(opened);
      } finally {
        await opened.log.close();
      }
    });
  };
  appendCases(add);
  readCases(add);
  waitCases(add);
  groupCases(add);
  logPowerCutCases(add);
}
