import { OPENAI_FAMILIES } from "../catalogue/families.ts";
import { OPENAI_CATALOGUE } from "../catalogue/openai.generated.ts";
import { defineProvider } from "../define-provider.ts";
import type { LazyDialect } from "../dialect.ts";
import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import type { OpenAIResponsesQuirks } from "../dialects/openai-responses/quirks.ts";
import type { OpenAIEmbeddingsQuirks } from "../embeddings/openai-embeddings.ts";
import { DragomanError } from "../errors.ts";
import { createKeySigner } from "../key-signer.ts";
import type { Provider } from "../provider.ts";
import type { HookContext, ModelFacts, ProviderOptions } from "../provider-definition.ts";
import type { RequestSigner } from "../request-signer.ts";
import { countWithTokenizer } from "../tokenizer.ts";
import { wrapProvider } from "../wrap-provider.ts";
import type { EntraCredential } from "./azure/entra-credential.ts";
import { createEntraSigner } from "./azure/entra-signer.ts";
import { addressDeployment, deploymentOf, resourceRoot, surfaceUrl } from "./azure/surface.ts";

/** "This model does not support file content types": documents go only over responses. */
export const AZURE_CHAT_QUIRKS: OpenAIChatQuirks = { media: { file: [] }, fileProvider: "azure" };
export const AZURE_RESPONSES_QUIRKS: OpenAIResponsesQuirks = { fileKeeper: "azure" };

/** As OpenAI's own. */
const AZURE_VECTORS: OpenAIEmbeddingsQuirks = { encodingFormat: "base64", truncation: { refuse: {} } };

export interface AzureOptions extends ProviderOptions {
  /** The resource's name: `https://NAME.openai.azure.com`. Default: `baseUrl`, else `AZURE_OPENAI_ENDPOINT`. */
  readonly resource?: string;
  /**
   * Model id -> name of its deployment. Prices and abilities follow the model, the wire gets the deployment, and a call may
   * name either. A model that is not listed is its own deployment's name.
   */
  readonly deployments?: Readonly<Record<string, string>>;
  /** Which of OpenAI's wires to speak. Default `responses`; with `apiVersion`, `chat`. */
  readonly wire?: "responses" | "chat";
  /** Speaks the classic surface in this version, as `2024-10-21`. Default: the newer `/openai/v1`, which needs none. */
  readonly apiVersion?: string;
  /** Tokens of Microsoft Entra instead of a key: any credential of @azure/identity, or one of ours. */
  readonly entra?: EntraCredential;
  /** For whom an Entra token is asked. Default `https://cognitiveservices.azure.com/.default`. */
  readonly scope?: string;
}

/**
 * OpenAI's models at Azure. Key: `env:AZURE_OPENAI_API_KEY` unless given; where there is none, and `AZURE_TENANT_ID`,
 * `AZURE_CLIENT_ID` and `AZURE_CLIENT_SECRET` are set, Entra's client credentials.
 */
export function azure({ resource, deployments = {}, wire, apiVersion, entra, scope, ...options }: AzureOptions = {}): Provider {
  const environment = options.secrets?.environment ?? process.env;
  const endpoint = options.baseUrl ?? endpointOf(resource) ?? environment.AZURE_OPENAI_ENDPOINT?.trim();
  const root = resourceRoot(endpoint || "https://resource-not-set.openai.azure.com");
  const isChat = (wire ?? (apiVersion === undefined ? "responses" : "chat")) === "chat";
  const id = options.id ?? "azure";
  const provider = defineProvider({
    id,
    name: "Azure OpenAI",
    baseUrl: root,
    dialect: isChat ? CHAT : RESPONSES,
    auth: { type: "signed", signer: onceThereIsAnEndpoint(endpoint, id, signerOf(id, entra, scope, options, environment)) },
    catalogue: OPENAI_CATALOGUE,
    families: isChat ? [...OPENAI_FAMILIES, NO_DOCUMENTS] : OPENAI_FAMILIES,
    aliases: Object.fromEntries(Object.entries(deployments).map(([model, deployment]) => [deployment, model])),
    hooks: {
      address: addressDeployment({ deployments, apiVersion }),
      countTokens: (request) => countWithTokenizer(request),
      listModels: (context) => listModels(context, Object.keys(deployments), apiVersion),
    },
    operations: {
      fineTuning: async (vendor) => {
        const [{ openaiFineTuning }, { azureFilesQuirks }] = await Promise.all([
          import("../fine-tuning/openai-fine-tuning.ts"),
          import("../files/file-quirks.ts"),
        ]);
        const files = azureFilesQuirks(apiVersion);
        const quirks = { files, ...(files.query === undefined ? {} : { query: files.query }) };
        return openaiFineTuning(vendor, quirks, { polling: options.polling });
      },
      embed: async () => (await import("../embeddings/openai-embeddings.ts")).createOpenAIEmbeddings(AZURE_VECTORS),
      files: async (vendor) => {
        const [{ openaiFiles }, { azureFilesQuirks }] = await Promise.all([
          import("../files/openai-files.ts"),
          import("../files/file-quirks.ts"),
        ]);
        return openaiFiles(vendor, azureFilesQuirks(apiVersion), { polling: options.polling });
      },
      batches: async (vendor) => {
        const [{ openaiBatches }, { azureBatchesQuirks }] = await Promise.all([
          import("../batches/openai-batches.ts"),
          import("../batches/batch-quirks.ts"),
        ]);
        const quirks = azureBatchesQuirks(apiVersion, (model) => deploymentOf(deployments, model));
        return openaiBatches(vendor, quirks, { polling: options.polling });
      },
    },
    // "at 50% less cost than global standard". Source: Azure's guide, "Getting started with Azure OpenAI batch deployments".
    batchPriceFactor: 0.5,
    options: { ...options, baseUrl: surfaceUrl(root, apiVersion) },
  });
  const own = new Set([...Object.keys(deployments), ...Object.values(deployments)]);
  return wrapProvider(provider, {
    stream: (call) => provider.stream(call),
    // the catalogue's bare ids are OpenAI's own
    supports: (model) => own.has(model),
    knownModels: () => [...own],
  });
}

