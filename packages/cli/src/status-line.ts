import { truncate } from "./display-width.ts";
import { createPalette } from "./palette.ts";
import { printable } from "./printable.ts";

export interface StatusLine {
  show(text: string): void;
  clear(): void;
}

/** One line on standard error that is written over as work goes on. Nothing at all when that is no terminal. */
export function createStatusLine(stream: NodeJS.WriteStream = process.stderr): StatusLine {
  if (!stream.isTTY || process.env.TERM === "dumb") return { show: () => {}, clear: () => {} };
  const { dim } = createPalette(stream);
  const clear = (): void => {
    stream.write("\r\x1b[2K");
  };
  return {
    show(text) {
      clear();
      stream.write(dim(truncate(printable(text), (stream.columns || 80) - 1)));
    },
    clear,
  };
}
