/** Teams: list, create, remove. */
import { z } from "zod";
import { modelPatterns, teamName } from "../../tenancy/restrictions.ts";
import { type AdminRoute, type AdminServices, defineAdminRoute } from "./admin-route.ts";

export const teamView = z
  .strictObject({
    name: z.string(),
    models: modelPatterns.exactOptional(),
    source: z.enum(["configuration", "created"]),
    keys: z.int().describe("Keys in it that hold."),
  })
  .meta({ id: "Team" });

export function teamRoutes({ gateway }: AdminServices): readonly AdminRoute[] {
  const { tenancy } = gateway;
  const group = "teams";
  return [
    defineAdminRoute({
      method: "GET",
      url: "/admin/v1/teams",
      group,
      summary: "List the teams.",
      answer: z.strictObject({ teams: z.array(teamView) }),
      handle: async () => {
        await tenancy.refresh();
        return { teams: tenancy.teams() };
      },
    }),
    defineAdminRoute({
      method: "POST",
      url: "/admin/v1/teams",
      group,
      summary: "Create a team.",
      body: z.strictObject({ name: teamName, models: modelPatterns.exactOptional() }),
      status: 201,
      answer: teamView,
      handle: ({ body, actor }) => tenancy.createTeam(body, actor),
    }),
    defineAdminRoute({
      method: "DELETE",
      url: "/admin/v1/teams/:name",
      group,
      summary: "Remove a team that has no keys.",
      params: z.strictObject({ name: z.string().min(1).max(200) }),
      answer: z.strictObject({ removed: z.string() }),
      handle: async ({ params, actor }) => {
        await tenancy.removeTeam(params.name, actor);
        return { removed: params.name };
      },
    }),
  ];
}
