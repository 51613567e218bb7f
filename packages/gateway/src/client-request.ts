import type { ClientRequest } from "@dragoman/llm";
import type { FastifyRequest } from "fastify";

/** The request as a dialect reads it. Of a header or query value given twice, the first counts. */
export function clientRequest(request: FastifyRequest): ClientRequest {
  const [path = "/"] = request.url.split("?", 1);
  return { path: decodePath(path), query: firstValues(request.query), headers: firstValues(request.headers), body: request.body };
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

export function firstValues(values: unknown): Record<string, string> {
  const first: Record<string, string> = {};
  if (typeof values !== "object" || values === null) return first;
  for (const [name, value] of Object.entries(values)) {
    const one: unknown = Array.isArray(value) ? value[0] : value;
    if (typeof one === "string") first[name] = one;
  }
  return first;
}
