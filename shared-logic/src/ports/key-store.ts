// Where API keys are kept.
//
// 1. `add` stores a key whose id is not in use, durably before it resolves true; else it changes
//    nothing and resolves false.
// 2. `get` of an unknown id is undefined. Revoked keys stay and are found.
// 3. `revoke` sets the moment of revocation, durably; the first one stays. It resolves the key as it
//    then stands, undefined where there is none. Nothing makes a revoked key valid again.
// 4. `list` gives all keys, or one tenant's, by id in byte order.
// 5. What one process resolved, every process sees at its next call.
import type { ApiKey } from "../access/api-key.ts";
import type { EpochMs } from "../time/epoch-ms.ts";

export interface KeyStore {
  add(key: ApiKey): Promise<boolean>;
  get(id: string): Promise<ApiKey | undefined>;
  revoke(id: string, at: EpochMs): Promise<ApiKey | undefined>;
  list(tenant?: string): Promise<readonly ApiKey[]>;
}
