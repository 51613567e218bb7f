/** The configuration in force, and reading it anew. */
import type { JsonValue } from "@dragoman/events";
import { DragomanError, toDragomanError } from "@dragoman/llm";
import { z } from "zod";
import type { ConfigurationChange } from "../../config/diff-configurations.ts";
import { type AdminActor, type AdminRoute, type AdminServices, defineAdminRoute } from "./admin-route.ts";
import { shownChanges, shownConfiguration } from "./shown-configuration.ts";

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
  const entry = {
    action: "configuration.reloaded",
    actor: actor.name,
    ...(actor.address === undefined ? {} : { address: actor.address }),
  };
  if (reload === undefined) {
    const advice = "start the server with a file to read";
    throw new DragomanError({ code: "invalid_request", detail: "the configuration did not come from a file", advice });
  }
  const before = gateway.configuration;
  try {
    await reload();
  } catch (thrown) {
    const { code, detail } = toDragomanError(thrown);
    await audit.record({ ...entry, outcome: "failed", detail: `${code}: ${detail}` });
    throw thrown;
  }
  const changes = shownChanges(before, gateway.configuration);
  await audit.record({ ...entry, outcome: "done", ...sides(changes) });
  return changes;
}

/** More than an event of the log may hold would keep the reload from being recorded at all. */
const SIDE_LENGTH_MAX = 200_000;

function sides(changes: readonly ConfigurationChange[]): {
  readonly before?: JsonValue;
  readonly after?: JsonValue;
  readonly detail?: string;
} {
  const side = (name: "before" | "after"): JsonValue =>
    Object.fromEntries(changes.flatMap((one) => (one[name] === undefined ? [] : [[one.path, asJson(one[name])]])));
  const [before, after] = [side("before"), side("after")];
  if (JSON.stringify([before, after]).length <= SIDE_LENGTH_MAX) return { before, after };
  return { detail: `${changes.length} settings changed: ${changes.map(({ path }) => path).join(", ")}` };
}

function asJson(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value));
}
