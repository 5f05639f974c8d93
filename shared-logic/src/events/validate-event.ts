// Validation of one event at a time, by one validator for each pair of limits.
import type { EventFacts } from "./event-facts.ts";
import { DEFAULT_EVENT_LIMITS, type EventLimits } from "./event-limits.ts";
import { EventValidator } from "./event-validator.ts";
import type { Problem } from "./problem.ts";

const validators = new WeakMap<EventLimits, EventValidator>();
let last: EventLimits = DEFAULT_EVENT_LIMITS;
let validator = new EventValidator(last);

/** The one validator of these limits. */
export function validatorFor(limits: EventLimits): EventValidator {
  if (limits === last) return validator;
  validators.set(last, validator);
  validator = validators.get(limits) ?? new EventValidator(limits);
  last = limits;
  return validator;
}

/** As EventValidator.validate. */
export const validateEvent = (
  bytes: Uint8Array,
  from: number,
  until: number,
  limits: EventLimits = DEFAULT_EVENT_LIMITS,
): EventFacts | readonly Problem[] => validatorFor(limits).validate(bytes, from, until);
