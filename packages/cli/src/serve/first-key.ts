/** The first key of a new store: for administration, and shown once. */
import type { Gateway } from "@dragoman/gateway";

/** Undefined where there are keys already. */
export async function firstKey(gateway: Gateway): Promise<string | undefined> {
  if (gateway.tenancy.hasKeys) return undefined;
  const { key } = await gateway.tenancy.createKey({ name: "admin", restrictions: { admin: true } }, "cli:serve");
  return key;
}
