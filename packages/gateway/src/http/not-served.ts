import { DragomanError, nearestNames } from "@dragoman/llm";
import type { IngressRoute } from "./ingress.ts";

/** No such path, with the nearest that there is. */
export function notServed(method: string, path: string, routes: readonly IngressRoute[] = []): DragomanError {
  const known = routes.filter((route) => route.method === method).flatMap((route) => route.urls);
  const [nearest] = nearestNames(path, known);
  return new DragomanError({
    code: "not_found",
    detail: `${method} ${path.slice(0, 200)} is not served`,
    advice: nearest === undefined ? "see GET / for the routes" : `use ${method} ${nearest}, or see GET / for the routes`,
  });
}

/** A path that is served, but not by this method. `allowed` is not empty. */
export function wrongMethod(method: string, path: string, allowed: readonly string[]): DragomanError {
  return new DragomanError({
    code: "method_not_allowed",
    detail: `${path.slice(0, 200)} does not take ${method}`,
    advice: `use ${allowed.join(" or ")}`,
  });
}
