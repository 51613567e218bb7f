/**
 * A stranger's words as plain text: no markup, no entities, nothing that a reader cannot see. Letters stay what they are;
 * only the look-alikes of ASCII (full width, mathematical) become ASCII, so that what is compared is what is read.
 */
import { scanHtml } from "./scan-html.ts";

/**
 * What no eye sees: control characters, soft hyphens, zero-width and direction marks, variation selectors, tag characters,
 * fillers, private use, and halves of a pair. Sources: Unicode categories Cc, Cf, Co, Cs, and Default_Ignorable_Code_Point.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/** Whatever ends a line or separates words, for any program that reads it. */
const SPACES = /[\s\u0085\u200b\u2028\u2029]+/gu;

/** Full-width ASCII and the mathematical alphabets: the same letters in another dress. */
const DRESSED_LETTERS = /[\uff01-\uff5e\u{1d400}-\u{1d7ff}\u{1f130}-\u{1f189}\u2460-\u24ff]/gu;

/** One line of plain text, at most `lengthMax` characters; what is longer ends in an ellipsis. */
export function plainText(text: string, lengthMax: number): string {
  // A service may send a megabyte as a title; what could never be shown is not looked at.
  const decoded = decodeEntities(withoutMarkup(text.slice(0, lengthMax * 8)));
  // Escaped markup goes too: not every program that shows a title escapes it again.
  const visible = withoutInvisible(withoutMarkup(decoded));
  return shortened(visible, lengthMax);
}

/** Without markup: for text that may contain a few tags, as in highlighted snippets. `List<String>` stays. */
function withoutMarkup(text: string): string {
  if (!text.includes("<")) return text;
  let plain = "";
  for (const token of scanHtml(text)) {
    if (token.type === "text") plain += token.text;
    else if (!ELEMENTS.has(token.name)) plain += token.source;
    else if (BREAKING.has(token.name)) plain += " ";
  }
  return plain;
}

/** One line without what no eye sees. */
export function withoutInvisible(text: string): string {
  return text
    .replace(SPACES, " ")
    .replace(INVISIBLE, "")
    .replace(DRESSED_LETTERS, (letter) => letter.normalize("NFKC"))
    .replace(SPACES, " ")
    .trim();
}

/** Cut at a character, never inside one. */
export function shortened(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const cut = text.slice(0, Math.max(0, lengthMax - 1)).replace(/[\ud800-\udbff]$/, "");
  return `${cut.trimEnd()}…`;
}

const BREAKING: ReadonlySet<string> = new Set("br p div li tr td th h1 h2 h3 h4 h5 h6 ul ol table hr section".split(" "));

const ELEMENTS: ReadonlySet<string> = new Set([
  ...BREAKING,
  ..."a abbr address article aside audio b base bdi bdo blockquote body button canvas cite code dd details dl dt em".split(" "),
  ..."embed fieldset figcaption figure font footer form frame frameset head header html i iframe img input ins".split(" "),
  ..."kbd label legend link main map mark math meta nav noscript object option param picture pre q s samp script select".split(
    " ",
  ),
  ..."small source span strike strong style sub summary sup svg tbody template textarea tfoot thead time title".split(" "),
  ..."track u var video wbr".split(" "),
]);

const NAMED_ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  hellip: "…",
  ndash: "–",
  mdash: "—",
  lsquo: "‘",
  rsquo: "’",
  ldquo: "“",
  rdquo: "”",
  laquo: "«",
  raquo: "»",
  middot: "·",
  bull: "•",
  euro: "€",
  pound: "£",
  deg: "°",
  copy: "©",
  reg: "®",
  trade: "™",
};

/** Entities as characters, once: what was escaped twice stays escaped once. */
export function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(?:#(\d{1,7})|#[xX]([\dA-Fa-f]{1,6})|([A-Za-z]{2,8}));/g, (whole, decimal, hexadecimal, name) => {
    if (name !== undefined) return Object.hasOwn(NAMED_ENTITIES, name) ? (NAMED_ENTITIES[name] ?? whole) : whole;
    const point = decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number.parseInt(decimal, 10);
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : "";
  });
}
