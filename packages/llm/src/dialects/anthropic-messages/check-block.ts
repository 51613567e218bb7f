/** Refuses a client's malformed block with the path of what is wrong. Unknown kinds of blocks pass. */
import { isJsonObject, type JsonObject } from "../../json.ts";
import { invalidField, optional, readArray, readBoolean, readObject, readOneOf, readString } from "../wire-reader.ts";

type Role = "user" | "assistant" | "system";
type BlockCheck = (block: JsonObject, path: string) => void;

interface BlockRule {
  /** Where such a block may stand. */
  readonly roles: readonly Role[];
  readonly check: BlockCheck;
}

const BLOCK_RULES: ReadonlyMap<string, BlockRule> = new Map<string, BlockRule>([
  ["text", { roles: ["user", "assistant", "system"], check: strings("text") }],
  ["thinking", { roles: ["assistant"], check: strings("thinking") }],
  ["redacted_thinking", { roles: ["assistant"], check: strings("data") }],
  ["tool_use", { roles: ["assistant"], check: checkToolUse }],
  ["tool_result", { roles: ["user"], check: checkToolResult }],
  ["image", { roles: ["user", "assistant"], check: checkMedia }],
  ["document", { roles: ["user", "assistant"], check: checkMedia }],
]);

/** Kinds of blocks that Anthropic defines beside those, all passed on whole. Source: the types of @anthropic-ai/sdk. */
const PASSED_ON: ReadonlySet<string> = new Set([
  "search_result",
  "server_tool_use",
  "web_search_tool_result",
  "web_fetch_tool_result",
  "advisor_tool_result",
  "code_execution_tool_result",
  "bash_code_execution_tool_result",
  "text_editor_code_execution_tool_result",
  "tool_search_tool_result",
  "mcp_tool_use",
  "mcp_tool_result",
  "mcp_tool_listing",
  "container_upload",
  "compaction",
  "fallback",
  "tool_addition",
  "tool_removal",
  "tool_reference",
  "browser_state",
]);

/** Checks one block. Returns its type when Anthropic does not define it. */
export function checkBlock(block: JsonObject, role: Role, path: string): string | undefined {
  const type = readString(block.type, `${path}.type`);
  const rule = BLOCK_RULES.get(type);
  if (rule === undefined) return PASSED_ON.has(type) ? undefined : type;
  if (!rule.roles.includes(role)) {
    throw invalidField(path, `a ${type} block cannot stand in ${role === "assistant" ? "an" : "a"} ${role} message`);
  }
  rule.check(block, path);
  const control = optional(block.cache_control, `${path}.cache_control`, readObject);
  if (control !== undefined) readString(control.type, `${path}.cache_control.type`);
  return undefined;
}

function strings(...fields: readonly string[]): BlockCheck {
  return (block, path) => {
    for (const field of fields) readString(block[field], `${path}.${field}`);
  };
}

function checkToolUse(block: JsonObject, path: string): void {
  strings("id", "name")(block, path);
  readObject(block.input, `${path}.input`);
}

function checkToolResult(block: JsonObject, path: string): void {
  readString(block.tool_use_id, `${path}.tool_use_id`);
  optional(block.is_error, `${path}.is_error`, readBoolean);
  const { content } = block;
  if (content === undefined || content === null || typeof content === "string") return;
  for (const [index, item] of readArray(content, `${path}.content`).entries()) {
    const itemPath = `${path}.content[${index}]`;
    checkBlock(readObject(item, itemPath), "user", itemPath);
  }
}

const SOURCE_FIELDS = { base64: ["media_type", "data"], url: ["url"], file: ["file_id"], text: ["data"], content: [] } as const;

function checkMedia(block: JsonObject, path: string): void {
  const source = readObject(block.source, `${path}.source`);
  const type = readOneOf(source.type, ["base64", "url", "file", "text", "content"], `${path}.source.type`);
  strings(...SOURCE_FIELDS[type])(source, `${path}.source`);
}

/** The blocks of a message's content, which may also be a bare string. */
export function readBlocks(content: unknown, path: string): readonly JsonObject[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return readArray(content, path).map((block, index) => (isJsonObject(block) ? block : readObject(block, `${path}[${index}]`)));
}
