// Who a process is, so that a pid the system gave out again is never taken for ours: its pid with the boot
// and the start time that /proc states (proc(5)), or, where there is no /proc, that `ps` prints.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

export interface ProcessIdentity {
  readonly pid: number;
  /** Boot and start time; compared as text. */
  readonly born: string;
}

interface Found {
  readonly state: string;
  readonly started: string;
  /** Threads that have not ended; undefined where nobody says. */
  readonly threads?: number;
}

const textOf = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};

const boot = textOf("/proc/sys/kernel/random/boot_id")?.trim();

/** Fields 3 (state), 20 (threads) and 22 (start time); the name before them, in brackets, may hold anything. */
export function parseStat(text: string): Found | undefined {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, threads, started] = [fields[0], fields[17], fields[19]];
  if (state === undefined || threads === undefined || started === undefined) return undefined;
  return { state, started, threads: Number(threads) };
}

/** A line of `ps -o stat=,lstart=`: "Ss   Sat Nov 21 06:57:01 2026". */
export function parsePs(text: string): Found | undefined {
  const match = /^\s*(\S+)\s+(\S.*?)\s*$/.exec(text);
  return match?.[1] === undefined || match[2] === undefined
    ? undefined
    : { state: match[1].slice(0, 1), started: match[2] };
}

function find(pid: number): Found | undefined {
  if (boot !== undefined) return parseStat(textOf(`/proc/${pid}/stat`) ?? "");
  const env = { ...process.env, LC_ALL: "C" };
  const ps = spawnSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], { encoding: "utf8", env });
  return parsePs(ps.stdout ?? "");
}

/** A killed process whose first thread is gone keeps its files, and so its port, until the last one is. */
export const hasEnded = ({ state, threads = 1 }: Found): boolean => state === "Z" && threads <= 1;

/**
 * Undefined where there is no such process. A zombie counts as gone: it runs no more, and in a container
 * process 1 may never reap it.
 */
export function identify(pid: number): ProcessIdentity | undefined {
  const found = find(pid);
  if (found === undefined || hasEnded(found)) return undefined;
  return { pid, born: `${boot ?? "no boot id"} ${found.started}` };
}

export const isAlive = (process: ProcessIdentity): boolean =>
  identify(process.pid)?.born === process.born;
