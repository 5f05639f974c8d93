// Where a command's words go and its input comes from: a terminal, or the far end of an owner process.

export interface Io {
  out(text: string): void;
  /** Progress and errors. */
  err(text: string): void;
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Folder that relative file names mean. */
  readonly cwd: string;
}

export const terminalIo: Io = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  stdin: process.stdin,
  cwd: process.cwd(),
};
