import { BEDROCK_CATALOGUE } from "../catalogue/bedrock.generated.ts";
import type { BedrockModel } from "../catalogue/model-names.generated.ts";
import { defineProvider } from "../define-provider.ts";
import { DragomanError } from "../errors.ts";
import type { Provider } from "../provider.ts";
import type { ProviderHooks, ProviderOptions } from "../provider-definition.ts";
import type { CohereRerankQuirks } from "../rerank/cohere-rerank.ts";
import { sharedTransport } from "../transport/shared-transport.ts";
import type { AwsCredentialSource, AwsCredentials, AwsWorld } from "./aws/aws-credentials.ts";
import { createAwsSigner } from "./aws/aws-signer.ts";
import { BEDROCK_FAMILIES, BEDROCK_PREFIXES } from "./aws/bedrock-families.ts";
import { bucketReferences } from "./aws/bucket-references.ts";
import { CREDENTIAL_LIBRARY, createCredentialSearch } from "./aws/credential-search.ts";
import { keepCredentials } from "./aws/kept-credentials.ts";

export interface BedrockOptions extends ProviderOptions {
  /** As `eu-central-1`. Default: `AWS_REGION`, else `AWS_DEFAULT_REGION`. */
  readonly region?: string;
  /**
   * What signs requests: credentials, or a function that gives fresh ones. Default: a bearer key where there is one (`key`, else
   * `env:AWS_BEARER_TOKEN_BEDROCK`), then the environment, the shared files of AWS, and what
   * `@aws-sdk/credential-providers` finds where that is installed.
   */
  readonly credentials?: AwsCredentials | AwsCredentialSource;
  /** The profile in AWS's shared files. Default: `AWS_PROFILE`, else `default`. */
  readonly profile?: string;
  /** Where models are listed. Default: AWS's own control plane, or `baseUrl` where that is not AWS's own address. */
  readonly controlPlaneUrl?: string;
}

/** Amazon Bedrock's models by Converse, in one region. */
export function bedrock({
  region,
  credentials,
  profile,
  controlPlaneUrl,
  ...options
}: BedrockOptions = {}): Provider<BedrockModel> {
  const world = machine(options);
  const { environment } = world;
  const where = region ?? (environment.AWS_REGION?.trim() || environment.AWS_DEFAULT_REGION?.trim() || undefined);
  const baseUrl = options.baseUrl ?? `https://bedrock-runtime.${where ?? "region-not-set"}.amazonaws.com`;
  const search = createCredentialSearch(world, profile);
  const given = typeof credentials === "object" ? async () => credentials : credentials;
  const signer = createAwsSigner({
    provider: options.id ?? "bedrock",
    service: "bedrock",
    region: where,
    // Whoever gives credentials means them, whatever else the environment holds.
    bearer: options.key ?? (given === undefined && profile === undefined ? "env:AWS_BEARER_TOKEN_BEDROCK" : undefined),
    secrets: options.secrets,
    credentials: keepCredentials(given === undefined ? search.find : guarded(given), world.now),
    missing: given === undefined ? () => search.missing() : async () => undefined,
    regionInAddress: options.baseUrl === undefined,
    now: world.now,
  });

  const listModels: ProviderHooks["listModels"] = async () => {
    const { controlPlaneUrl: planeOf, listBedrockModels } = await import("./aws/control-plane.ts");
    return listBedrockModels({
      provider: options.id ?? "bedrock",
      url: controlPlaneUrl?.replace(/\/+$/, "") ?? planeOf(baseUrl),
      signer,
      transport: async () => options.transport ?? (await sharedTransport()),
    });
  };

  return defineProvider({
    id: "bedrock",
    name: "Amazon Bedrock",
    baseUrl,
    dialect: {
      id: "bedrock-converse",
      load: async () => (await import("../dialects/bedrock-converse/index.ts")).createBedrockConverseDialect(),
    },
    auth: { type: "signed", signer },
    catalogue: BEDROCK_CATALOGUE,
    families: BEDROCK_FAMILIES,
    aliases: aliasesIn(where),
    modelPrefixes: BEDROCK_PREFIXES,
    hooks: { listModels, prepare: (request) => ({ request: bucketReferences(request) }) },
    operations: {
      embed: async () => (await import("../embeddings/bedrock-embeddings.ts")).createBedrockEmbeddings(),
      rerank: async () => (await import("../rerank/cohere-rerank.ts")).createCohereRerank(BEDROCK_RERANK),
    },
    options,
  });
}

/** Behind InvokeModel: Cohere's body has a version, Amazon's has none. Source: Amazon Bedrock, Rerank models. */
const BEDROCK_RERANK: CohereRerankQuirks = {
  path: (model) => `/model/${encodeURIComponent(model)}/invoke`,
  modelInBody: false,
  extraFields: (model) => (model.includes("cohere.") ? { api_version: 2 } : {}),
};

/** Credentials of the caller's own making. What goes wrong there is told without its words, which may hold a secret. */
function guarded(source: AwsCredentialSource): AwsCredentialSource {
  return async () => {
    try {
      return await source();
    } catch (error) {
      if (DragomanError.is(error)) throw error;
      const kind = error instanceof Error ? error.name : "an error";
      const detail = `the function that gives credentials for AWS threw ${kind}`;
      throw new DragomanError({
        code: "authentication",
        detail,
        advice: "see to that function; its words are not repeated here",
      });
    }
  };
}

/** Amazon's own models, by the profile of the region: they can be called by no other name. */
function aliasesIn(region: string | undefined): Readonly<Record<string, string>> {
  const profile = PROFILES.find(([beginning]) => region?.startsWith(beginning))?.[1] ?? "";
  return Object.fromEntries(["micro", "lite", "pro"].map((size) => [`nova-${size}`, `${profile}amazon.nova-${size}-v1:0`]));
}

const PROFILES = [
  ["us-gov-", ""],
  ["us-", "us."],
  ["ca-", "us."],
  ["eu-", "eu."],
  ["ap-", "apac."],
] as const;

function machine(options: ProviderOptions): AwsWorld {
  return {
    environment: options.secrets?.environment ?? process.env,
    readFile: async (path) => {
      const { readFile } = await import("node:fs/promises");
      return readFile(path, "utf8").catch(() => undefined);
    },
    importProviders: () => {
      // By a variable: it need not be installed for types or bundles either.
      const name: string = CREDENTIAL_LIBRARY;
      return import(name);
    },
    now: Date.now,
  };
}
