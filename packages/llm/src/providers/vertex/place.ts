/** Where a project's models are served: host and path. */
import { DragomanError } from "../../errors.ts";

export interface VertexPlace {
  /** Undefined: express mode, where the key names the project. */
  readonly project: string | undefined;
  readonly location: string;
  readonly apiVersion: "v1" | "v1beta1";
}

/** Locations of several regions have hosts of their own. Source: Google's page of Vertex AI locations. */
const MULTI_REGIONS: ReadonlySet<string> = new Set(["us", "eu"]);

/** Host and version, without a slash at the end. */
export function vertexRoot({ project, location, apiVersion }: VertexPlace): string {
  return `https://${hostOf(project === undefined ? "global" : location)}/${apiVersion}`;
}

function hostOf(location: string): string {
  if (location === "global") return "aiplatform.googleapis.com";
  if (MULTI_REGIONS.has(location)) return `aiplatform.${location}.rep.googleapis.com`;
  return `${location}-aiplatform.googleapis.com`;
}

/** What the publishers' paths hang under. */
export function resourceOf({ project, location }: Pick<VertexPlace, "project" | "location">): string {
  return project === undefined ? "" : `projects/${project}/locations/${location}`;
}

/** Both stand in a host or a path, so they may be nothing but names. Throws `configuration`. */
export function checkPlace({ project, location }: VertexPlace): void {
  if (project !== undefined && !/^[a-z0-9][a-z0-9.:-]*$/i.test(project)) throw badName("project", project);
  if (!/^[a-z0-9-]+$/.test(location)) throw badName("location", location);
}

function badName(what: string, name: string): DragomanError {
  return new DragomanError({
    code: "configuration",
    provider: "vertex",
    detail: `the ${what} ${JSON.stringify(name)} is no name of a ${what}`,
    advice:
      what === "project" ? "give the project's id, as my-project-123" : "give a location as us-central1, europe-west4 or global",
  });
}
