import type { ClientRequest } from "@dragoman/llm";
import type { FastifyRequest } from "fastify";

/** The request as a dialect reads it. Of a header or query value given twice, the first counts. */
export function clientRequest(request: FastifyRequest): ClientRequest {
  return {
    path: decodePath(pathOf(request)),
    query: request.url.includes("?") ? firstValues(request.query) : {},
    headers: firstValues(request.headers),
    body: request.body,
  };
}

/** As it came, without the query or a fragment: the router ends the path at either. */
export function pathOf(request: FastifyRequest): string {
  return withoutQuery(request.url);
}

export function withoutQuery(url: string): string {
  for (let index = 0; index < url.length; index++) {
    const character = url[index];
    if (character === "?" || character === "#") return url.slice(0, index);
  }
  return url;
}

/** As it is where it cannot be decoded. */
export function decodePath(path: string): string {
  if (!path.includes("%")) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

export function firstValues(values: unknown): Record<string, string> {
  const first: Record<string, string> = {};
  if (typeof values !== "object" || values === null) return first;
  for (const name in values) {
    const value: unknown = Reflect.get(values, name);
    const one: unknown = Array.isArray(value) ? value[0] : value;
    if (typeof one === "string") first[name] = one;
  }
  return first;
}
