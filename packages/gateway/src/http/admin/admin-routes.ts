/** Every route of the admin API. */
import { type AdminRoute, type AdminServices, defineAdminRoute } from "./admin-route.ts";
import { auditRoutes } from "./audit-routes.ts";
import { callRoutes } from "./call-routes.ts";
import { configurationRoutes } from "./configuration-routes.ts";
import { keyRoutes } from "./key-routes.ts";
import { openApiDocument, openApiSchema } from "./openapi-document.ts";
import { stateRoutes } from "./state-routes.ts";
import { teamRoutes } from "./team-routes.ts";

export function adminRoutes(services: AdminServices): readonly AdminRoute[] {
  const routes: readonly AdminRoute[] = [
    ...keyRoutes(services),
    ...teamRoutes(services),
    ...auditRoutes(services),
    ...callRoutes(services),
    ...stateRoutes(services),
    ...configurationRoutes(services),
  ];
  const description: AdminRoute = defineAdminRoute({
    method: "GET",
    url: "/admin/v1/openapi.json",
    group: "description",
    summary: "This description.",
    answer: openApiSchema,
    handle: async () => openApiDocument([...routes, description], services.version),
  });
  return [...routes, description];
}
