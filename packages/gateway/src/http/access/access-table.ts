/**
 * Who may call which route: the one place where that is said. A route that is not here is refused to everybody, so that one which is added
 * and forgotten stays shut. Patterns are Fastify's, as the routes are mounted.
 */

/** `anyone`: without a key. `caller`: whoever has a key, or is on this machine where none is demanded. `admin`: a key for administration. */
export type Access = "anyone" | "caller" | "admin";

export interface AccessRule {
  readonly method: "GET" | "POST" | "DELETE";
  readonly url: string;
  readonly access: Access;
}

const rules = (access: Access, method: AccessRule["method"], urls: readonly string[]): readonly AccessRule[] =>
  urls.map((url) => ({ method, url, access }));

export const ACCESS_TABLE: readonly AccessRule[] = [
  ...rules("anyone", "GET", ["/", "/health", "/ready"]),

  ...rules("caller", "POST", ["/v1/chat/completions", "/chat/completions"]),
  ...rules("caller", "POST", ["/v1/responses", "/responses", "/v1/responses/input_tokens", "/responses/input_tokens"]),
  ...rules("caller", "POST", ["/v1/embeddings", "/embeddings"]),
  ...rules("caller", "POST", ["/v1/messages", "/messages", "/v1/messages/count_tokens", "/messages/count_tokens"]),
  ...rules("caller", "POST", ["/v1beta/models/*", "/v1/models/*", "/models/*"]),
  ...rules("caller", "POST", ["/api/chat", "/api/generate", "/api/embed", "/api/embeddings", "/api/show"]),
  ...rules("caller", "GET", ["/v1/models", "/models", "/v1/models/*", "/models/*", "/v1beta/models", "/v1beta/models/*"]),
  ...rules("caller", "GET", ["/api/tags", "/api/ps", "/api/version"]),

  ...rules("admin", "GET", ["/metrics"]),
  ...rules("admin", "GET", ["/admin/v1/openapi.json"]),
  ...rules("admin", "GET", ["/admin/v1/keys", "/admin/v1/keys/:id"]),
  ...rules("admin", "POST", ["/admin/v1/keys", "/admin/v1/keys/:id/rotate", "/admin/v1/keys/:id/revoke"]),
  ...rules("admin", "POST", ["/admin/v1/keys/:id/restrict"]),
  ...rules("admin", "GET", ["/admin/v1/teams"]),
  ...rules("admin", "POST", ["/admin/v1/teams"]),
  ...rules("admin", "DELETE", ["/admin/v1/teams/:name"]),
  ...rules("admin", "GET", ["/admin/v1/audit", "/admin/v1/audit/head", "/admin/v1/audit/verify"]),
  ...rules("admin", "GET", ["/admin/v1/usage", "/admin/v1/calls", "/admin/v1/calls/:id"]),
  ...rules("admin", "GET", ["/admin/v1/limits", "/admin/v1/targets", "/admin/v1/configuration"]),
  ...rules("admin", "POST", ["/admin/v1/configuration/reload"]),
];

const BY_ROUTE: ReadonlyMap<string, Access> = new Map(
  ACCESS_TABLE.map(({ method, url, access }) => [`${method} ${url}`, access]),
);

/** Undefined: nobody. HEAD is open to whom GET is. */
export function accessOf(method: string, url: string): Access | undefined {
  return BY_ROUTE.get(`${method === "HEAD" ? "GET" : method} ${url}`);
}
