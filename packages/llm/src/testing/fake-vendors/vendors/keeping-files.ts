/** A vendor that keeps files: its calls may name them, and routes of files and batches stand beside. */
import type { Route, VendorDefinition } from "../vendor-definition.ts";
import { type ResolvePart, withFiles } from "../wires/file-references.ts";

export interface FileKeeping {
  /** A path of each route of calls that reads references. */
  readonly calls: readonly string[];
  /** Absent: calls name no files. */
  readonly resolve?: ResolvePart;
  /** Further routes. `answering` is what answers a call at a path, files included. */
  readonly routes: (answering: (path: string) => Route["handle"]) => readonly Route[];
}

export function keepingFiles(definition: VendorDefinition, { calls, resolve, routes }: FileKeeping): VendorDefinition {
  const own = definition.routes.map((route) => {
    const isCall = route.method === "POST" && calls.some((path) => route.path.test(path));
    return isCall && resolve !== undefined ? { ...route, handle: withFiles(route.handle, resolve) } : route;
  });
  function answering(path: string): Route["handle"] {
    const route = own.find((candidate) => candidate.method === "POST" && candidate.path.test(path));
    if (route === undefined) throw new Error(`the fake vendor has no route ${path}`);
    return route.handle;
  }
  return { ...definition, routes: [...own, ...routes(answering)] };
}
