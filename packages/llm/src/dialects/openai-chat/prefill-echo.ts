/**
 * Takes the words with which the request ended off the front of an answer, where the vendor repeats them. What may yet be
 * the beginning of them is held back until it is known to be so or not.
 */
export class PrefillEcho {
  #left: string;
  #held = "";
  /** True once the repetition was taken off. */
  isTaken = false;

  constructor(prefill: string) {
    this.#left = prefill;
  }

  /** What of the next piece is the answer's own. */
  push(piece: string): string {
    if (this.#left === "") return piece;
    const text = this.#held + piece;
    const prefill = this.#left;
    if (text.length < prefill.length && prefill.startsWith(text)) {
      this.#held = text;
      return "";
    }
    this.#left = "";
    this.#held = "";
    this.isTaken = text.startsWith(prefill);
    return this.isTaken ? text.slice(prefill.length) : text;
  }

  /** What is still held back once the answer is over: it was no repetition. */
  rest(): string {
    const held = this.#held;
    this.#left = "";
    this.#held = "";
    return held;
  }
}
