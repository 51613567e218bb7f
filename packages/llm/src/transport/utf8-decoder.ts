/**
 * UTF-8 that comes in pieces, as text. What is not UTF-8 becomes U+FFFD; a byte order mark at the very start is dropped.
 *
 * A streaming TextDecoder is slower than one for whole texts, so it is used only while a character may be cut: a piece
 * that ends in an ASCII byte, as the pieces of a stream nearly always do, leaves nothing open.
 */
export class Utf8Decoder {
  private readonly whole = new TextDecoder("utf-8", { ignoreBOM: true });
  private readonly streaming = new TextDecoder("utf-8", { ignoreBOM: true });
  private mayBeCut = false;
  private atStart = true;

  decode(bytes: Uint8Array): string {
    const last = bytes[bytes.length - 1];
    if (last === undefined) return "";
    const endsWhole = last < 0x80;
    if (endsWhole && !this.mayBeCut) return this.withoutMark(this.whole.decode(bytes));
    this.mayBeCut = !endsWhole;
    return this.withoutMark(this.streaming.decode(bytes, { stream: true }));
  }

  /** What was left open: at most one U+FFFD. */
  end(): string {
    if (!this.mayBeCut) return "";
    this.mayBeCut = false;
    return this.withoutMark(this.streaming.decode());
  }

  private withoutMark(text: string): string {
    if (!this.atStart || text === "") return text;
    this.atStart = false;
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }
}
