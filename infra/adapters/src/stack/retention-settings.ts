// How long what is kept: rules for every dataset, and by name the ones that differ. Of a dataset, the same in every
// batch process (docs/retention.md).
import { z } from "zod";
import { as, section } from "./setting.ts";

const whole = z.int().min(0);
const some = z.int().min(1);
const days = { unit: "days" };

const rules = {
  auto: z.boolean(),
  hotDays: some,
  rawDays: some,
  minuteDays: some,
  hourDays: some,
  runDays: some,
  speedDays: whole,
  flipDays: some,
  downsampleTypes: z.array(z.string().min(1)),
  downsampleDays: z.int().min(4),
};

const name = z.string().regex(/^[A-Za-z0-9._-]{1,100}$/, "letters, digits and . _ - (at most 100)");

export const retentionSection = section({
  auto: as(
    rules.auto.default(false),
    "Apply retention once a day; off: `tandem retention apply` by hand. Off unless you say so, because it gives data up.",
  ),
  hotDays: as(
    rules.hotDays.default(90),
    "Archive objects stay at their first place so long.",
    days,
  ),
  rawDays: as(rules.rawDays.default(365), "Archive objects are given up after so long.", days),
  minuteDays: as(
    rules.minuteDays.default(90),
    "Minutes are rolled up to hours after so long.",
    days,
  ),
  hourDays: as(rules.hourDays.default(730), "Hours are rolled up to days after so long.", days),
  runDays: as(
    rules.runDays.default(7),
    "Runs that were replaced can be chosen (rollback, as-of) so long; runs, states and plans that nobody names are kept as long.",
    days,
  ),
  speedDays: as(
    rules.speedDays.default(2),
    "Speed rows of a day stay so long after its end, and until they lie below every run that can be chosen.",
    days,
  ),
  flipDays: as(
    rules.flipDays.default(90),
    "Changes of a day are told (`heal log`, as-of) so long; at least `retention.runDays`.",
    days,
  ),
  downsampleTypes: as(
    rules.downsampleTypes.default([]),
    "Event types of which one row a minute is kept of the archive. Their objects are no input of a run any more.",
  ),
  downsampleDays: as(
    rules.downsampleDays.default(7),
    "Archive objects with rows of those types are downsampled after so long.",
    days,
  ),
  datasets: as(
    z.record(name, z.strictObject(rules).partial()).default({}),
    "By name of a dataset, the rules of this section that differ for it; JSON in the environment.",
  ),
});
