/**
 * HTML as a run of tags and text, in one pass over the characters. It knows just enough to read a page that may be hostile:
 * unclosed tags, comments, attributes of any kind. What stands in a `script` or `style` that is closed is never text. It builds no tree.
 */

export type HtmlToken =
  | { readonly type: "open"; readonly name: string; readonly attributes: ReadonlyMap<string, string>; readonly source: string }
  | { readonly type: "close"; readonly name: string; readonly source: string }
  /** As it stands in the page: entities are not decoded. */
  | { readonly type: "text"; readonly text: string };

/** Elements whose content is no text for a reader. */
const RAW_ELEMENTS: ReadonlySet<string> = new Set(["script", "style", "noscript", "template", "textarea", "title"]);

const NAME_START = /[A-Za-z]/;

export function* scanHtml(html: string): Generator<HtmlToken, void, undefined> {
  // Only ASCII: other letters may change their length, and with it every position.
  const lowered = html.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  // Sought once: a page of a thousand unclosed scripts is not read to its end a thousand times.
  const unclosed = new Set<string>();
  let position = 0;
  while (position < html.length) {
    const bracket = nextTag(html, position);
    if (bracket > position) yield { type: "text", text: html.slice(position, bracket) };
    if (bracket >= html.length) return;
    if (html.startsWith("<!--", bracket)) {
      position = endAfter(html, "-->", bracket + 4);
      continue;
    }
    const end = tagEnd(html, bracket);
    const source = html.slice(bracket, end);
    position = end;
    const token = readTag(source);
    if (token === undefined) continue;
    yield token;
    if (token.type === "open" && RAW_ELEMENTS.has(token.name) && !unclosed.has(token.name) && !source.endsWith("/>")) {
      const close = lowered.indexOf(`</${token.name}`, end);
      if (close === -1) unclosed.add(token.name);
      else position = close;
    }
  }
}

/** Whether an element has one of its `class` words. */
export function hasClass(attributes: ReadonlyMap<string, string>, name: string): boolean {
  return attributes.get("class")?.split(/\s+/).includes(name) === true;
}

/** Where the next tag or comment begins; a `<` that begins neither is text. */
function nextTag(html: string, from: number): number {
  for (let at = html.indexOf("<", from); at !== -1; at = html.indexOf("<", at + 1)) {
    const next = html[at + 1] ?? "";
    if (next === "!" || next === "?" || NAME_START.test(next)) return at;
    if (next === "/" && NAME_START.test(html[at + 2] ?? "")) return at;
  }
  return html.length;
}

function endAfter(html: string, mark: string, from: number): number {
  const at = html.indexOf(mark, from);
  return at === -1 ? html.length : at + mark.length;
}

/** After the `>` that ends a tag; one within quotes does not. A quote is one only after an equals sign. */
function tagEnd(html: string, start: number): number {
  let quote = "";
  let before = "";
  for (let at = start + 1; at < html.length; at++) {
    const character = html[at] ?? "";
    if (quote !== "") {
      if (character === quote) quote = "";
    } else if ((character === '"' || character === "'") && before === "=") quote = character;
    else if (character === ">") return at + 1;
    if (!/\s/.test(character)) before = character;
  }
  return html.length;
}

function readTag(source: string): HtmlToken | undefined {
  const name = /^<\/?([A-Za-z][^\s/>]*)/.exec(source)?.[1]?.toLowerCase();
  if (name === undefined) return undefined;
  if (source.startsWith("</")) return { type: "close", name, source };
  return { type: "open", name, attributes: readAttributes(source.slice(name.length + 1)), source };
}

const ATTRIBUTE = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g;

/** The first of several of one name counts. Values are not decoded. */
function readAttributes(source: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = "", double, single, bare] of source.matchAll(ATTRIBUTE)) {
    const key = name.toLowerCase();
    if (!attributes.has(key)) attributes.set(key, double ?? single ?? bare ?? "");
  }
  return attributes;
}
