/** A text in pieces as a model streams them: word by word, the white space in front. Joined they are the text. */
export function textPieces(text: string): readonly string[] {
  return text.match(/\s*\S+|\s+$/gu) ?? [];
}

/** JSON text in pieces that respect no token: a few characters each, never within a character. */
export function jsonPieces(json: string): readonly string[] {
  const characters = [...json];
  const pieces: string[] = [];
  for (let from = 0; from < characters.length; from += 7) pieces.push(characters.slice(from, from + 7).join(""));
  return pieces;
}
