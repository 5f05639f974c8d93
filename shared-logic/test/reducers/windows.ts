// Windows from plain numbers.
import type { Window } from "../../src/time/calendar.ts";
import { epochMs } from "../../src/time/epoch-ms.ts";

export const windowOf = (fromMs: number, untilMs: number): Window => ({
  from: epochMs(fromMs),
  until: epochMs(untilMs),
});
