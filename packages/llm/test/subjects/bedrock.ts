import { bedrock, type ProviderOptions, Secret } from "../../src/index.ts";
import { FAKE_AWS_CREDENTIALS } from "../../src/testing/fake-vendors/vendors/bedrock.ts";
import { overFakeVendor } from "./over-fake-vendor.ts";

const REST = {
  models: {
    text: "us.amazon.nova-lite-v1:0",
    tools: "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    reasoning: "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    images: "us.amazon.nova-lite-v1:0",
    json: "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    embedding: "amazon.titan-embed-text-v2:0",
    rerank: "cohere.rerank-v3-5:0",
  },
  embeddingInputsMax: 1,
} as const;

/** The suite's key stands for the secret of the credentials: the right one signs with what the fake knows. */
export const bedrockSubject = overFakeVendor("bedrock by signature", "bedrock", signedBedrock, REST);

export const bedrockKeySubject = overFakeVendor("bedrock by key", "bedrock", bedrock, REST);

function signedBedrock({ key, ...options }: ProviderOptions) {
  const isBad = key instanceof Secret && key.reveal() === "bad-key";
  const credentials = isBad ? { ...FAKE_AWS_CREDENTIALS, secretAccessKey: "bad-key" } : FAKE_AWS_CREDENTIALS;
  return bedrock({ ...options, region: "us-east-1", credentials });
}
