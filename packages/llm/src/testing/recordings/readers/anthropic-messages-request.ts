/** Reads Messages requests from the wire's definition. */
import { isRawObject, objectIn, objectsIn, type RawObject, stringIn } from "../raw-json.ts";
import { normaliseToolChoice, type RequestFacts, RequestItems, type RequestTool, settingsOf } from "../request-facts.ts";

const NOTHING: ReadonlySet<string> = new Set();

export function readAnthropicMessagesRequest(body: RawObject): RequestFacts {
  const items = new RequestItems();
  readContent("system", body.system, items);
  for (const message of objectsIn(body.messages)) readContent(stringIn(message.role) ?? "unknown", message.content, items);
  const settings = settingsOf(body, new Set(["system", "messages", "tools"]));
  if (isRawObject(body.tool_choice) && body.tool_choice.disable_parallel_tool_use === true) {
    settings.set("disable_parallel_tool_use", true);
  }
  normaliseToolChoice(settings, "tool_choice");
  readFormat(body, settings);
  return { items: items.items, tools: objectsIn(body.tools).flatMap(toolsOf), settings };
}

function readContent(role: string, content: unknown, items: RequestItems): void {
  if (typeof content === "string") {
    items.text(role, content);
    return;
  }
  for (const block of objectsIn(content)) {
    const { cache_control: mark, ...rest } = block;
    const reader = BLOCK_READERS[String(block.type)];
    if (reader === undefined) items.add("other", role, rest);
    else items.fields(role, block, reader(role, rest, items));
    items.cacheMark(role, mark);
  }
}

/** Reads a block and tells which of its fields it read. */
type BlockReader = (role: string, block: RawObject, items: RequestItems) => ReadonlySet<string>;

const BLOCK_READERS: Readonly<Record<string, BlockReader | undefined>> = {
  text(role, block, items) {
    items.text(role, block.text);
    return new Set(["type", "text", "cache_control"]);
  },
  image(role, block, items) {
    items.add("media", role, block);
    return new Set(Object.keys(block).concat("cache_control"));
  },
  document(role, block, items) {
    items.add("media", role, block);
    return new Set(Object.keys(block).concat("cache_control"));
  },
  tool_use(role, block, items) {
    items.add("tool-call", role, { id: block.id, name: block.name, arguments: block.input ?? {} });
    return new Set(["type", "id", "name", "input", "cache_control"]);
  },
  tool_result(role, block, items) {
    items.add("tool-result", role, {
      id: block.tool_use_id,
      content: resultContent(block.content),
      ...(block.is_error === true ? { isError: true } : {}),
    });
    return new Set(["type", "tool_use_id", "content", "is_error", "cache_control"]);
  },
};

/** A string is a list of one text block; texts that follow one another are one. */
function resultContent(content: unknown): unknown {
  const inner = new RequestItems();
  readContent("tool", content, inner);
  return inner.items.map((item) => item.value);
}

/** The tool, and after it the mark that ends a stable prefix. */
function toolsOf(tool: RawObject): readonly RequestTool[] {
  const { cache_control: mark, type, ...rest } = tool;
  const name = stringIn(tool.name) ?? String(type);
  const vendorType = type === undefined || type === "custom" || type === null ? NOTHING : new Set([String(type)]);
  const value = vendorType.size === 0 ? rest : { type, ...rest };
  return isRawObject(mark)
    ? [
        { name, value },
        { name: "cache mark", value: { timeToLive: mark.ttl ?? "5m" } },
      ]
    : [{ name, value }];
}

/** `output_format` is the older name of `output_config.format`. */
function readFormat(body: RawObject, settings: Map<string, unknown>): void {
  const { format, ...otherConfig } = objectIn(body.output_config);
  const asked = format ?? body.output_format;
  settings.delete("output_config");
  settings.delete("output_format");
  if (isRawObject(asked)) settings.set("output_format", asked);
  for (const [name, value] of Object.entries(otherConfig)) settings.set(`output_config.${name}`, value);
}
