/** What a request says of who sends it: a key in any of the places where the vendors' clients put one, and traces of proxies. */
import { DragomanError } from "@dragoman/llm";

export interface RequestCredentials {
  /** Undefined: none was sent. */
  readonly key: string | undefined;
  /** Values of `x-forwarded-for` in the order in which they came. */
  readonly forwardedFor: readonly string[];
  /** Whether any header tells of a proxy. */
  readonly isForwarded: boolean;
}

/** Header -> the key in its value; undefined where it is of another kind. */
const KEY_HEADERS: ReadonlyMap<string, (value: string) => string | undefined> = new Map([
  ["authorization", bearerOf],
  ["x-api-key", trimmed],
  ["x-goog-api-key", trimmed],
  ["api-key", trimmed],
]);

/** Beside all that begin with `x-forwarded-`. */
const PROXY_HEADERS: ReadonlySet<string> = new Set([
  "forwarded",
  "via",
  "x-real-ip",
  "x-client-ip",
  "x-cluster-client-ip",
  "x-original-forwarded-for",
  "x-envoy-external-address",
  "true-client-ip",
  "cf-connecting-ip",
  "fastly-client-ip",
]);

/**
 * Reads the headers as they came on the wire, where one that was sent twice stands twice. Throws `authentication` for several keys that
 * differ, and for another scheme than Bearer: which of them counts must not depend on who reads them. `url`: where its query may hold a key.
 */
export function requestCredentials(rawHeaders: readonly string[], url?: string): RequestCredentials {
  const keys = new Set(url === undefined ? [] : queryKeys(url));
  const forwardedFor: string[] = [];
  let isForwarded = false;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? "").toLowerCase();
    const value = rawHeaders[index + 1] ?? "";
    const keyOf = KEY_HEADERS.get(name);
    if (keyOf !== undefined) {
      const key = keyOf(value);
      if (key === undefined) throw refused(`the header ${name} holds no bearer key`, "send it as authorization: Bearer <key>");
      if (key !== "") keys.add(key);
    } else if (name.startsWith("x-forwarded-") || PROXY_HEADERS.has(name)) {
      isForwarded = true;
      if (name === "x-forwarded-for") forwardedFor.push(...value.split(",").map((part) => part.trim()));
    }
  }
  if (keys.size > 1) throw refused("the request holds several keys that differ", "send one key, in one place");
  const [key] = keys;
  return { key, forwardedFor, isForwarded };
}

/** An empty one counts as none: some clients send the header whatever is set. */
function bearerOf(value: string): string | undefined {
  const text = value.trim();
  if (text === "") return "";
  const scheme = /^bearer(?:\s+|$)/i.exec(text);
  return scheme === null ? undefined : text.slice(scheme[0].length);
}

function trimmed(value: string): string {
  return value.trim();
}

/** Gemini's clients may put the key there. */
function queryKeys(url: string): readonly string[] {
  const start = url.indexOf("?");
  if (start === -1 || !url.includes("key=", start)) return [];
  return new URLSearchParams(url.slice(start + 1)).getAll("key").filter((key) => key !== "");
}

function refused(detail: string, advice: string): DragomanError {
  return new DragomanError({ code: "authentication", detail, advice });
}
