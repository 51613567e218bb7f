/**
 * Writes to a client what a vendor of the same wire wrote, as it came; everything else is rendered. Which of the two a stream is shows in its first
 * event, and holds to its end: only an error is always ours to word, for the vendor's may name what a client must not see.
 */
import { type StreamEvent, type StreamRenderer, wireTextOf } from "@dragoman/llm";

export function passingRenderer(renderer: StreamRenderer, dialect: string): StreamRenderer {
  let passes: boolean | undefined;

  return {
    contentType: renderer.contentType,
    get warnings() {
      return renderer.warnings;
    },
    push(event) {
      const text = textOf(event, dialect);
      passes ??= text !== undefined;
      if (!passes) return renderer.push(event);
      if (event.type === "error") return renderer.push(event);
      // Of the beginning the renderer has to know, should it come to word an error.
      if (event.type === "start") renderer.push(event);
      return text ?? "";
    },
  };
}

/** Whether a stream that begins so is passed on as it comes. */
export function isVerbatim([first]: readonly StreamEvent[], dialect: string): boolean {
  return first !== undefined && textOf(first, dialect) !== undefined;
}

function textOf(event: StreamEvent, dialect: string): string | undefined {
  const wire = wireTextOf(event);
  return wire?.dialect === dialect ? wire.text : undefined;
}
