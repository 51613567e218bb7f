/**
 * Keeps callers apart where a vendor cannot: all of them call it with the gateway's own key, so an id of something that the vendor keeps
 * (an earlier answer, a conversation, a file, a container) would open it to whoever knows the id. A caller with a key may name what its own
 * tenant has got from here, and nothing else; and no model but the one that was looked at. Whoever calls without a key owns the machine.
 */
import { type Completion, type CompletionCall, DragomanError, type JsonObject, type JsonValue, type Part } from "@dragoman/llm";
import { LOCAL, type Principal, tenantOf } from "../caller.ts";

/** Fields of a vendor's own under which a request names an answer of before. */
const ANSWER_FIELDS = ["previous_response_id"] as const;
/** What else a vendor keeps for its account. */
const KEPT_FIELDS = ["conversation", "prompt", "container", "cachedContent", "cached_content"] as const;
/** Models beside the one that was named, as OpenRouter takes them. */
const MODEL_FIELDS = ["models"] as const;
/** In the description of a vendor's tool, at any depth. */
const TOOL_FIELDS: ReadonlySet<string> = new Set([
  "vector_store_ids",
  "file_ids",
  "fileSearchStoreNames",
  "file_search_store_names",
  "datastore",
  "ragResources",
  "rag_resources",
]);
/** Blocks that say nothing but where the vendor keeps something. */
const REFERRING_BLOCKS: ReadonlySet<string> = new Set(["item_reference", "container_upload"]);

/** The answers that a tenant may go on from: those that it has got here. */
export interface KnownAnswers {
  has(tenant: string, id: string): boolean;
  add(tenant: string, id: string): void;
}

/** Of all tenants; whose answer was named longest ago is forgotten first. */
const ANSWERS_MAX = 20_000;

export function createKnownAnswers(answersMax = ANSWERS_MAX): KnownAnswers {
  const known = new Set<string>();
  const nameOf = (tenant: string, id: string): string => JSON.stringify([tenant, id]);
  function add(tenant: string, id: string): void {
    const name = nameOf(tenant, id);
    known.delete(name);
    known.add(name);
    if (known.size <= answersMax) return;
    const [oldest] = known;
    if (oldest !== undefined) known.delete(oldest);
  }
  return {
    add,
    has(tenant, id) {
      const isKnown = known.has(nameOf(tenant, id));
      if (isKnown) add(tenant, id);
      return isKnown;
    },
  };
}

/** Throws `permission_denied`, with the field that names what is not the caller's. */
export function checkVendorReferences(
  call: Pick<CompletionCall, "vendorOptions" | "tools" | "messages">,
  principal: Principal,
  known: KnownAnswers,
): void {
  if (principal.key === LOCAL.key) return;
  for (const [dialect, options] of Object.entries(call.vendorOptions ?? {})) {
    checkOptions(options, `vendorOptions.${dialect}`, (id) => known.has(tenantOf(principal), id));
  }
  for (const [index, tool] of (call.tools ?? []).entries()) {
    if (tool.type === "vendor") checkTool(tool.value, `tools[${index}]`);
  }
  for (const [index, { parts }] of call.messages.entries()) {
    for (const [position, part] of parts.entries()) checkPart(part, `messages[${index}].parts[${position}]`);
  }
}

/** Wires in which a request may name an answer of before. */
const KEEPING_DIALECTS: ReadonlySet<string> = new Set(["openai-responses", "gemini-interactions"]);

/** What an answer gives its caller to go on from. */
export function noteAnswer({ id, origin }: Pick<Completion, "id" | "origin">, principal: Principal, known: KnownAnswers): void {
  if (principal.key !== LOCAL.key && id !== "" && KEEPING_DIALECTS.has(origin.dialect)) known.add(tenantOf(principal), id);
}

function checkOptions(options: JsonObject | undefined, path: string, isOwn: (id: string) => boolean): void {
  for (const field of ANSWER_FIELDS) {
    const id = options?.[field];
    if (isGiven(id) && !(typeof id === "string" && isOwn(id)))
      throw refused(`${path}.${field}`, "names an answer that this key has not got from here, or that is forgotten by now");
  }
  for (const field of KEPT_FIELDS) {
    if (isGiven(options?.[field])) throw refused(`${path}.${field}`, "names what the vendor keeps for whoever runs the gateway");
  }
  for (const field of MODEL_FIELDS) {
    if (isGiven(options?.[field])) throw refused(`${path}.${field}`, "names models beside the one that the key was asked about");
  }
}

function isGiven(value: JsonValue | undefined): boolean {
  return value !== undefined && value !== null;
}

/** The body's depth is bounded, so is the recursion. */
function checkTool(value: JsonValue | undefined, path: string): void {
  if (typeof value !== "object" || value === null) return;
  for (const [field, inner] of Object.entries(value)) {
    const isKeptContainer = field === "container" && typeof inner === "string";
    if (TOOL_FIELDS.has(field) || isKeptContainer)
      throw refused(`${path}.${field}`, "names what the vendor keeps for whoever runs the gateway");
    checkTool(inner, `${path}.${field}`);
  }
}

function checkPart(part: Part, path: string): void {
  switch (part.type) {
    case "tool-result":
      for (const [position, item] of part.content.entries()) checkPart(item, `${path}.content[${position}]`);
      return;
    case "opaque":
      if (REFERRING_BLOCKS.has(part.kind)) throw refused(path, "refers to what the vendor keeps for whoever runs the gateway");
      return;
    case "image":
    case "audio":
    case "file":
      if (part.source.type === "reference")
        throw refused(`${path}.source`, "names a file that the vendor keeps for whoever runs the gateway");
      // A bucket is read with the gateway's own rights.
      if (part.source.type === "url" && !/^https?:\/\//i.test(part.source.url))
        throw refused(`${path}.source.url`, "is no http or https address");
      return;
    default:
  }
}

function refused(field: string, detail: string): DragomanError {
  return new DragomanError({
    code: "permission_denied",
    field,
    detail: `${field} ${detail}`,
    advice: "send the content itself: the whole conversation, the file as base64",
  });
}
