import { ANTHROPIC_ALIASES, GEMINI_ALIASES } from "../catalogue/aliases.ts";
import { ANTHROPIC_CATALOGUE } from "../catalogue/anthropic.generated.ts";
import { ANTHROPIC_FAMILIES, GEMINI_FAMILIES } from "../catalogue/families.ts";
import { GEMINI_CATALOGUE } from "../catalogue/gemini.generated.ts";
import type { AnthropicModel, GeminiModel } from "../catalogue/model-names.generated.ts";
import { type Catalogue, lazyCatalogue } from "../catalogue.ts";
import { defineProvider } from "../define-provider.ts";
import type { Dialect, LazyDialect } from "../dialect.ts";
import type { GeminiQuirks } from "../dialects/gemini/quirks.ts";
import { DragomanError } from "../errors.ts";
import { createKeySigner } from "../key-signer.ts";
import type { Provider } from "../provider.ts";
import type { ProviderDefinition, ProviderHooks, ProviderOptions } from "../provider-definition.ts";
import type { RequestSigner } from "../request-signer.ts";
import type { Suggested } from "../suggested.ts";
import type { CachedContentOptions } from "./google/cached-contents.ts";
import type { GoogleCredential, GoogleWorld } from "./google/google-credential.ts";
import { retryRefused } from "./google/retry-refused.ts";
import { createTokenSigner } from "./google/token-signer.ts";
import { tokenWay } from "./google/token-sources.ts";
import { withCachedContents } from "./google/with-cached-contents.ts";
import { addressClaude, addressGemini, isClaude } from "./vertex/address.ts";
import { joinByModel } from "./vertex/join-by-model.ts";
import { listPublisher } from "./vertex/listing.ts";
import { checkPlace, resourceOf, type VertexPlace, vertexRoot } from "./vertex/place.ts";

/** A model of `vertex`, with the known ones to choose from. Any other name is taken as well. */
export type VertexModel = Suggested<GeminiModel | AnthropicModel>;

export interface VertexOptions extends ProviderOptions {
  /** The project's id. Default: that of a service account given as JSON, else `GOOGLE_CLOUD_PROJECT`. */
  readonly project?: string;
  /** As `us-central1`. Default: `GOOGLE_CLOUD_LOCATION`, else `global`. */
  readonly location?: string;
  /** Default `v1`, the stable surface. */
  readonly apiVersion?: VertexPlace["apiVersion"];
  /** Default: `key` where it is given (express mode), else what the machine offers. */
  readonly credentials?: GoogleCredential;
  /** How objects for cache directives with a time to live are kept, for Gemini. `false`: none are made. */
  readonly cachedContents?: CachedContentOptions | false;
}

/**
 * Gemini and Claude at Google's Vertex AI, chosen by the model's id. Credentials: `credentials`, or an API key of express
 * mode (`key`, `env:GOOGLE_VERTEX_API_KEY`; Gemini only), or application default credentials.
 */
export function vertex({
  project,
  location,
  apiVersion = "v1",
  credentials,
  cachedContents,
  ...options
}: VertexOptions = {}): Provider<VertexModel> {
  const environment = options.secrets?.environment ?? process.env;
  const place: VertexPlace = {
    project: project ?? projectOf(credentials) ?? (environment.GOOGLE_CLOUD_PROJECT?.trim() || undefined),
    location: location ?? (environment.GOOGLE_CLOUD_LOCATION?.trim() || "global"),
    apiVersion,
  };
  checkPlace(place);
  const id = options.id ?? "vertex";
  const usesKey = credentials === undefined && (options.key !== undefined || Boolean(environment.GOOGLE_VERTEX_API_KEY?.trim()));
  const tokens = usesKey ? undefined : tokenSignerOf(credentials ?? { type: "application-default" }, options, environment);
  const signer = inPlace(tokens ?? keySigner(id, options), place, id, usesKey);
  const root = (options.baseUrl ?? vertexRoot(place)).replace(/\/+$/, "");
  const baseUrl = place.project === undefined ? root : `${root}/${resourceOf(place)}`;
  const shared = { baseUrl, auth: { type: "signed", signer }, backend: "vertex", options: { ...options, baseUrl } } as const;
  const isExpress = place.project === undefined;
  const caching = { provider: id, backend: "vertex", quirks: () => geminiQuirks(place), resourceOf: resourceNames(place) };
  // Objects stand under a project.
  const google = withCachedContents(isExpress ? false : cachedContents, caching, (hooks) =>
    defineProvider({ ...shared, ...geminiPart(place, isExpress, hooks) }),
  );
  const claude = defineProvider({ ...shared, ...claudePart(isExpress) });
  const claudeAliases = new Map(Object.entries({ ...CLAUDE_ALIASES, ...options.aliases }));
  const joined = joinByModel(
    google,
    claude,
    (model) => (isClaude(claudeAliases.get(model) ?? model) ? claude : google),
    (model) => OWN_SPELLING.test(model) || Object.hasOwn(options.aliases ?? {}, model),
  );
  return tokens === undefined ? joined : retryRefused(joined, (error) => error.status === 401 && tokens.renew());
}

/** The bare ids of both catalogues are their makers' own; only Vertex AI writes a version behind `@`, or a resource's name. */
const OWN_SPELLING = /^(?:claude-[\w.-]+@|publishers\/(?:google|anthropic)\/models\/|endpoints\/)/;

