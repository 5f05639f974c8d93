// A topic name that nobody used before.
import { randomUUID } from "node:crypto";

export const freshTopic = (): string => `tandem-test-${randomUUID()}`;
