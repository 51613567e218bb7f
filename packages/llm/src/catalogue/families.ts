/**
 * What whole families of models can do, where neither the vendor's listing nor a probe says it. Sources: the vendors' model
 * pages and the tables of WIRE facts on which the dialects rest. A later rule goes over an earlier one.
 */
import type { FamilyRule } from "../catalogue.ts";

const ANTHROPIC_DOCS = "Anthropic's model overview";
const OPENAI_DOCS = "OpenAI's model pages";
const GEMINI_DOCS = "Google's Gemini model pages";
const MOONSHOT_DOCS = "Moonshot's API reference";

export const ANTHROPIC_FAMILIES: readonly FamilyRule[] = [
  {
    prefix: "claude-",
    evidence: ANTHROPIC_DOCS,
    facts: {
      streaming: true,
      tools: true,
      parallelToolCalls: true,
      toolChoiceRequired: true,
      images: true,
      audio: false,
      pdf: true,
      imagesInToolResults: true,
      reasoning: true,
      jsonSchema: true,
      stopSequences: true,
      seed: false,
      promptCache: true,
      systemPrompt: true,
    },
  },
  {
    prefix: "claude-2",
    evidence: ANTHROPIC_DOCS,
    facts: { tools: false, images: false, pdf: false, reasoning: false, jsonSchema: false },
  },
  {
    prefix: "claude-3",
    evidence: ANTHROPIC_DOCS,
    facts: { reasoning: false, jsonSchema: false, temperature: true, prefill: true },
  },
  { prefix: "claude-3-7", evidence: ANTHROPIC_DOCS, facts: { reasoning: true } },
  { prefix: "claude-sonnet-4", evidence: ANTHROPIC_DOCS, facts: { temperature: true } },
  { prefix: "claude-opus-4-7", evidence: "migration guide: sampling settings are refused", facts: { temperature: false } },
  { prefix: "claude-opus-4-8", evidence: "migration guide: sampling settings are refused", facts: { temperature: false } },
  { prefix: "claude-sonnet-5", evidence: "migration guide: sampling settings are refused", facts: { temperature: false } },
  { prefix: "claude-opus-5", evidence: "migration guide: sampling settings are refused", facts: { temperature: false } },
  {
    prefix: "claude-fable",
    evidence: "always thinks; sampling settings are refused",
    facts: { temperature: false, reasoningOff: false },
  },
];

const OPENAI_CHAT_MODEL = {
  streaming: true,
  tools: true,
  parallelToolCalls: true,
  toolChoiceRequired: true,
  images: true,
  audio: false,
  pdf: true,
  jsonMode: true,
  jsonSchema: true,
  promptCache: true,
  systemPrompt: true,
  reasoning: false,
  temperature: true,
  prefill: false,
} as const;
const OPENAI_REASONING_MODEL = { ...OPENAI_CHAT_MODEL, reasoning: true, temperature: false } as const;

export const OPENAI_FAMILIES: readonly FamilyRule[] = [
  { prefix: "gpt-3.5", evidence: OPENAI_DOCS, facts: { ...OPENAI_CHAT_MODEL, images: false, pdf: false, jsonSchema: false } },
  { prefix: "gpt-4", evidence: OPENAI_DOCS, facts: OPENAI_CHAT_MODEL },
  { prefix: "gpt-5", evidence: OPENAI_DOCS, facts: OPENAI_REASONING_MODEL },
  {
    prefix: "gpt-5.",
    evidence: "effort none is taken from gpt-5.1 on",
    facts: { ...OPENAI_REASONING_MODEL, reasoningOff: true },
  },
  { prefix: "gpt-6", evidence: OPENAI_DOCS, facts: { ...OPENAI_REASONING_MODEL, reasoningOff: true } },
  { prefix: "o1", evidence: OPENAI_DOCS, facts: { ...OPENAI_REASONING_MODEL, reasoningOff: false, parallelToolCalls: false } },
  { prefix: "o3", evidence: OPENAI_DOCS, facts: { ...OPENAI_REASONING_MODEL, reasoningOff: false } },
  { prefix: "o4", evidence: OPENAI_DOCS, facts: { ...OPENAI_REASONING_MODEL, reasoningOff: false } },
];

export const GEMINI_FAMILIES: readonly FamilyRule[] = [
  {
    prefix: "gemini-",
    evidence: GEMINI_DOCS,
    facts: {
      streaming: true,
      tools: true,
      parallelToolCalls: true,
      toolChoiceRequired: true,
      images: true,
      audio: true,
      pdf: true,
      jsonMode: true,
      jsonSchema: true,
      temperature: true,
      stopSequences: true,
      seed: true,
      promptCache: true,
      systemPrompt: true,
      reasoning: false,
    },
  },
  { prefix: "gemini-2.5", evidence: GEMINI_DOCS, facts: { reasoning: true } },
  { prefix: "gemini-2.5-pro", evidence: "thinking cannot be turned off", facts: { reasoningOff: false } },
  { prefix: "gemini-2.5-flash", evidence: "thinkingBudget 0", facts: { reasoningOff: true } },
  {
    prefix: "gemini-3",
    evidence: "thinkingLevel; thinking cannot be turned off",
    facts: { reasoning: true, reasoningOff: false, imagesInToolResults: true },
  },
  {
    prefix: "gemma-",
    evidence: "Gemma takes no system instruction and no function declarations",
    facts: { systemPrompt: false, tools: false },
  },
];

export const MOONSHOT_FAMILIES: readonly FamilyRule[] = [
  {
    prefix: "",
    evidence: MOONSHOT_DOCS,
    facts: {
      streaming: true,
      tools: true,
      parallelToolCalls: true,
      toolChoiceRequired: false,
      jsonMode: true,
      promptCache: true,
      systemPrompt: true,
      pdf: false,
      audio: false,
    },
  },
  { prefix: "kimi-k2.5", evidence: MOONSHOT_DOCS, facts: { images: true, reasoning: true } },
  { prefix: "kimi-k2.6", evidence: MOONSHOT_DOCS, facts: { images: true, reasoning: true } },
  { prefix: "kimi-k3", evidence: MOONSHOT_DOCS, facts: { images: true, reasoning: true } },
  { prefix: "kimi-k2-thinking", evidence: MOONSHOT_DOCS, facts: { images: false, reasoning: true } },
];
