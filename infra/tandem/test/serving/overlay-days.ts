// What tests of both layers over each other ask, and of what: one event of the first of two days, counted.
import { count, metric, type UtcDay } from "@tandem/shared-logic";
import { DAY } from "./serving-fixture.ts";

export const base = { title: "T", unit: "events", version: 1, examples: [] };
export const events = metric({ ...base, name: "events", reducer: count(), by: [["event_type"]] });
export const ONE_DAY = { from: "2019-10-01", until: "2019-10-02", grain: "day" };
export const NEXT = (DAY + 1) as UtcDay;

export const view = (time: string, more = {}) => ({
  timestamp: `2019-10-01T${time}Z`,
  event_type: "view",
  ...more,
});
