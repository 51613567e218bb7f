/** The languages whose word lists we have. */
export type KnownLanguage = "en" | "de" | "fr" | "es";

export const KNOWN_LANGUAGES: readonly KnownLanguage[] = ["en", "de", "fr", "es"];

/** Small words that a sentence of the language can hardly do without, and the others have not. Folded as by `foldWords`. */
const SMALL_WORDS: Readonly<Record<KnownLanguage, ReadonlySet<string>>> = {
  en: new Set(
    "the is are was were of and what which who how does do did with for this that my you will when where why me it".split(" "),
  ),
  de: new Set(
    "der die das ist sind war und was wer wie wo wann warum ein eine mit fur nicht mir ich du im auf zu den dem hat".split(" "),
  ),
  fr: new Set(
    "le la les est sont et quel quelle quels quelles qui que comment ou quand pourquoi un une avec pour des du moi je tu".split(
      " ",
    ),
  ),
  es: new Set(
    "el la los las es son y que quien como donde cuando cual cuales un una con para del me en por cuanto yo tu".split(" "),
  ),
};

/** Lower case, without marks over letters, with plain apostrophes: `Où est l’été` becomes `ou est l'ete`. */
export function foldWords(text: string): string {
  return text
    .toLowerCase()
    .replaceAll("ß", "ss")
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[’‘`´]/g, "'");
}

/** The languages of a folded text with the most small words, English always among them; all four where nothing tells. */
export function guessLanguages(folded: string): readonly KnownLanguage[] {
  const words = folded.split(/[^a-z]+/);
  const votes = KNOWN_LANGUAGES.map((language) => words.filter((word) => SMALL_WORDS[language].has(word)).length);
  const most = Math.max(...votes);
  if (most === 0) return KNOWN_LANGUAGES;
  return KNOWN_LANGUAGES.filter((language, index) => language === "en" || votes[index] === most);
}