const NO_DOCUMENTS = { prefix: "", facts: { pdf: false }, evidence: "Azure OpenAI takes no documents in chat" };

const CHAT: LazyDialect = {
  id: "openai-chat",
  async load() {
    const [{ createOpenAIChatDialect }, { withFilterCategories }] = await Promise.all([
      import("../dialects/openai-chat/index.ts"),
      import("./azure/content-filter.ts"),
    ]);
    return withFilterCategories(createOpenAIChatDialect(AZURE_CHAT_QUIRKS));
  },
};

const RESPONSES: LazyDialect = {
  id: "openai-responses",
  async load() {
    const [{ createOpenAIResponsesDialect }, { withFilterCategories }] = await Promise.all([
      import("../dialects/openai-responses/index.ts"),
      import("./azure/content-filter.ts"),
    ]);
    // Azure documents no count of tokens; the model's own tokenizer does it here.
    const { countTokens: _undocumented, ...dialect } = createOpenAIResponsesDialect(AZURE_RESPONSES_QUIRKS);
    return withFilterCategories(dialect);
  },
};

function endpointOf(resource: string | undefined): string | undefined {
  return resource === undefined ? undefined : `https://${encodeURIComponent(resource)}.openai.azure.com`;
}

type Environment = Readonly<Record<string, string | undefined>>;

function signerOf(
  provider: string,
  entra: EntraCredential | undefined,
  scope: string | undefined,
  options: ProviderOptions,
  environment: Environment,
): RequestSigner {
  const hasKey = options.key !== undefined || isSet(environment, "AZURE_OPENAI_API_KEY");
  const hasClient = CLIENT_VARIABLES.every((name) => isSet(environment, name));
  const credential = entra ?? (!hasKey && hasClient ? ({ type: "client-secret" } as const) : undefined);
  if (credential === undefined) {
    return createKeySigner({
      provider,
      key: options.key ?? "env:AZURE_OPENAI_API_KEY",
      optional: false,
      sources: options.secrets,
      header: "api-key",
      headerValue: (key) => key,
    });
  }
  const world = { transport: options.transport, sources: options.secrets, environment, now: Date.now };
  return createEntraSigner({
    source: async (scope) => (await import("./azure/token-sources.ts")).tokenSource(credential, world)(scope),
    scope: scope ?? "https://cognitiveservices.azure.com/.default",
    missing: async () => undefined,
    nextStep: "give the identity the role Cognitive Services OpenAI User on the resource",
    now: Date.now,
  });
}

const CLIENT_VARIABLES = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"] as const;

function isSet(environment: Environment, name: string): boolean {
  return (environment[name]?.trim() ?? "") !== "";
}

/** A resource has no address that could be guessed: nothing goes out until one is named. */
function onceThereIsAnEndpoint(endpoint: string | undefined, provider: string, signer: RequestSigner): RequestSigner {
  if (endpoint !== undefined && endpoint !== "") return signer;
  const detail = "no endpoint: AZURE_OPENAI_ENDPOINT is not set, and neither resource nor baseUrl is given";
  const nextStep = "set AZURE_OPENAI_ENDPOINT to https://NAME.openai.azure.com";
  return {
    async sign() {
      throw new DragomanError({ code: "configuration", provider, detail, advice: nextStep });
    },
    missing: async () => ({ detail, nextStep }),
    nextStep,
  };
}

/** The resource lists what it could deploy, not what is deployed; where the owner named that, it is the list. */
async function listModels(
  { fetchJson }: HookContext,
  deployed: readonly string[],
  apiVersion: string | undefined,
): Promise<readonly ModelFacts[]> {
  const { modelsCodec } = await import("../dialects/openai-chat/models.ts");
  const query = apiVersion === undefined ? "" : `?api-version=${encodeURIComponent(apiVersion)}`;
  const listed = modelsCodec.parseResponse(await fetchJson("GET", `/models${query}`));
  return deployed.length > 0 ? deployed.map((id) => ({ id })) : listed;
}
