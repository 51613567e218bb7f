/** What the admin API does is loaded when it is first asked for. */
import Fastify, { type FastifyInstance } from "fastify";
import { describe, it } from "vitest";
import { z } from "zod";
import { type AdminRoute, defineAdminRoute } from "../../src/http/admin/admin-route.ts";
import { mountAdminRoutes } from "../../src/http/admin/mount-admin-routes.ts";

const TEAMS = defineAdminRoute({
  method: "GET",
  url: "/admin/v1/teams",
  group: "teams",
  summary: "List teams.",
  answer: z.strictObject({ teams: z.array(z.string()) }),
  handle: async () => ({ teams: ["search"] }),
});

function mounted(load: () => Promise<readonly AdminRoute[]>): { readonly fastify: FastifyInstance; readonly told: string[] } {
  const fastify = Fastify();
  const told: string[] = [];
  mountAdminRoutes(fastify, {
    load,
    admittedOf: () => ({ principal: { key: "k_admin", restrictions: {} }, address: "127.0.0.1" }),
    bodyBytesMax: 1_000,
    report: (error) => told.push(error.message),
  });
  return { fastify, told };
}

describe("routes of the admin API", () => {
  it("are there before anything is loaded, and loaded once", async ({ expect }) => {
    let loads = 0;
    const { fastify } = mounted(async () => {
      loads += 1;
      return [TEAMS];
    });
    await fastify.ready();
    expect(fastify.hasRoute({ method: "DELETE", url: "/admin/v1/teams/:name" })).toBe(true);
    expect(loads).toBe(0);
    const answers = await Promise.all([1, 2].map(() => fastify.inject("/admin/v1/teams")));
    expect(answers.map((answer) => answer.json())).toEqual([{ teams: ["search"] }, { teams: ["search"] }]);
    expect(loads).toBe(1);
  });

  it("are loaded again where that failed, and the client learns no more than that it did", async ({ expect }) => {
    const outcomes = [Promise.reject(new Error("EMFILE: /srv/dragoman/admin-routes.js")), Promise.resolve([TEAMS])];
    const { fastify, told } = mounted(() => outcomes.shift() ?? Promise.resolve([]));
    const failed = await fastify.inject("/admin/v1/teams");
    expect(failed.statusCode).toBe(500);
    expect(failed.json()).toMatchObject({ error: { code: "internal" } });
    expect(failed.body).not.toContain("/srv/");
    expect(told).toEqual([expect.stringContaining("EMFILE")]);
    expect((await fastify.inject("/admin/v1/teams")).statusCode).toBe(200);
  });

  it("answer with an error where only the access table names them", async ({ expect }) => {
    const { fastify, told } = mounted(async () => [TEAMS]);
    expect((await fastify.inject("/admin/v1/limits")).statusCode).toBe(500);
    expect(told).toEqual([expect.stringContaining("GET /admin/v1/limits stands in the access table alone")]);
  });
});
