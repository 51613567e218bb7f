/**
 * Bedrock's control plane: another host, on which the models are listed. What can be called is a model by its own id, or a
 * profile that spreads calls over regions; newer models can be called by a profile only.
 */

import { parseError } from "../../dialects/bedrock-converse/error.ts";
import {
  FOUNDATION_MODELS_PATH,
  INFERENCE_PROFILES_PATH,
  modelsCodec,
  parseInferenceProfiles,
} from "../../dialects/bedrock-converse/models.ts";
import { DragomanError } from "../../errors.ts";
import type { ModelFacts } from "../../provider-definition.ts";
import type { RequestSigner } from "../../request-signer.ts";
import type { Transport } from "../../transport/transport.ts";
import { parseJsonBody } from "../../vendor-connection.ts";

export interface ControlPlane {
  readonly provider: string;
  /** Without a slash at the end. */
  readonly url: string;
  readonly signer: RequestSigner;
  readonly transport: () => Promise<Transport>;
}

/** `bedrock-runtime` in AWS's own addresses is `bedrock` here; any other address is taken to serve both. */
export function controlPlaneUrl(runtimeUrl: string): string {
  return runtimeUrl
    .replace(/\/+$/, "")
    .replace(/^(https:\/\/bedrock)-runtime((?:-fips)?\.[a-z0-9-]+\.(?:amazonaws\.com|api\.aws))/, "$1$2");
}

/** Pages of a listing that are read. */
const PAGES_MAX = 20;

export async function listBedrockModels(plane: ControlPlane): Promise<readonly ModelFacts[]> {
  const models = modelsCodec.parseResponse(await fetchJson(plane, FOUNDATION_MODELS_PATH));
  const byId = new Map<string, ModelFacts>(models.map((model) => [model.id, model]));
  let path = INFERENCE_PROFILES_PATH;
  for (let page = 0; page < PAGES_MAX; page++) {
    const { profiles, nextToken } = parseInferenceProfiles(await fetchJson(plane, path));
    for (const { models: inside, ...profile } of profiles) {
      // A profile of models that only embed or draw has no place here.
      const known = inside.flatMap((id) => byId.get(id) ?? []).at(0);
      if (known !== undefined) byId.set(profile.id, { ...(known.facts === undefined ? {} : { facts: known.facts }), ...profile });
    }
    if (nextToken === undefined) break;
    path = `${INFERENCE_PROFILES_PATH}&nextToken=${encodeURIComponent(nextToken)}`;
  }
  return [...byId.values()];
}

/** A question that costs nothing should not keep anybody waiting. */
const TIMEOUTS = { connectMs: 2_000, firstByteMs: 5_000, totalMs: 8_000 } as const;

async function fetchJson({ provider, url, signer, transport }: ControlPlane, path: string): Promise<unknown> {
  const request = { method: "GET", url: url + path, headers: {} } as const;
  const { headers, secrets } = await signer.sign(request, {});
  const response = await (await transport()).send({ ...request, headers: { ...headers }, timeouts: TIMEOUTS });
  const text = await response.text();
  if (response.status >= 200 && response.status < 300) return parseJsonBody(text);
  if (response.status < 400) {
    throw new DragomanError({
      code: "invalid_response",
      status: response.status,
      detail: "the control plane answered with a redirect",
    });
  }
  const body = secrets.reduce((clean, secret) => clean.replaceAll(secret, "***"), text);
  const label = `GET ${path.split("?", 1)[0] ?? path}`;
  throw parseError({ status: response.status, headers: response.headers, body, request: label }, { provider, model: "" });
}
