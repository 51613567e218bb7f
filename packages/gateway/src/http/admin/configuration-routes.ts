/** The configuration in force, and reading it anew. */
import { DragomanError } from "@dragoman/llm";
import { z } from "zod";
import type { ConfigurationChange } from "../../config/diff-configurations.ts";
import { shownChanges, shownConfiguration } from "../../config/shown-configuration.ts";
import { reloadEntry } from "../../tenancy/audit/reload-entry.ts";
import { type AdminActor, type AdminRoute, type AdminServices, defineAdminRoute } from "./admin-route.ts";

const change = z.strictObject({
  kind: z.enum(["added", "removed", "changed"]),
  path: z.string().describe("As a file spells it, as failing.breaker.open."),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
});

export function configurationRoutes(services: AdminServices): readonly AdminRoute[] {
  const group = "configuration";
  return [
    defineAdminRoute({
      method: "GET",
      url: "/admin/v1/configuration",
      group,
      summary: "Show the configuration in force; keys by where they are.",
      answer: z.strictObject({ configuration: z.record(z.string(), z.unknown()) }),
      handle: async () => ({ configuration: shownConfiguration(services.gateway.configuration) }),
    }),
    defineAdminRoute({
      method: "POST",
      url: "/admin/v1/configuration/reload",
      group,
      summary: "Read the file anew and put it in force, or leave everything as it is.",
      answer: z.strictObject({ changes: z.array(change) }),
      handle: async ({ actor }) => ({ changes: await reload(services, actor) }),
    }),
  ];
}

async function reload({ gateway, audit, reload }: AdminServices, actor: AdminActor): Promise<readonly ConfigurationChange[]> {
  const by = { actor: actor.name, ...(actor.address === undefined ? {} : { address: actor.address }) };
  if (reload === undefined) {
    const advice = "start the server with a file to read";
    throw new DragomanError({ code: "invalid_request", detail: "the configuration did not come from a file", advice });
  }
  const before = gateway.configuration;
  try {
    await reload();
  } catch (thrown) {
    await audit.record(reloadEntry(by, { error: thrown }));
    throw thrown;
  }
  const changes = shownChanges(before, gateway.configuration);
  await audit.record(reloadEntry(by, { changes }));
  return changes;
}
