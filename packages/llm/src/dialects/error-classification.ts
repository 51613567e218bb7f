/**
 * From a vendor's words to our code. Vendors agree on nothing, so this is a table of rules, tried from the most particular
 * to the most general; the HTTP status decides only what the words leave open. Sources: the vendors' error pages and the
 * answers of their services; the phrases of context overflow are listed vendor by vendor.
 */
import type { ErrorCode } from "../errors.ts";

/** What could be read of an error answer, whatever its shape. */
export interface VendorErrorFacts {
  /** Undefined for an error inside a 200. */
  readonly status: number | undefined;
  readonly message: string;
  /** The vendor's type, code and status words, in lower case, joined by spaces. */
  readonly words: string;
}

/** Phrases for "the prompt does not fit", one per vendor. */
const CONTEXT_OVERFLOW: readonly RegExp[] = [
  /prompt is too long/i, // Anthropic
  /exceeds? the context window|context_length_exceeded/i, // OpenAI
  /input token count.{0,80}exceeds the maximum|token count.{0,40}exceeds the (?:model'?s )?(?:maximum|limit)/i, // Google
  /maximum prompt length is/i, // xAI
  /reduce the length of the (?:messages|prompt|input)/i, // Groq, OpenAI, DeepSeek
  /maximum (?:context|model) length (?:is|of)|max(?:imum)? context length by|max_model_len/i, // OpenRouter, vLLM, DeepSeek, Ollama cloud
  /exceeds the available context size|context size has been exceeded|exceed_context_size/i, // llama.cpp
  /(?:greater|larger) than the context length|context length of only/i, // LM Studio
  /exceeded model token limit/i, // Moonshot
  /too large for model with/i, // Mistral
  /input is too long for requested model|number of input tokens exceeds/i, // Bedrock
  /input \(\d+ tokens\) is longer than/i, // Together
  /total length of all messages is too long|too_many_prompt_tokens/i, // Perplexity
  /input length (?:and|\+) .?max_tokens.? exceed context limit/i, // Anthropic
  /prompt too long; exceeded/i, // Ollama
  /context length is only \d|exceeds (?:the )?model'?s maximum context length/i, // vLLM
  /prompt exceeds max length/i, // z.ai
  /range of input length should be/i, // DashScope
  /input \(\d+ tokens\) is too large to process/i, // llama.cpp, vectors
  /input length exceeds the context length/i, // Ollama, vectors
  /too many input tokens\. max input tokens/i, // Bedrock, Titan
  /must have less than \d+ tokens\. given/i, // Hugging Face, vectors
  /too many tokens: (?:total number of tokens|size limit exceeded|multi-hop prompt|minimal context)/i, // Cohere
];

const QUOTA =
  /insufficient[_ ]quota|exceeded your current quota|credit balance is too low|insufficient (?:credits|balance|funds)|billing[_ ](?:hard|error|not|disabled)|requires billing to be enabled|depleted your|out of credits|requires? more credits|payment required|arrears|arrearage|spending limit|free tier of the model has been exhausted|api calls \/ month|used all available credits|n't have any credits|credit limit exceeded|spend limit/i;
const RATE =
  /rate[_ -]?limit|too many requests|too many tokens|throttl|requests per|tokens per|per[_ -](?:minute|day)|resource[_ ]exhausted|slow down/i;
const CONTENT =
  /content[_ ](?:filter|policy|management)|content violates|content_policy_violation|responsible_?ai|safety[_ ](?:system|policy)|flagged (?:as|by|for)|usage (?:guidelines|policies)|prohibited[_ ]content|invalid_prompt|cyber_policy|data_?inspection_?failed|unsafe or sensitive content/i;
const OVERLOADED =
  /overloaded|over capacity|at capacity|no capacity|server is busy|currently busy|engine is overloaded|high demand|temporarily unavailable/i;
const LOADING = /loading model|still loading|model.{0,120}is (?:currently )?loading/i;
const MODEL_MISSING =
  /model[_ ]not[_ ](?:found|exist|available)|not a valid model|invalid[_ ]model\b|no such model|not found the model|unknown model|deploymentnotfound|deployment for this resource does not exist|model.{0,120}(?:does not exist|doesn't exist|not found|is not found|not exist|is not available)|(?:unable to access|not supported) model/i;
/** What is gone for good, where it is a model: NVIDIA says so of each that it retires. */
const MODEL_GONE = /\bmodels?\b|\bdeployment\b/i;
/** Anthropic's whole message is `model: name`. */
const MODEL_ONLY = /^model: \S/;
const KEY =
  /invalid[_ ](?:x-)?(?:api[_ -]?key|key|authentication|credentials)|incorrect api key|wrong api key|wrong_api_key|api_key_invalid|api key not valid|api[_ -]?key.{0,40}(?:is invalid|not valid|missing|required|expired)|check the api-?key|no (?:auth|cookie auth) credentials|authentication(?:_error| fails)|unauthenticated|unauthorized/i;
const UNSUPPORTED =
  /(?:is|are) not supported (?:with|in|by|for) (?:this|the|that)|not supported with (?:this|the) model|does not support|doesn't support|unsupported (?:parameter|value)|unsupported_(?:parameter|value)|is not enabled for (?:this model|models\/)|no endpoints found that support/i;
/** Local engines answer 500 to what is the caller's mistake. */
const ENGINE_UNSUPPORTED =
  /(?:audio|image|video) input is not supported|requires --(?:jinja|enable-auto-tool-choice)|does not support (?:tools|thinking|images)/i;
const ENGINE_INVALID = /image: unknown format|cannot use both json_schema and grammar|failed to parse (?:grammar|input)/i;
const SCHEMA =
  /invalid (?:json )?schema|invalid_function_parameters|invalid json_schema|output_(?:format|config)\.\S*schema|input_schema|json schema is (?:invalid|not)/i;

interface Rule {
  readonly code: ErrorCode;
  readonly matches: (facts: VendorErrorFacts, text: string) => boolean;
}

/** A caller's mistake as the vendors number it: 4xx but not the codes with a meaning of their own. */
function isCallerStatus(status: number | undefined): boolean {
  return status === undefined || (status >= 400 && status < 500 && status !== 401 && status !== 403 && status !== 429);
}

const RULES: readonly Rule[] = [
  { code: "unsupported", matches: (_facts, text) => ENGINE_UNSUPPORTED.test(text) },
  { code: "invalid_request", matches: (_facts, text) => ENGINE_INVALID.test(text) },
  {
    code: "context_overflow",
    matches: (facts, text) =>
      facts.status !== 429 && !/too many tokens, please wait/i.test(text) && CONTEXT_OVERFLOW.some((phrase) => phrase.test(text)),
  },
  { code: "model_loading", matches: (facts, text) => (facts.status === undefined || facts.status >= 500) && LOADING.test(text) },
  { code: "quota_exceeded", matches: (facts, text) => facts.status === 402 || isSpentQuota(text) },
  {
    code: "permission_denied",
    matches: (_facts, text) => /location is not supported|not available in your (?:country|region)/i.test(text),
  },
  { code: "content_refused", matches: (facts, text) => (facts.status === undefined || facts.status < 500) && CONTENT.test(text) },
  {
    code: "overloaded",
    matches: (facts, text) =>
      facts.status === 529 ||
      // Groq, for a tier that is full
      facts.status === 498 ||
      ((facts.status === undefined || facts.status >= 500) && OVERLOADED.test(text)) ||
      /overloaded_error|\b(?:engine_overloaded|queue_exceeded)/.test(facts.words),
  },
  {
    code: "rate_limited",
    matches: (facts, text) =>
      facts.status === 429 ||
      ((facts.status === undefined || facts.status >= 500) && RATE.test(text)) ||
      /\brate_limit/.test(facts.words),
  },
  {
    code: "authentication",
    matches: (facts, text) =>
      facts.status === 401
        ? !/insufficient permissions/i.test(text)
        : KEY.test(text) && (facts.status === undefined || facts.status < 500),
  },
  {
    code: "permission_denied",
    matches: (facts) => facts.status === 403 || facts.status === 401 || /permission_(?:error|denied)/.test(facts.words),
  },
  { code: "request_too_large", matches: (facts) => facts.status === 413 || facts.words.includes("request_too_large") },
  {
    code: "model_not_found",
    matches: (facts, text) => isCallerStatus(facts.status) && (MODEL_MISSING.test(text) || MODEL_ONLY.test(facts.message)),
  },
  { code: "model_not_found", matches: (facts, text) => facts.status === 410 && MODEL_GONE.test(text) },
  { code: "unsupported", matches: (facts, text) => isCallerStatus(facts.status) && UNSUPPORTED.test(text) },
  { code: "schema_unsupported", matches: (facts, text) => isCallerStatus(facts.status) && SCHEMA.test(text) },
  { code: "not_found", matches: (facts) => facts.status === 404 || facts.status === 410 },
  {
    code: "timeout",
    matches: (facts) => facts.status === 408 || facts.status === 504 || /\btimeout_error\b|deadline_exceeded/.test(facts.words),
  },
  { code: "overloaded", matches: (facts) => facts.status === 503 || /\bunavailable\b/.test(facts.words) },
  { code: "vendor_error", matches: (facts) => (facts.status !== undefined && facts.status >= 500) || facts.status === 409 },
  {
    code: "invalid_request",
    matches: (facts) =>
      (facts.status !== undefined && facts.status >= 400) || /invalid[_ ]?(?:request|argument|parameter|value)/.test(facts.words),
  },
  { code: "vendor_error", matches: () => true },
];

/**
 * Google says "exceeded your current quota" for a limit per minute too, and then names the metric; such a message is about
 * rate, not credit, unless it speaks of a day.
 */
function isSpentQuota(text: string): boolean {
  if (!QUOTA.test(text)) return false;
  const namesGoogleMetric = /quota exceeded for metric|quotaMetric|generativelanguage\.googleapis\.com/i.test(text);
  return !namesGoogleMetric || /per[_ -]?day|limit: 0\b/i.test(text);
}

export function classifyVendorError(facts: VendorErrorFacts): ErrorCode {
  const text = `${facts.words} ${facts.message}`;
  for (const rule of RULES) if (rule.matches(facts, text)) return rule.code;
  return "vendor_error";
}
