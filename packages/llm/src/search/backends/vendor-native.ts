/**
 * The search that a model's own vendor offers: its tool is added to the request, and the model searches where it wants to.
 * Nothing is searched here, and no other service learns of the question. Sources: `WebSearchTool20250305` of Anthropic's
 * reference, `WebSearchTool` of OpenAI's responses, `googleSearch` of Gemini's `Tool`.
 *
 *     const informed = search(anthropic(), { backends: [vendorNative({ usesMax: 2 }), searxng({ baseUrl })] });
 */
import type { JsonObject } from "../../json.ts";
import type { CompletionCall } from "../../provider.ts";
import type { VendorTool } from "../../tool.ts";

/** Stands among the backends of `search`; it is no `SearchBackend`, as the vendor searches and not we. */
export interface VendorNativeSearch {
  readonly id: string;
  /** The tool to add for a call to this provider; undefined where the vendor has none, or the call forbids it. */
  toolFor(provider: string, call: CompletionCall): VendorTool | undefined;
}

/** What the vendor's own search takes. */
export interface VendorNativeOptions {
  /** The provider's dialect, where the provider is registered under another name than the vendor's. */
  readonly dialect?: "anthropic-messages" | "openai-responses" | "gemini";
  /** Most searches in an answer. Anthropic only; the others decide by themselves. */
  readonly usesMax?: number;
  /** Further fields of the vendor's tool, in its own words, as in `{ allowed_domains: ["example.com"] }`. */
  readonly fields?: JsonObject;
}

const DIALECT_BY_PROVIDER: ReadonlyMap<string, string> = new Map([
  ["anthropic", "anthropic-messages"],
  ["openai", "openai-responses"],
  ["gemini", "gemini"],
]);

/** The search that the model's own vendor runs, where it has one. */
export function vendorNative(options: VendorNativeOptions = {}): VendorNativeSearch {
  return {
    id: "vendor-native",
    toolFor(provider, call) {
      const tool = toolOf(options.dialect ?? DIALECT_BY_PROVIDER.get(provider), options);
      return tool === undefined || !mayCall(call) ? undefined : tool;
    },
  };
}

function toolOf(dialect: string | undefined, { usesMax, fields = {} }: VendorNativeOptions): VendorTool | undefined {
  switch (dialect) {
    case "anthropic-messages": {
      const limit = usesMax === undefined ? {} : { max_uses: usesMax };
      const value = { type: "web_search_20250305", name: "web_search", ...limit, ...fields };
      return { type: "vendor", dialect, name: "web_search", value };
    }
    case "openai-responses":
      return { type: "vendor", dialect, name: "web_search", value: { type: "web_search", ...fields } };
    case "gemini":
      return { type: "vendor", dialect, name: "googleSearch", value: fields };
    default:
      return undefined;
  }
}

/** A call that forbids tools, or demands one of its own, leaves the model no room to search. */
function mayCall({ toolChoice }: CompletionCall): boolean {
  return toolChoice === undefined || toolChoice === "auto";
}
