/** The query within what a service takes: whole words, as many as fit. */
export function shortQuery(text: string, lengthMax: number, wordsMax = Number.POSITIVE_INFINITY): string {
  const kept: string[] = [];
  let length = 0;
  for (const word of text.split(/\s+/).filter((one) => one !== "")) {
    length += word.length + (kept.length === 0 ? 0 : 1);
    if (length > lengthMax || kept.length >= wordsMax) break;
    kept.push(word);
  }
  if (kept.length > 0 || text.trim() === "") return kept.join(" ");
  // One word without an end, as in languages that do not part their words.
  return text
    .trim()
    .slice(0, lengthMax)
    .replace(/[\ud800-\udbff]$/, "");
}
