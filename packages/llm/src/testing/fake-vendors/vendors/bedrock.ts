/**
 * Amazon Bedrock: Converse, its stream, token counts, and the listings of the control plane. A request is let in by a bearer
 * key, or by a signature that is made anew with the one secret that this account has.
 */
import { fakeModel } from "../fake-model.ts";
import { generate } from "../generate.ts";
import type { FakeRequest } from "../reply.ts";
import type { VendorDefinition } from "../vendor-definition.ts";
import { isSignedWith, readSignature } from "../wires/aws-signature.ts";
import { bedrockWire, countBedrockTokens } from "../wires/bedrock.ts";
import { bedrockError, frontDoorError } from "../wires/bedrock-error.ts";
import { INVOKE_PATH, invokeAtBedrock } from "../wires/bedrock-invoke.ts";
import { listFoundationModels, listInferenceProfiles } from "../wires/bedrock-listing.ts";
import { BAD_KEY, bearerKey } from "../wires/openai-routes.ts";

/** The credentials that the fake knows: those of AWS's own examples. */
export const FAKE_AWS_CREDENTIALS = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
} as const;

const NO_CHAT = { tools: false, reasoning: "no", contextTokens: 8192 } as const;

export const bedrock: VendorDefinition = {
  models: [
    fakeModel("us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
    fakeModel("anthropic.claude-3-5-haiku-20241022-v1:0", { reasoning: "no" }),
    fakeModel("us.amazon.nova-lite-v1:0", { reasoning: "no" }),
    fakeModel("us.amazon.nova-2-lite-v1:0"),
    fakeModel("openai.gpt-oss-120b-1:0", { reasoning: "always" }),
    fakeModel("us.meta.llama3-3-70b-instruct-v1:0", { reasoning: "no" }),
    fakeModel("amazon.titan-embed-text-v2:0", NO_CHAT),
    fakeModel("amazon.nova-2-multimodal-embeddings-v1:0", NO_CHAT),
    fakeModel("cohere.embed-v4:0", NO_CHAT),
    fakeModel("cohere.rerank-v3-5:0", NO_CHAT),
  ],
  basePath: "",
  routes: [
    {
      method: "POST",
      path: /^\/model\/[^/]+\/(converse|converse-stream)$/,
      handle: (request, world) => generate(request, bedrockWire, world),
    },
    { method: "POST", path: /^\/model\/[^/]+\/count-tokens$/, handle: countBedrockTokens },
    { method: "POST", path: INVOKE_PATH, handle: invokeAtBedrock },
    { method: "GET", path: /^\/foundation-models$/, handle: listFoundationModels },
    { method: "GET", path: /^\/inference-profiles$/, handle: listInferenceProfiles },
  ],
  authorise(request) {
    const key = bearerKey(request);
    if (key === BAD_KEY) {
      throw frontDoorError("AccessDeniedException", "Invalid API Key format: Must start with pre-defined prefix");
    }
    if (key === undefined) checkSignature(request);
  },
  refuse: (status, message) => bedrockError(message, status, KIND_OF_REFUSAL[status]),
};

/** About the request as such: there is no such route, rather than no such model. */
const KIND_OF_REFUSAL: Readonly<Record<number, string>> = {
  404: "UnknownOperationException",
  503: "ServiceUnavailableException",
  504: "InternalServerException",
};

function checkSignature(request: FakeRequest): void {
  const header = readSignature(request.headers.authorization ?? "");
  if (header === undefined) throw frontDoorError("MissingAuthenticationTokenException", "Missing Authentication Token");
  if (header.accessKeyId !== FAKE_AWS_CREDENTIALS.accessKeyId) {
    throw frontDoorError("UnrecognizedClientException", "The security token included in the request is invalid.");
  }
  const isWhole = header.signedHeaders.includes("host") && header.signedHeaders.includes("x-amz-date");
  const isScoped = /^\d{8}\/[a-z0-9-]+\/bedrock\/aws4_request$/.test(header.scope);
  if (!isWhole || !isScoped || !isSignedWith(FAKE_AWS_CREDENTIALS.secretAccessKey, request, header)) {
    throw frontDoorError(
      "InvalidSignatureException",
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
    );
  }
}
