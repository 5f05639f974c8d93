// What processes ask of a logger.

/** The part of a pino logger that processes use. */
export interface ProcessLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  fatal(fields: object, message: string): void;
}