/** What the evidence is for the ids of calls stands beside the quirk. */
async function geminiQuirks({ apiVersion }: VertexPlace): Promise<GeminiQuirks> {
  const { VERTEX_QUIRKS } = await import("../dialects/gemini/quirks.ts");
  return { ...VERTEX_QUIRKS, functionCallIds: apiVersion === "v1beta1", fileKeeper: "vertex" };
}

function resourceNames(place: VertexPlace): (model: string) => string {
  return (model) => {
    const path = model.includes("/") ? model : `publishers/google/models/${model}`;
    return `${resourceOf(place)}/${path}`;
  };
}

type Part = Omit<ProviderDefinition, "baseUrl" | "auth">;

function geminiPart(place: VertexPlace, isExpress: boolean, hooks: ProviderHooks): Part {
  return {
    id: "vertex",
    name: "Google Vertex AI",
    dialect: {
      id: "gemini",
      async load() {
        const { createGeminiDialect } = await import("../dialects/gemini/index.ts");
        return createGeminiDialect(await geminiQuirks(place));
      },
    },
    catalogue: GEMINI_ONLY,
    families: GEMINI_FAMILIES,
    aliases: GEMINI_ALIASES,
    hooks: {
      ...hooks,
      address: addressGemini,
      // A key of express mode may ask models, not list them: the catalogue stands for the listing.
      listModels: async (context) =>
        isExpress ? [] : listPublisher(context, "google", (id) => /^gemini-/.test(id) && !/embedding|image|live|tts/.test(id)),
    },
    operations: {
      embed: async () => (await import("../embeddings/gemini-embeddings.ts")).createGeminiEmbeddings({ surface: "vertex" }),
    },
  };
}

function claudePart(isExpress: boolean): Part {
  return {
    id: "vertex",
    name: "Google Vertex AI",
    dialect: CLAUDE_DIALECT,
    catalogue: ANTHROPIC_CATALOGUE,
    families: ANTHROPIC_FAMILIES,
    aliases: CLAUDE_ALIASES,
    hooks: {
      address: addressClaude,
      listModels: async (context) => (isExpress ? [] : listPublisher(context, "anthropic", (id) => id.startsWith("claude-"))),
    },
  };
}

/** Models up to Claude 4.5 are served under a dated id only. */
const CLAUDE_ALIASES = { ...ANTHROPIC_ALIASES, "claude-haiku": "claude-haiku-4-5@20251001" };

/** Google's part of the price catalogue has rows of Claude too; Anthropic's own are the fuller ones. */
const GEMINI_ONLY: Catalogue = lazyCatalogue(() => ({
  version: GEMINI_CATALOGUE.version,
  models: GEMINI_CATALOGUE.models.filter(({ id }) => !id.startsWith("claude-")),
}));

const CLAUDE_DIALECT: LazyDialect = {
  id: "anthropic-messages",
  async load() {
    const { createAnthropicMessagesDialect } = await import("../dialects/anthropic-messages/index.ts");
    return withDataOnly(createAnthropicMessagesDialect());
  },
};

/** Neither addresses nor Anthropic's files are taken here: media goes by value. Source: Anthropic's pages on vision and files. */
function withDataOnly(dialect: Dialect): Dialect {
  const media = { image: ["data"], audio: [], file: ["data"], toolResultImage: ["data"] } as const;
  return { ...dialect, constraints: { ...dialect.constraints, media } };
}

function projectOf(credentials: GoogleCredential | undefined): string | undefined {
  if (credentials === undefined || "getAccessToken" in credentials || credentials.type !== "service-account") return undefined;
  const { key } = credentials;
  const named = typeof key === "object" && "project_id" in key ? key.project_id : undefined;
  return typeof named === "string" ? named : undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

function tokenSignerOf(credential: GoogleCredential, { transport, secrets }: ProviderOptions, environment: Environment) {
  const world: GoogleWorld = { transport, sources: secrets, environment, now: Date.now, readFile: readTextFile };
  return createTokenSigner(tokenWay(credential, world), Date.now);
}

async function readTextFile(path: string): Promise<string | undefined> {
  const { readFile } = await import("node:fs/promises");
  return readFile(path, "utf8").catch(() => undefined);
}

function keySigner(provider: string, { key = "env:GOOGLE_VERTEX_API_KEY", secrets }: ProviderOptions): RequestSigner {
  const header = { header: "x-goog-api-key", headerValue: (text: string) => text };
  return createKeySigner({ provider, key, optional: false, sources: secrets, ...header });
}

/** Without a key the project stands in every path: nothing goes out until one is named. */
function inPlace(signer: RequestSigner, { project }: VertexPlace, provider: string, usesKey: boolean): RequestSigner {
  if (project !== undefined || usesKey) return signer;
  const detail = "no project: GOOGLE_CLOUD_PROJECT is not set, and project is not given";
  const nextStep = "set GOOGLE_CLOUD_PROJECT to the project's id, or give an API key of express mode";
  return {
    async sign() {
      throw new DragomanError({ code: "configuration", provider, detail, advice: nextStep });
    },
    missing: async () => ({ detail, nextStep }),
    nextStep,
  };
}
