/** Reads requests of Bedrock's Converse, and of its token count, from the wire's definition. */
import { isRawObject, objectIn, objectsIn, parsedOrAbsent, type RawObject, stringIn } from "../raw-json.ts";
import { normaliseToolChoice, type RequestFacts, RequestItems, type RequestTool, settingsOf } from "../request-facts.ts";

const TEXT_FIELDS: ReadonlySet<string> = new Set(["text"]);

export function readBedrockConverseRequest(body: RawObject, address: URL): RequestFacts {
  const converse = objectIn(body.input).converse;
  const asked = isRawObject(converse) ? converse : body;
  const items = new RequestItems();
  readBlocks("system", asked.system, items);
  for (const message of objectsIn(asked.messages)) readBlocks(stringIn(message.role) ?? "unknown", message.content, items);
  const { tools, toolChoice } = objectIn(asked.toolConfig);
  const settings = settingsOf(asked, new Set(["system", "messages", "toolConfig", "modelId"]));
  if (toolChoice !== undefined) settings.set("toolChoice", choiceOf(objectIn(toolChoice)));
  normaliseToolChoice(settings, "toolChoice");
  readOutputConfig(settings);
  settings.set("model", decodeURIComponent(/\/model\/(.+)\/[^/]+$/.exec(address.pathname)?.[1] ?? ""));
  return { items: items.items, tools: objectsIn(tools).map(toolOf), settings };
}

function readBlocks(role: string, content: unknown, items: RequestItems): void {
  for (const block of objectsIn(content)) {
    const { toolUse, toolResult, reasoningContent, cachePoint } = block;
    if (typeof block.text === "string") {
      items.text(role, block.text);
      items.fields(role, block, TEXT_FIELDS);
    } else if (isRawObject(toolUse)) items.add("tool-call", role, plainCall(toolUse));
    else if (isRawObject(toolResult)) items.add("tool-result", role, toolResult);
    else if (isRawObject(reasoningContent)) items.add("reasoning", role, reasoningContent);
    else if (isRawObject(cachePoint)) items.cacheMark(role, cachePoint);
    else items.add("image" in block || "document" in block || "video" in block ? "media" : "other", role, block);
  }
}

/** Some clients send back the type that says nothing. */
function plainCall({ type, ...toolUse }: RawObject): RawObject {
  return type === undefined || type === "tool_use" ? toolUse : { ...toolUse, type };
}

function choiceOf(choice: RawObject): unknown {
  if (isRawObject(choice.tool)) return { type: "tool", name: choice.tool.name };
  return isRawObject(choice.any) ? "any" : isRawObject(choice.auto) ? "auto" : choice;
}

/** The schema is text; what is asked for in this way is always enforced. */
function readOutputConfig(settings: Map<string, unknown>): void {
  const config = objectIn(settings.get("outputConfig"));
  const definition = objectIn(objectIn(objectIn(config.textFormat).structure).jsonSchema);
  if (typeof definition.schema !== "string") return;
  const { textFormat: _read, ...rest } = config;
  const json_schema = { ...definition, schema: parsedOrAbsent(definition.schema), strict: true };
  settings.set("outputConfig", { ...rest, json_schema });
}

function toolOf(tool: RawObject): RequestTool {
  const spec = tool.toolSpec;
  if (isRawObject(spec)) return { name: stringIn(spec.name) ?? "", value: spec };
  return { name: Object.keys(tool).join(" "), value: tool };
}
