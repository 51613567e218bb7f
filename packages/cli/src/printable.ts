// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/**
 * Text of somebody else, safe for a terminal: no control characters but tab and newline. Without its escape character, a
 * sequence that would move the cursor, set the clipboard or hide text is only letters.
 */
export function printable(text: string): string {
  return text.replace(CONTROL, "");
}
