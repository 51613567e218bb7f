/**
 * What a vendor wrote, beside what was read of it: for whoever passes an answer on in the wire in which it came. It rides under a symbol,
 * which spreads along and which no JSON shows.
 */

/** What a vendor wrote, in this wire. */
export interface WireText {
  /** Id of the dialect. */
  readonly dialect: string;
  /** A whole body, or what of a stream belongs to one event, framing included. */
  readonly text: string;
}

const WIRE_TEXT: unique symbol = Symbol.for("dragoman.wire-text") as never;

interface Carrying {
  readonly [WIRE_TEXT]?: WireText;
}

export function withWireText<Value extends object>(value: Value, wire: WireText): Value {
  const carrying: Value & Carrying = { ...value, [WIRE_TEXT]: wire };
  return carrying;
}

/** Of a completion or an event of a stream whose request was passed on as it came (`CompletionCall.wire`); undefined for any other. */
export function wireTextOf(value: object & Carrying): WireText | undefined {
  return value[WIRE_TEXT];
}
