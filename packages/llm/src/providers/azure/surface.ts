/** Where a resource answers: its newer surface below `/openai/v1`, and the classic one with a deployment in the path. */
import type { RenderedRequest } from "../../dialect.ts";
import type { AddressedCall } from "../../provider-definition.ts";

/** The resource's own address: an endpoint as the portal shows it, with whatever version stands behind it taken off. */
export function resourceRoot(endpoint: string): string {
  return endpoint
    .replace(/[?#].*$/, "")
    .replace(/\/+$/, "")
    .replace(/\/openai(?:\/v1)?$/, "");
}

export function surfaceUrl(root: string, apiVersion: string | undefined): string {
  return apiVersion === undefined ? `${root}/openai/v1` : `${root}/openai`;
}

export interface Surface {
  /** Model id -> name of its deployment. */
  readonly deployments: Readonly<Record<string, string>>;
  /** Of the classic surface; absent for the newer one. */
  readonly apiVersion: string | undefined;
}

/** Routes of the classic surface that have the deployment in their path. */
const IN_PATH: ReadonlySet<string> = new Set(["/chat/completions", "/embeddings"]);

/**
 * The wire gets the deployment, which is not the model: "The API deployment for this resource does not exist". Classic chat
 * and embeddings have it in the path and need no model in the body.
 */
export function addressDeployment({ deployments, apiVersion }: Surface) {
  return (rendered: RenderedRequest, { model }: AddressedCall): RenderedRequest => {
    const deployment = deploymentOf(deployments, model);
    const body = { ...rendered.body, model: deployment };
    if (apiVersion === undefined) return { ...rendered, body };
    const query = `?api-version=${encodeURIComponent(apiVersion)}`;
    if (!IN_PATH.has(rendered.path)) return { ...rendered, path: `${rendered.path}${query}`, body };
    const { model: _inPath, ...rest } = body;
    return { ...rendered, path: `/deployments/${encodeURIComponent(deployment)}${rendered.path}${query}`, body: rest };
  };
}

/** A model that is not listed is its own deployment's name. */
export function deploymentOf(deployments: Surface["deployments"], model: string): string {
  return Object.hasOwn(deployments, model) ? (deployments[model] ?? model) : model;
}
