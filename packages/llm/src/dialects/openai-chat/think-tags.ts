/**
 * Reasoning that a vendor writes into the content, between `<think>` and `</think>` at its beginning. Cut as it comes: a
 * tag may be split between deltas, and white space around a part is dropped, so what may be one or the other is held back.
 * However the text was cut, the pieces join to the same parts.
 */
export interface TaggedPiece {
  readonly type: "reasoning" | "text";
  readonly text: string;
}

const OPENING = "<think>";
const CLOSING = "</think>";

export class ThinkTags {
  #state: "start" | "thinking" | "after" | "text" = "start";
  #held = "";
  #hasThought = false;

  push(text: string): readonly TaggedPiece[] {
    if (this.#state === "text") return text === "" ? [] : [{ type: "text", text }];
    this.#held += text;
    const pieces: TaggedPiece[] = [];
    if (this.#state === "start") this.#open(pieces);
    if (this.#state === "thinking") this.#think(pieces);
    if (this.#state === "after") this.#speak(pieces);
    return pieces;
  }

  /** The content has ended: what was held back is what it looks like. */
  end(): readonly TaggedPiece[] {
    const held = this.#held;
    this.#held = "";
    if (this.#state === "start" && held !== "") return [{ type: "text", text: held }];
    if (this.#state !== "thinking") return [];
    const thought = this.#hasThought ? held.trimEnd() : held.trim();
    return thought === "" ? [] : [{ type: "reasoning", text: thought }];
  }

  #open(pieces: TaggedPiece[]): void {
    const begun = this.#held.trimStart();
    if (begun.startsWith(OPENING)) {
      this.#state = "thinking";
      this.#held = begun.slice(OPENING.length);
    } else if (!OPENING.startsWith(begun)) {
      this.#state = "text";
      pieces.push({ type: "text", text: this.#held });
      this.#held = "";
    }
  }

  #think(pieces: TaggedPiece[]): void {
    const end = this.#held.indexOf(CLOSING);
    const length = end < 0 ? withoutTagsBeginning(this.#held).trimEnd().length : end;
    const spoken = this.#held.slice(0, length);
    const ended = end < 0 ? spoken : spoken.trimEnd();
    const thought = this.#hasThought ? ended : ended.trimStart();
    if (thought !== "") {
      pieces.push({ type: "reasoning", text: thought });
      this.#hasThought = true;
    }
    this.#held = this.#held.slice(end < 0 ? length : end + CLOSING.length);
    if (end >= 0) this.#state = "after";
  }

  #speak(pieces: TaggedPiece[]): void {
    this.#held = this.#held.trimStart();
    if (this.#held === "") return;
    pieces.push({ type: "text", text: this.#held });
    this.#held = "";
    this.#state = "text";
  }
}

/** The text without what may be the beginning of the closing tag. */
function withoutTagsBeginning(text: string): string {
  for (let length = CLOSING.length - 1; length > 0; length--) {
    if (text.endsWith(CLOSING.slice(0, length))) return text.slice(0, -length);
  }
  return text;
}

/** A whole content, cut alike. */
export function splitThinkTags(content: string): readonly TaggedPiece[] {
  const tags = new ThinkTags();
  const pieces = [...tags.push(content), ...tags.end()];
  return pieces.reduce<TaggedPiece[]>((joined, piece) => {
    const last = joined.at(-1);
    if (last?.type !== piece.type) joined.push(piece);
    else joined[joined.length - 1] = { ...last, text: last.text + piece.text };
    return joined;
  }, []);
}
