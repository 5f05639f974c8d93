// The part of a pino logger that the collector uses. Keys and events are never logged.

export interface CollectorLogger {
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}
