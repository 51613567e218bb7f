/**
 * Names of OpenTelemetry's semantic conventions for generative AI, version 1.37 (opentelemetry.io/docs/specs/semconv/gen-ai),
 * and the few of our own beside them. Everything that is told outside takes its names from here.
 */
export const GEN_AI = {
  operationName: "gen_ai.operation.name",
  providerName: "gen_ai.provider.name",
  requestModel: "gen_ai.request.model",
  responseModel: "gen_ai.response.model",
  finishReasons: "gen_ai.response.finish_reasons",
  inputTokens: "gen_ai.usage.input_tokens",
  outputTokens: "gen_ai.usage.output_tokens",
  agentName: "gen_ai.agent.name",
  conversationId: "gen_ai.conversation.id",
  tokenType: "gen_ai.token.type",
  errorType: "error.type",
  operationDuration: "gen_ai.client.operation.duration",
  tokenUsage: "gen_ai.client.token.usage",
  timeToFirstToken: "gen_ai.server.time_to_first_token",
} as const;

/** What the conventions have no name for. */
export const DRAGOMAN = {
  callId: "dragoman.call.id",
  key: "dragoman.key",
  team: "dragoman.team",
  route: "dragoman.route",
  outcome: "dragoman.outcome",
  costUsd: "dragoman.cost_usd",
  attempt: "dragoman.attempt",
  cached: "dragoman.cached",
} as const;

/** What was asked, as the conventions call it. */
export const OPERATION_NAMES = {
  complete: "chat",
  stream: "chat",
  embed: "embeddings",
  rerank: "rerank",
  "count-tokens": "count_tokens",
} as const;
