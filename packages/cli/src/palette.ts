import { styleText } from "node:util";

type Style = (text: string) => string;

export interface Palette {
  readonly bold: Style;
  readonly dim: Style;
  readonly green: Style;
  readonly yellow: Style;
  readonly red: Style;
  readonly cyan: Style;
}

/** Colours for a stream: none when it is no terminal, or `NO_COLOR` is set (no-color.org); `FORCE_COLOR` brings them back. */
export function createPalette(stream: NodeJS.WriteStream): Palette {
  const style =
    (format: keyof Palette): Style =>
    (text) =>
      styleText(format, text, { stream, validateStream: true });
  return {
    bold: style("bold"),
    dim: style("dim"),
    green: style("green"),
    yellow: style("yellow"),
    red: style("red"),
    cyan: style("cyan"),
  };
}
