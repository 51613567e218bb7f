/** How things stand now: limits and targets. */
import { z } from "zod";
import { type AdminRoute, type AdminServices, defineAdminRoute } from "./admin-route.ts";

const standing = z
  .looseObject({
    rule: z.string(),
    subject: z.record(z.string(), z.string()),
    amount: z.number(),
    used: z.number(),
    reserved: z.number(),
    waiting: z.number(),
    resetsAt: z.number().exactOptional().describe("Milliseconds since 1970."),
  })
  .meta({ id: "Standing", description: "How much of a limit is used, for one value of what it counts by." });

const target = z
  .looseObject({
    target: z.string(),
    state: z.enum(["closed", "half-open", "open"]),
    calls: z.number(),
    failures: z.number(),
    lastFailure: z.looseObject({ at: z.number(), code: z.string(), detail: z.string() }).exactOptional(),
    openUntil: z.number().exactOptional(),
  })
  .meta({ id: "Target", description: "A target and its circuit breaker; open: it is left alone for a while." });

export function stateRoutes({ gateway }: AdminServices): readonly AdminRoute[] {
  return [
    defineAdminRoute({
      method: "GET",
      url: "/admin/v1/limits",
      group: "state",
      summary: "Show how much of each limit and budget is used.",
      answer: z.strictObject({ standings: z.array(standing) }),
      handle: async () => ({ standings: gateway.meter.standings() }),
    }),
    defineAdminRoute({
      method: "GET",
      url: "/admin/v1/targets",
      group: "state",
      summary: "Show the health of each target that was ever asked.",
      answer: z.strictObject({ targets: z.array(target) }),
      handle: async () => ({ targets: gateway.health() }),
    }),
  ];
}
