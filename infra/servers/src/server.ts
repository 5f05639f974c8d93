// What a kind of server gives to the rest: its name, what to fetch, what to run, and how to tell that it
// answers. Starting, watching and stopping the process is the same for all and lies in process/.
import type { Folders } from "./folders.ts";
import type { Plan } from "./plan.ts";
import type { Settings } from "./settings.ts";

export interface ServerPort {
  /** The key under which the data folder remembers it. */
  readonly key: string;
  readonly port: number;
  /** The environment variable that chooses it. */
  readonly setting: string;
}

/** A command line; the process it starts must stay in the foreground. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** Beside the environment of whoever starts it. Secrets go here: `ps` shows arguments to everyone. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Progress {
  say(line: string): void;
  /** Aborted when whoever asked no longer wants it. */
  readonly signal: AbortSignal;
}

export interface Server {
  /** `kafka-2`, `redis`: the name of its pid file, log and data. */
  readonly name: string;
  /** The first one is for clients. All on 127.0.0.1. */
  readonly ports: readonly ServerPort[];
  /** Puts what is needed into the cache; does nothing where it is there. The only step that uses a network. */
  fetch(progress: Progress): Promise<void>;
  /** Writes its configuration, makes its data where there is none, and says what to run. */
  start(progress: Progress): Promise<Launch>;
  /** Resolves once a real request of its protocol was answered, else throws what was wrong. */
  ready(): Promise<void>;
}

export interface Surroundings {
  readonly settings: Settings;
  readonly folders: Folders;
  readonly plan: Plan;
}

/** The servers of one kind; several where it is a cluster. */
export type ServerKind = (surroundings: Surroundings) => readonly Server[];
