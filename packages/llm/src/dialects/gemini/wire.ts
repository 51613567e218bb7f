/**
 * The shapes that we write, as type aliases so that they are JSON objects too. What we read is checked field by field
 * instead. Field names are the API's camelCase; a test holds them against the types of @google/genai.
 */
import type { JsonObject } from "../../json.ts";

export type WireBlob = { mimeType: string; data: string; displayName?: string };
export type WireFileData = { mimeType?: string; fileUri: string; displayName?: string };
export type WireFunctionCall = { id?: string; name: string; args: JsonObject };
export type WireFunctionResponse = { id?: string; name: string; response: JsonObject; parts?: WireMedia[] };
export type WireMedia = { inlineData: WireBlob } | { fileData: WireFileData };

/** One part; besides these fields it may repeat what a vendor part carried, hence the rest as JSON. */
export type WirePart = {
  text?: string;
  thought?: boolean;
  thoughtSignature?: string;
  inlineData?: WireBlob;
  fileData?: WireFileData;
  functionCall?: WireFunctionCall;
  functionResponse?: WireFunctionResponse;
};

export type WireContent = { role?: string; parts: WirePart[] };

export type WireFunctionDeclaration = { name: string; description?: string; parametersJsonSchema?: JsonObject };

export type WireThinkingConfig = { includeThoughts?: boolean; thinkingBudget?: number; thinkingLevel?: string };

export type WireGenerationConfig = {
  temperature?: number;
  topP?: number;
  topK?: number;
  maxOutputTokens?: number;
  stopSequences?: string[];
  seed?: number;
  presencePenalty?: number;
  frequencyPenalty?: number;
  responseMimeType?: string;
  responseJsonSchema?: JsonObject;
  thinkingConfig?: WireThinkingConfig;
};

export type WireUsage = {
  promptTokenCount?: number;
  cachedContentTokenCount?: number;
  candidatesTokenCount?: number;
  thoughtsTokenCount?: number;
  totalTokenCount?: number;
};
