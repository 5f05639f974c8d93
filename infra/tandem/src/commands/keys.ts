// `tandem keys`: making, listing and revoking API keys. A key is printed once, when it is made.
import { keyMaking } from "@tandem/adapters/embedded";
import {
  createKey,
  formatInstant,
  isScope,
  ledgerKeyStore,
  listKeys,
  revokeKey,
  TandemError,
} from "@tandem/shared-logic";
import type { Tandem } from "../tandem.ts";
import type { Io } from "./io.ts";

export async function createKeyCommand(
  tandem: Tandem,
  o: { readonly tenant: string; readonly scope: readonly string[] },
  io: Io,
): Promise<void> {
  const wanted = o.scope.length === 0 ? ["write", "read"] : o.scope;
  const scopes = wanted.filter(isScope);
  if (scopes.length !== wanted.length) {
    throw new TandemError("configuration", {
      message: `--scope: expected write, read or admin, got ${wanted.join(", ")}`,
    });
  }
  const keys = ledgerKeyStore(tandem.ports.views);
  const made = await createKey(
    keys,
    keyMaking,
    { tenant: o.tenant, scopes },
    tandem.ports.clock.now(),
  );
  io.out(`${made.presented}\n`);
  io.err(
    `tenant ${o.tenant}, scopes ${scopes.join(", ")}; this is the only time the key is shown\n`,
  );
}

export async function listKeysCommand(tandem: Tandem, io: Io): Promise<void> {
  for (const key of await listKeys(ledgerKeyStore(tandem.ports.views))) {
    const revoked = key.revokedMs === undefined ? "" : `  revoked ${formatInstant(key.revokedMs)}`;
    io.out(
      `${key.id}  ${key.tenant}  ${key.scopes.join(",")}  created ${formatInstant(key.createdMs)}${revoked}\n`,
    );
  }
}

export async function revokeKeyCommand(tandem: Tandem, id: string, io: Io): Promise<void> {
  const keys = ledgerKeyStore(tandem.ports.views);
  await revokeKey(keys, id, tandem.ports.clock.now());
  io.out(`revoked ${id}\n`);
}
