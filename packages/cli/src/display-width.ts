/** How many columns of a terminal a text takes. */
import { stripVTControlCharacters } from "node:util";

const PLAIN = /^[\x20-\x7e]*$/;
const EMOJI = /\p{Emoji_Presentation}|\ufe0f/u;
/** East Asian Wide and Fullwidth, by script and block. Source: Unicode Standard Annex 11. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303e\u3105-\u312f\uff01-\uff60\uffe0-\uffe6]/u;
/** A cluster of nothing but marks, joiners and other characters without a width. */
const INVISIBLE = /^[\p{Mark}\p{Cf}\p{Cc}]*$/u;

/** Colour codes take none; a wide character or an emoji takes two. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const cluster of clusters(stripVTControlCharacters(text))) width += clusterWidth(cluster);
  return width;
}

/** The text cut to so many columns, its end shown as `…`. Colour codes are lost when it is cut. */
export function truncate(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  if (columns < 1) return "";
  let cut = "";
  let width = 0;
  for (const cluster of clusters(stripVTControlCharacters(text))) {
    width += clusterWidth(cluster);
    if (width > columns - 1) break;
    cut += cluster;
  }
  return `${cut}…`;
}

/** The text with blanks up to so many columns; a longer one stays as it is. */
export function pad(text: string, columns: number, align: "left" | "right" = "left"): string {
  const blanks = " ".repeat(Math.max(0, columns - displayWidth(text)));
  return align === "left" ? text + blanks : blanks + text;
}

function* clusters(text: string): Iterable<string> {
  for (const { segment } of new Intl.Segmenter().segment(text)) yield segment;
}

function clusterWidth(cluster: string): number {
  if (INVISIBLE.test(cluster)) return 0;
  return EMOJI.test(cluster) || WIDE.test(cluster) ? 2 : 1;
}
