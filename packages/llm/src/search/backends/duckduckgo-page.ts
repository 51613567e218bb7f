/**
 * Reads DuckDuckGo's result page. A result is a link of class `result__a`, then a `result__snippet`; advertisements stand in
 * a container of class `result--ad`. Results are looked for first: the page repeats the query, so words alone prove nothing,
 * and a challenge is told by the classes and form of its own elements.
 */
import type { RawResult } from "../collect-results.ts";
import { decodeEntities } from "../plain-text.ts";
import { type HtmlToken, hasClass, scanHtml } from "../scan-html.ts";

export type DuckDuckGoPage =
  | { readonly type: "results"; readonly rows: readonly RawResult[] }
  /** It wants proof that a person asks. */
  | { readonly type: "challenge" }
  | { readonly type: "unknown" };

type OpenTag = Extract<HtmlToken, { type: "open" }>;

interface Row {
  readonly url: string | undefined;
  title: string;
  snippet: string;
  publishedAt: string | undefined;
}

/** What of a result the text belongs to, until the element that holds it ends. */
type Field = "title" | "snippet" | "extras";

const FIELD_CLASSES: readonly (readonly [string, Field])[] = [
  ["result__a", "title"],
  ["result__snippet", "snippet"],
  ["result__extras__url", "extras"],
];

export function readDuckDuckGoPage(html: string): DuckDuckGoPage {
  const rows: Row[] = [];
  let inAdvertisement = false;
  let challenged = false;
  let foundNothing = false;
  let reading: { readonly field: Field; readonly element: string; depth: number } | undefined;

  function open(tag: OpenTag): void {
    if (hasClass(tag.attributes, "result")) inAdvertisement = hasClass(tag.attributes, "result--ad");
    challenged ||= isChallenge(tag);
    foundNothing ||= hasClass(tag.attributes, "no-results") || hasClass(tag.attributes, "result--no-result");
    if (reading?.element === tag.name) reading.depth += 1;
    const field = FIELD_CLASSES.find(([name]) => hasClass(tag.attributes, name))?.[1];
    if (field === undefined || inAdvertisement) return;
    if (field === "title")
      rows.push({ url: targetOf(tag.attributes.get("href")), title: "", snippet: "", publishedAt: undefined });
    reading = { field, element: tag.name, depth: 1 };
  }

  function close(name: string): void {
    if (reading?.element !== name) return;
    reading.depth -= 1;
    if (reading.depth === 0) reading = undefined;
  }

  function read(text: string): void {
    const row = rows.at(-1);
    if (row === undefined || reading === undefined) return;
    if (reading.field === "extras") row.publishedAt ??= /\b(\d{4}-\d{2}-\d{2})T/.exec(text)?.[1];
    else row[reading.field] += text;
  }

  for (const token of scanHtml(html)) {
    if (token.type === "open") open(token);
    else if (token.type === "close") close(token.name);
    else read(token.text);
  }
  const usable = rows.filter(({ url }) => url !== undefined);
  if (usable.length > 0) return { type: "results", rows: usable };
  if (challenged) return { type: "challenge" };
  return foundNothing ? { type: "results", rows: [] } : { type: "unknown" };
}

function isChallenge({ name, attributes }: OpenTag): boolean {
  if (
    attributes
      .get("class")
      ?.split(/\s+/)
      .some((word) => word.startsWith("anomaly-modal")) === true
  )
    return true;
  return name === "form" && attributes.get("action")?.includes("/anomaly.js") === true;
}

/** The page itself: links lead there at once, or through `/l/?uddg=`. Links of advertisements (`/y.js`) lead nowhere. */
function targetOf(href: string | undefined): string | undefined {
  const url = URL.parse(decodeEntities(href ?? ""), "https://html.duckduckgo.com/");
  if (url === null) return undefined;
  if (url.hostname !== "duckduckgo.com" && !url.hostname.endsWith(".duckduckgo.com")) return url.href;
  if (url.pathname === "/l/") return url.searchParams.get("uddg") ?? undefined;
  return url.pathname === "/y.js" || url.hostname === "html.duckduckgo.com" ? undefined : url.href;
}
