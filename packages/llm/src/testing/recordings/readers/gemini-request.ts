/** Reads generateContent requests from the wire's definition. Field names come in camel case and, from Python, in snake case. */
import { isRawObject, listIn, objectIn, objectsIn, type RawObject, stringIn } from "../raw-json.ts";
import { type RequestFacts, RequestItems, type RequestTool, says, settingsOf } from "../request-facts.ts";

/** Below these the names are the caller's own. */
const CALLERS_OWN: ReadonlySet<string> = new Set([
  "args",
  "response",
  "parameters",
  "parametersJsonSchema",
  "responseJsonSchema",
  "responseSchema",
  "labels",
]);
const PART_KINDS: readonly string[] = ["text", "inlineData", "fileData", "functionCall", "functionResponse"];

export function readGeminiRequest(rawBody: RawObject, address: URL): RequestFacts {
  const body = objectIn(camelCased(rawBody));
  const items = new RequestItems();
  const system = body.systemInstruction;
  if (typeof system === "string") items.text("system", system);
  for (const part of partsOf(objectIn(system).parts)) readPart("system", part, items);
  for (const content of objectsIn(body.contents)) {
    for (const part of partsOf(content.parts)) readPart(stringIn(content.role) ?? "user", part, items);
  }
  const settings = settingsOf(body, new Set(["contents", "systemInstruction", "tools", "toolConfig", "generationConfig"]));
  readGenerationConfig(objectIn(body.generationConfig), settings);
  readToolConfig(objectIn(body.toolConfig), settings);
  settings.set("model", modelOf(address) ?? body.model);
  const tools = Array.isArray(body.tools) ? objectsIn(body.tools) : isRawObject(body.tools) ? [body.tools] : [];
  return { items: items.items, tools: tools.flatMap(toolsOf), settings };
}

/** A list, or one part alone. */
function partsOf(parts: unknown): readonly RawObject[] {
  return isRawObject(parts) ? [parts] : objectsIn(parts);
}

function readPart(role: string, part: RawObject, items: RequestItems): void {
  const call = part.functionCall;
  const result = part.functionResponse;
  if (isRawObject(call)) items.add("tool-call", role, { id: call.id, name: call.name, arguments: call.args ?? {} });
  else if (isRawObject(result)) items.add("tool-result", "user", standardBase64(withoutEmpty(result)));
  else if (isRawObject(part.inlineData)) items.add("media", role, standardBase64(withoutEmpty(part.inlineData)));
  else if (isRawObject(part.fileData)) items.add("media", role, withoutEmpty(part.fileData));
  else if (part.thought === true) items.reasoning(role, part.text);
  else items.text(role, part.text);
  const { thought: _thought, ...rest } = part;
  items.fields(role, rest, new Set(PART_KINDS));
}

function withoutEmpty(object: RawObject): RawObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => says(value)));
}

/** Bytes in JSON may be base64 in either alphabet, padded or not (Protocol Buffers, JSON mapping). */
function standardBase64(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(standardBase64);
  if (!isRawObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      if (name !== "data" || typeof inner !== "string") return [name, standardBase64(inner)];
      return [name, inner.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "")];
    }),
  );
}

function toolsOf(tool: RawObject): readonly RequestTool[] {
  const functions = objectsIn(tool.functionDeclarations).map((declaration) => {
    const { parameters, parametersJsonSchema, name, ...rest } = declaration;
    return {
      name: stringIn(name) ?? "",
      value: { ...withoutEmpty(rest), schema: parametersJsonSchema ?? lowerCaseTypes(parameters) },
    };
  });
  const others = Object.entries(tool).filter(([name, value]) => name !== "functionDeclarations" && value !== null);
  return [...functions, ...others.map(([name, value]) => ({ name, value }))];
}

function readGenerationConfig(config: RawObject, settings: Map<string, unknown>): void {
  for (const [name, value] of Object.entries(config)) {
    if (!says(value)) continue;
    if (name === "responseSchema" || name === "responseJsonSchema") settings.set("responseSchema", lowerCaseTypes(value));
    else settings.set(`generationConfig.${name}`, name === "thinkingConfig" ? thinkingOf(value) : value);
  }
}

/** Names of enums are read in either case. */
function thinkingOf(value: unknown): unknown {
  const config = objectIn(value);
  const { thinkingLevel: level, ...rest } = config;
  return typeof level === "string" ? { ...rest, thinkingLevel: level.toUpperCase() } : config;
}

function readToolConfig(config: RawObject, settings: Map<string, unknown>): void {
  const { functionCallingConfig, ...others } = config;
  const calling = objectIn(functionCallingConfig);
  const names = listIn(calling.allowedFunctionNames);
  // AUTO is what happens unasked.
  if (says(calling.mode) && calling.mode !== "AUTO")
    settings.set("toolChoice", { mode: calling.mode, ...(names.length > 0 ? { names } : {}) });
  for (const [name, value] of Object.entries(others)) if (says(value)) settings.set(`toolConfig.${name}`, value);
}

function modelOf(address: URL): string | undefined {
  return /\/models\/([^/:?]+)(?::|$)/.exec(decodeURIComponent(address.pathname))?.[1];
}

/** Types are spelt in upper or in lower case; both mean the same. */
function lowerCaseTypes(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(lowerCaseTypes);
  if (!isRawObject(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === "type" && typeof value === "string" ? value.toLowerCase() : lowerCaseTypes(value),
    ]),
  );
}

function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased);
  if (!isRawObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const name = key.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
      return [name, CALLERS_OWN.has(name) ? inner : camelCased(inner)];
    }),
  );
}
