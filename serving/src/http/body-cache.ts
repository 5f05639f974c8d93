// Bodies of answers by tenant and tag. A tenant has its own share, so that none can push out or time
// another's.
import { Lru } from "../lru.ts";
import type { Body } from "./reply.ts";

export class BodyCache {
  private readonly tenants: Lru<Lru<Body>>;
  private readonly bytesPerTenant: number;

  constructor(bytesPerTenant = 4 << 20, tenants = 64) {
    this.bytesPerTenant = bytesPerTenant;
    this.tenants = new Lru(tenants);
  }

  get(tenant: string, tag: string): Body | undefined {
    return this.tenants.get(tenant)?.get(tag);
  }

  set(tenant: string, tag: string, body: Body): void {
    let own = this.tenants.get(tenant);
    if (own === undefined) {
      // Twice the bytes: the coded forms come later and are smaller.
      own = new Lru<Body>(this.bytesPerTenant, (b) => 2 * b.identity.length);
      this.tenants.set(tenant, own);
    }
    own.set(tag, body);
  }
}
