/** What a text is like, each told in one pass over it. */

/** Runs of what is no white space. */
export function countWords(text: string): number {
  let words = 0;
  let inWord = false;
  for (let index = 0; index < text.length; index++) {
    const isSpace = text.charCodeAt(index) <= 32;
    if (!isSpace && !inWord) words += 1;
    inWord = !isSpace;
  }
  return words;
}

const ENGLISH =
  /\b(?:the|is|are|was|a|an|of|to|in|and|for|with|this|that|it|my|me|you|your|what|who|when|where|which|how|why|please|i|can|hi|hello|hey|thanks|thank|translate|write|list|give|make|fix|name|convert|summari[sz]e|define|explain|prove|show|find|classify|extract|rewrite|design|implement)\b/i;

/** Whether it has any of the words that an English question is hardly without. Some of them stand in other languages as well. */
export function isEnglish(text: string): boolean {
  return ENGLISH.test(text);
}

/** Lines that begin as an item of a list does. */
export function countListItems(text: string): number {
  let items = 0;
  for (const line of text.split("\n")) if (/^ {0,8}(?:[-*•]|\d{1,3}[.)]) /.test(line)) items += 1;
  return items;
}

/** Whether some line looks like code: it ends as a statement does, or begins as one. */
export function holdsCode(text: string): boolean {
  if (text.includes("```")) return true;
  let likeCode = 0;
  for (const line of text.split("\n")) {
    const trimmed = line.trim();
    if (trimmed === "") continue;
    if (STATEMENT_START.test(trimmed) || (STATEMENT_END.test(trimmed.slice(-2)) && trimmed.length > 4)) likeCode += 1;
    if (likeCode >= 2) return true;
  }
  return false;
}

const STATEMENT_START =
  /^(?:function |async |def |class \w|import [\w{*]|from \w+ import|const |let |var |return |public |private |#include|SELECT |INSERT |UPDATE |if ?\(|for ?\(|while ?\(|fn |func |package )/;
const STATEMENT_END = /[;{}]$|\):$/;
