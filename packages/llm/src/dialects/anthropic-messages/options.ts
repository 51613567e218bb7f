/**
 * What Anthropic's wire takes beyond a canonical request. Types only. Source of every field: `MessageCreateParams` of
 * `@anthropic-ai/sdk`, stable and beta.
 */
import type { JsonObject } from "../../json.ts";
import type { Suggested } from "../../suggested.ts";

declare module "../../vendor-options.ts" {
  interface VendorOptions {
    readonly "anthropic-messages"?: AnthropicMessagesOptions;
  }
}

/** Fields of `POST /v1/messages`, laid over the body. A null takes a rendered field out. */
export interface AnthropicMessagesOptions extends JsonObject {
  /** Names of betas; they go into the header `anthropic-beta`. */
  readonly betas?: readonly string[];
  /** One breakpoint at the last block that can be cached, placed by Anthropic. `request.cache` places them by hand. */
  readonly cache_control?: AnthropicCacheControl | null;
  /** The container of code execution to go on in: its id, or the skills to load into a new one. */
  readonly container?: string | JsonObject | null;
  /** Clears old tool results or thinking by itself. Sends its beta. */
  readonly context_management?: AnthropicContextManagement | null;
  /** With `previous_message_id` the answer says why the prompt's cache was missed. */
  readonly diagnostics?: JsonObject | null;
  /** Models that Anthropic asks by itself where the first one declines; `default` leaves the choice to it. */
  readonly fallbacks?: Suggested<"default"> | readonly JsonObject[] | null;
  /** Where the model runs, as in `us`. Default: the workspace's setting. */
  readonly inference_geo?: string | null;
  /** MCP servers that Anthropic itself calls. Sends its beta. */
  readonly mcp_servers?: readonly AnthropicMcpServer[];
  /** Replaces what reasoning effort and output schema were rendered to. Also takes a `task_budget`. */
  readonly output_config?: JsonObject | null;
  /** `auto` uses priority capacity where there is some. Default `auto`. */
  readonly service_tier?: Suggested<"auto" | "standard_only">;
  /** `fast` costs more and answers faster, on models that have it. */
  readonly speed?: Suggested<"standard" | "fast"> | null;
  /** Replaces what `request.reasoning` was rendered to. */
  readonly thinking?: JsonObject | null;
}

/** A breakpoint of the prompt cache. */
export interface AnthropicCacheControl extends JsonObject {
  /** Must be there. */
  readonly type?: Suggested<"ephemeral">;
  /** How long it is kept. Default `5m`. */
  readonly ttl?: Suggested<"5m" | "1h">;
}

/** What Anthropic may drop from a long history. */
export interface AnthropicContextManagement extends JsonObject {
  /** As in `{ type: "clear_tool_uses_20250919" }`. */
  readonly edits?: readonly JsonObject[];
}

/** A server of tools that Anthropic connects to. */
export interface AnthropicMcpServer extends JsonObject {
  /** Must be there. */
  readonly type?: Suggested<"url">;
  /** By which its tools are told apart. */
  readonly name?: string;
  /** Must be https. */
  readonly url?: string;
  /** A secret: it goes to Anthropic and from there to the server. */
  readonly authorization_token?: string | null;
}
