import type { Warning } from "../../warning.ts";
import type { ResolvedQuirks } from "./quirks.ts";

/** What the parsers of one request share. */
export interface Parsing {
  readonly quirks: ResolvedQuirks;
  readonly warnings: Warning[];
}
