// Who a process is, so that a number the system gave out again is not mistaken for the owner: the pid
// with the boot and the start time that /proc states for it (proc(5)), where there is a /proc.
import { readFile } from "node:fs/promises";

export interface ProcessIdentity {
  readonly pid: number;
  /** Absent where the system does not tell. */
  readonly boot?: string;
  /** Clock ticks from boot to the start of the process. */
  readonly started?: string;
}

export interface Processes {
  self(): Promise<ProcessIdentity>;
  isAlive(identity: ProcessIdentity): Promise<boolean>;
}

const textOf = (path: string): Promise<string | undefined> =>
  readFile(path, "utf8").catch(() => undefined);

/** State and start time; undefined where there is no such process or no /proc. */
async function stat(pid: number): Promise<{ state: string; started: string } | undefined> {
  const text = await textOf(`/proc/${pid}/stat`);
  // The name, in brackets, may hold anything: fields count from the last bracket. State is field 3.
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, started] = [fields?.[0], fields?.[19]];
  return state === undefined || started === undefined ? undefined : { state, started };
}

const boot = async (): Promise<string | undefined> =>
  (await textOf("/proc/sys/kernel/random/boot_id"))?.trim();

function answers(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and is somebody else's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Of a process that runs now. */
export async function identityOf(pid: number): Promise<ProcessIdentity> {
  const [bootId, own] = [await boot(), await stat(pid)];
  return {
    pid,
    ...(bootId === undefined ? {} : { boot: bootId }),
    ...(own === undefined ? {} : { started: own.started }),
  };
}

/** What the system says of its processes. */
export interface ProcessFacts {
  readonly boot: () => Promise<string | undefined>;
  readonly answers: (pid: number) => boolean;
  readonly stat: (pid: number) => Promise<{ state: string; started: string } | undefined>;
}

export async function isAlive(identity: ProcessIdentity, facts: ProcessFacts): Promise<boolean> {
  const { pid, started } = identity;
  if (identity.boot !== undefined && identity.boot !== ((await facts.boot()) ?? identity.boot))
    return false;
  if (!facts.answers(pid)) return false;
  const found = await facts.stat(pid);
  // It may have ended since it answered; a system that does not tell is another thing.
  if (found === undefined) return facts.answers(pid);
  if (started === undefined) return true;
  // A zombie holds nothing open any more.
  return found.started === started && found.state !== "Z";
}

export const systemProcesses: Processes = {
  self: () => identityOf(process.pid),
  isAlive: (identity) => isAlive(identity, { boot, answers, stat }),
};
