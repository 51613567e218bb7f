/** `@dragoman/llm`: every public name, listed by hand. */

// Values
export type { PollingOptions } from "./await-answer.ts";
// Batches and files
export {
  type BatchCounts,
  type Batches,
  type BatchItem,
  type BatchJob,
  type BatchResult,
  type BatchStatus,
  isBatchAtRest,
} from "./batch.ts";
export { type BatchProgress, type RunBatchOptions, runBatch } from "./batches/run-batch.ts";
export { type WatchBatchOptions, watchBatch } from "./batches/watch-batch.ts";
export type { CacheDirective, CacheMiss, CacheMissReason, CacheOutcome } from "./cache.ts";
export { type CachedModel, type CachingRule, type CachingWay, cachingRule } from "./cache-minimum.ts";
export {
  type CacheDecision,
  type CachePlan,
  type CachePlanInit,
  type CacheTarget,
  type ConsideredPart,
  planDirectives,
} from "./cache-plan.ts";
// What is known of models
export {
  CAPABILITY_NAMES,
  type Capabilities,
  type Capability,
  type CapabilityAnswer,
  type CapabilityFacts,
  type CapabilityName,
  type CapabilitySource,
  UNKNOWN_CAPABILITIES,
  withCapabilities,
} from "./capabilities.ts";
// Names of models, for editors
export type * from "./catalogue/model-names.generated.ts";
export {
  type Catalogue,
  type CatalogueModel,
  EMPTY_CATALOGUE,
  type FamilyRule,
  findModel,
  lazyCatalogue,
  type ModelMatch,
  matchesModel,
} from "./catalogue.ts";
export { type CheckedArguments, checkArguments } from "./check-arguments.ts";
export { checkOutput } from "./check-output.ts";
export type { CachedAnswer, Completion, Finish, FinishReason } from "./completion.ts";
export { cosineSimilarity } from "./cosine-similarity.ts";
export {
  type CachePlanner,
  type CachePlannerOptions,
  createCachePlanner,
  type PlannedCall,
  type SessionCacheReport,
} from "./create-cache-planner.ts";
export { defineProvider } from "./define-provider.ts";
// The contract of dialects; the codecs are in `@dragoman/llm/dialects`
export type * from "./dialect.ts";
// What one wire alone has, typed: options of a request, data of its parts
export type * from "./dialects/anthropic-messages/options.ts";
export type { AnthropicVendorData } from "./dialects/anthropic-messages/vendor-data.ts";
export type * from "./dialects/bedrock-converse/options.ts";
export type { BedrockConverseVendorData } from "./dialects/bedrock-converse/vendor-data.ts";
export type * from "./dialects/cohere/options.ts";
export type { CohereVendorData } from "./dialects/cohere/vendor-data.ts";
export type * from "./dialects/gemini/options.ts";
export type { GeminiVendorData } from "./dialects/gemini/vendor-data.ts";
export type {
  GeminiInteractionsAnswerData,
  GeminiInteractionsMessageData,
  GeminiInteractionsOptions,
  GeminiInteractionsPartData,
} from "./dialects/gemini-interactions/vendor-data.ts";
export { type DialectId, loadDialect } from "./dialects/load-dialect.ts";
export type { MistralVendorData } from "./dialects/mistral/names.ts";
export type * from "./dialects/mistral/options.ts";
export type * from "./dialects/ollama/options.ts";
export type { OllamaVendorData } from "./dialects/ollama/vendor-data.ts";
export type * from "./dialects/openai-chat/options.ts";
export type { OpenAIChatVendorData } from "./dialects/openai-chat/vendor-data.ts";
export type * from "./dialects/openai-responses/options.ts";
export type { OpenAIResponsesVendorData } from "./dialects/openai-responses/vendor-data.ts";
// Vectors and ranks
export type * from "./embedding.ts";
export { type EmbeddingCodecId, loadEmbeddingCodec } from "./embeddings/load-embedding-codec.ts";
export type { OpenAIEmbeddingsQuirks } from "./embeddings/openai-embeddings.ts";
// Errors and secrets
export {
  DragomanError,
  type DragomanErrorInit,
  ERROR_TABLE,
  type ErrorAction,
  type ErrorCode,
  type ErrorFacts,
  type ErrorScope,
  type FailedAttempt,
  redactSecrets,
  toDragomanError,
} from "./errors.ts";
// Working with values
export {
  type FineTuneEvent,
  type FineTuneJob,
  type FineTuneRequest,
  type FineTuneStatus,
  type FineTuning,
  isFineTuneAtRest,
  type TrainingExample,
  type TrainingUpload,
  type UploadedTraining,
} from "./fine-tune.ts";
export { readTrainingFile } from "./fine-tuning/read-training-file.ts";
export type { ReadTraining } from "./fine-tuning/training-lines.ts";
export { type FineTuneProgress, type WatchFineTuneOptions, watchFineTune } from "./fine-tuning/watch-fine-tune.ts";
export { createFold, fold, type StreamFold, toolCallPart } from "./fold.ts";
export { type HandoffItem, type HandoffResult, type HandoffTarget, handoff } from "./handoff.ts";
export { createInlineMedia, type InlineMedia } from "./inline-media.ts";
export { isJsonObject, type JsonArray, type JsonObject, type JsonSchema, type JsonValue } from "./json.ts";
export {
  type AssistantMessage,
  type AssistantPart,
  type AudioPart,
  assistantMessage,
  type FilePart,
  type ImagePart,
  type JsonPart,
  type MediaSource,
  type Message,
  type OpaquePart,
  type Origin,
  type Part,
  type ReasoningPart,
  type RefusalPart,
  reasoningOf,
  type SourcePart,
  type SystemMessage,
  systemMessage,
  type TextPart,
  type ToolCallPart,
  type ToolMessage,
  type ToolResultContent,
  type ToolResultPart,
  textOf,
  toolCallsOf,
  toolResult,
  type UserMessage,
  type UserPart,
  userMessage,
  type VendorData,
} from "./message.ts";
export type * from "./model-names.ts";
// Policies
export { type CacheOptions, cache } from "./policies/cache.ts";
export { type Clock, systemClock } from "./policies/clock.ts";
export { compose, type Policy } from "./policies/compose.ts";
export { type ContinueAnswerOptions, continueAnswer } from "./policies/continue-answer.ts";
export { type FallbackOptions, failedAttempts, fallback } from "./policies/fallback.ts";
export { type LimitOptions, limit } from "./policies/limit.ts";
export { createMemoryResponseStore, type MemoryResponseStoreOptions } from "./policies/memory-response-store.ts";
export { type CachePlanningProvider, type PlanCacheOptions, planCache } from "./policies/plan-cache.ts";
export type { ResponseStore, StoredResponse } from "./policies/response-store.ts";
export { type RetryOptions, retry, retryDelayMs } from "./policies/retry.ts";
export { type RouteOptions, type RoutingProvider, route } from "./policies/route.ts";
export {
  type RequestFacts,
  type RouteCandidate,
  type RouteCondition,
  type RouteRule,
  requestFacts,
  targetFaults,
} from "./policies/route-candidates.ts";
export { type SearchPolicyOptions, search } from "./policies/search.ts";
export { streamFromComplete } from "./policies/stream-from-complete.ts";
export { chooseMode, type OutputMode, type StructuredOutputOptions, structuredOutput } from "./policies/structured-output.ts";
export type { Target } from "./policies/target.ts";
export {
  createSessionUsage,
  DEFAULT_SESSION,
  type SessionTotals,
  type SessionUsage,
  trackUsage,
  type UsedCall,
} from "./policies/track-usage.ts";
export {
  costOf,
  type OwnPricing,
  type PriceHours,
  type PriceRates,
  type PriceTier,
  type Pricing,
} from "./pricing.ts";
export { type CapabilityReport, type ProbeOptions, probe } from "./probe.ts";
export type { Availability, CallOptions, ModelInfo, Provider } from "./provider.ts";
export type {
  AuthScheme,
  HookContext,
  ModelFacts,
  PreparedRequest,
  ProviderDefinition,
  ProviderHooks,
  ProviderOptions,
} from "./provider-definition.ts";
// Providers
export { anthropic } from "./providers/anthropic.ts";
export type { AwsCredentialSource, AwsCredentials } from "./providers/aws/aws-credentials.ts";
export type {
  AccessToken,
  ClientSecret,
  EntraCredential,
  ManagedIdentity,
  TokenCredential,
  TokenReference,
} from "./providers/azure/entra-credential.ts";
export { type AzureOptions, azure } from "./providers/azure.ts";
export { type BedrockOptions, bedrock } from "./providers/bedrock.ts";
export { BUILT_IN_PROVIDERS, type BuiltInProvider } from "./providers/built-in.ts";
export { cerebras } from "./providers/cerebras.ts";
export { cohere } from "./providers/cohere.ts";
export { dashscope } from "./providers/dashscope.ts";
export { deepseek } from "./providers/deepseek.ts";
export { fireworks } from "./providers/fireworks.ts";
export { type GeminiOptions, gemini } from "./providers/gemini.ts";
export type { CachedContentOptions } from "./providers/google/cached-contents.ts";
export type {
  AccessTokenSource,
  ApplicationDefault,
  GoogleCredential,
  ServiceAccount,
} from "./providers/google/google-credential.ts";
export { groq } from "./providers/groq.ts";
export { huggingface } from "./providers/huggingface.ts";
export { llamaCpp } from "./providers/llama-cpp.ts";
export { lmStudio } from "./providers/lm-studio.ts";
export {
  COMPATIBLE_OPTIONS,
  type LoadProvidersOptions,
  loadProviders,
  type ProviderConfiguration,
  type ProviderPackage,
  type ProvidersConfiguration,
} from "./providers/load-providers.ts";
export { mistral } from "./providers/mistral.ts";
export { moonshot } from "./providers/moonshot.ts";
export { type OllamaOptions, ollama } from "./providers/ollama.ts";
export { type OpenAIOptions, openai } from "./providers/openai.ts";
export { type OpenAICompatibleDefinition, openaiCompatible } from "./providers/openai-compatible.ts";
export { type OpenRouterOptions, openrouter } from "./providers/openrouter.ts";
export { perplexity } from "./providers/perplexity.ts";
export { together } from "./providers/together.ts";
export { type VertexModel, type VertexOptions, vertex } from "./providers/vertex.ts";
export { vllm } from "./providers/vllm.ts";
export { xai } from "./providers/xai.ts";
export { zai } from "./providers/zai.ts";
export {
  createRegistry,
  type LazyProvider,
  type ListingFailure,
  nearestNames,
  type Registry,
  type RegistryOptions,
  type ResolvedModel,
} from "./registry.ts";
export {
  type CompletionCall,
  type CompletionRequest,
  type OutputRequest,
  type ReasoningEffort,
  type ReasoningRequest,
  type RequestMetadata,
  requestOf,
  type Timeouts,
  type WireRequest,
} from "./request.ts";
export type { CohereRerankQuirks } from "./rerank/cohere-rerank.ts";
export type * from "./rerank.ts";
export { type LoweredSchema, lowerSchema, type SchemaProfile } from "./schema.ts";
// Search
export { type BraveOptions, brave } from "./search/backends/brave.ts";
export { type DuckDuckGoOptions, duckduckgo } from "./search/backends/duckduckgo.ts";
export { type GoogleCustomSearchOptions, googleCustomSearch } from "./search/backends/google-custom-search.ts";
export { type SearxngOptions, searxng } from "./search/backends/searxng.ts";
export { type TavilyOptions, tavily } from "./search/backends/tavily.ts";
export { type VendorNativeOptions, type VendorNativeSearch, vendorNative } from "./search/backends/vendor-native.ts";
export { deriveSearchQuery } from "./search/derive-search-query.ts";
export {
  type FreshnessContext,
  type FreshnessDecision,
  type FreshnessReason,
  needsCurrentFacts,
} from "./search/needs-current-facts.ts";
export type {
  SearchBackend,
  SearchFreshness,
  SearchOptions,
  SearchQuery,
  SearchResult,
  SearchResults,
} from "./search/search-backend.ts";
export type { SearchBackendOptions } from "./search/search-connection.ts";
export type { SearchQuestion } from "./search/search-question.ts";
export { type SearchFailure, type SearchOutcome, type SearchReport, searchReportOf } from "./search/search-report.ts";
export type { QueryWriter } from "./search/write-search-query.ts";
// Secrets
export { describeSecret, resolveSecret, Secret, type SecretReference, type SecretSources } from "./secret.ts";
export {
  openedStream,
  type ReadyStream,
  readyStream,
  resumedStream,
  StreamChange,
  type StreamStage,
  stagedStream,
} from "./staged-stream.ts";
export { type ErrorEvent, type FinishEvent, isTerminal, type StreamEvent, type WholePart } from "./stream.ts";
export { streamFromCompletion } from "./stream-from-completion.ts";
export { type OutputSoFar, streamOutput } from "./stream-output.ts";
export type { Suggested } from "./suggested.ts";
export { estimateTokens, type TokenCount } from "./tokens.ts";
export {
  defineTool,
  isVendorTool,
  type SchemaWithJson,
  type Tool,
  type ToolChoice,
  type ToolDefinition,
  type ToolInit,
  toJsonSchema,
  type VendorTool,
} from "./tool.ts";
// Transport
export { createFetchTransport } from "./transport/fetch-transport.ts";
export type { Decoder, Transport, TransportRequest, TransportResponse } from "./transport/transport.ts";
export { createUndiciTransport } from "./transport/undici-transport.ts";
export { createUrlGuard, type UrlGuard, type UrlGuardOptions } from "./transport/url-guard.ts";
export { type Cost, type EngineTiming, mergeUsage, sumCosts, sumUsage, type Timing, type Usage } from "./usage.ts";
export { type SchemaViolation, validateAgainst } from "./validate.ts";
export type { UploadRequest, VendorFile, VendorFilePurpose, VendorFiles } from "./vendor-file.ts";
export type { ChannelRequest, VendorChannel, VendorOperations } from "./vendor-operations.ts";
export type * from "./vendor-options.ts";
export type { Warning } from "./warning.ts";
export { type WireText, wireTextOf } from "./wire-text.ts";
export { wrapProvider } from "./wrap-provider.ts";
