// Servers of one's own for tests and drills: `startServers` for an isolated set, `openServers` for the one
// that `up` started.
export type { EnvValues } from "./env-values.ts";
export { ServersFailure } from "./failure.ts";
export {
  openServers,
  type RunningServers,
  type StartOptions,
  startServers,
} from "./start-servers.ts";
