/** How nodes call a counter that they share: by a key, and by what the key was made of, which an earlier process leaves to the next. */
import { createHash } from "node:crypto";
import type { LeftCounter } from "../../limits/allowance.ts";

export interface CounterName {
  /** The same on all nodes, and of the same length for any names. */
  readonly counter: string;
  /** Undefined where it is too long to be kept: what is left of such a counter stays as it was told. */
  readonly name: string | undefined;
}

const NAME_LENGTH_MAX = 4_000;

export function counterName({ rule, identity, subject }: LeftCounter): CounterName {
  const whose = Object.entries(subject).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const name = JSON.stringify([rule, identity, whose]);
  const counter = createHash("sha256").update(name).digest("base64url");
  return { counter, name: name.length > NAME_LENGTH_MAX ? undefined : name };
}

/** Undefined for a name that no program of ours has made. */
export function parseCounterName(name: string): LeftCounter | undefined {
  try {
    const [rule, identity, whose] = JSON.parse(name);
    return { rule, identity, subject: Object.fromEntries(whose) };
  } catch {
    return undefined;
  }
}
