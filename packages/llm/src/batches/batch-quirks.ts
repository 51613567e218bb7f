/** What single vendors do otherwise with batches of OpenAI's form. */
import { azureFilesQuirks, GROQ_FILES, TOGETHER_FILES } from "../files/file-quirks.ts";
import type { OpenAIBatchesQuirks } from "./openai-batches.ts";

/**
 * Lines name the deployment as their model, also on the classic surface, whose calls have it in the path. Chat goes without
 * a version in front. Source: Azure's guide, "Getting started with Azure OpenAI batch deployments".
 */
export function azureBatchesQuirks(apiVersion: string | undefined, deploymentOf: (model: string) => string): OpenAIBatchesQuirks {
  return {
    files: azureFilesQuirks(apiVersion),
    endpointOf: ({ rendered }) => (/\/responses(\?|$)/.test(rendered.path) ? "/v1/responses" : "/chat/completions"),
    bodyOf: ({ body, model }) => ({ ...body, model: deploymentOf(model) }),
    ...(apiVersion === undefined ? {} : { query: `api-version=${encodeURIComponent(apiVersion)}` }),
  };
}

/** Source: docs.together.ai, "Batch", limits: 50 000 requests and 100 MB. */
export const TOGETHER_BATCHES: OpenAIBatchesQuirks = { files: TOGETHER_FILES, paged: false, bytesMax: 100_000_000 };

/** Source: the documentation of groq-typescript's files: up to 100 MB. */
export const GROQ_BATCHES: OpenAIBatchesQuirks = {
  files: GROQ_FILES,
  // Its reference names no such rule; should there be one, the job says so itself.
  oneModel: false,
  paged: false,
  bytesMax: 100_000_000,
};
