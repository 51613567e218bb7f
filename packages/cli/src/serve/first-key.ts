/** The first key of a new store: for administration, and shown once. */
import type { Gateway } from "@dragoman/gateway";

/** Undefined where there are keys already. */
export async function firstKey({ tenancy }: Gateway): Promise<string | undefined> {
  if (tenancy.hasKeys) return undefined;
  try {
    const { key } = await tenancy.createKey({ name: "admin", restrictions: { admin: true } }, "cli:serve");
    return key;
  } catch (error) {
    // Another process began on the same store at the same time, and has shown it.
    await tenancy.refresh();
    if (tenancy.hasKeys) return undefined;
    throw error;
  }
}
