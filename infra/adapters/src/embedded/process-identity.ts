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

export const systemProcesses: Processes = {
  self: () => identityOf(process.pid),
  async isAlive(identity) {
    if (identity.boot !== undefined && identity.boot !== ((await boot()) ?? identity.boot))
      return false;
    if (!answers(identity.pid)) return false;
    const found = await stat(identity.pid);
    if (found === undefined || identity.started === undefined) return true;
    // A zombie holds nothing open any more.
    return found.started === identity.started && found.state !== "Z";
  },
};
