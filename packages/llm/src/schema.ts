/**
 * JSON Schema between the caller, who writes any of it, and a vendor, who takes a part of it: `lowerSchema` makes the
 * schema that goes over the wire and says what was lost; `validate` checks what comes back against the whole schema.
 */
import type { JsonSchema } from "./json.ts";
import type { Warning } from "./warning.ts";

/** What one vendor's schema subset takes, as data. */
export interface SchemaProfile {
  /** Whose subset it is, for warnings: `OpenAI strict`. */
  readonly name: string;
  /** Keywords that are kept. `all` keeps whatever is not in `removedKeywords`. */
  readonly keywords: ReadonlySet<string> | "all";
  readonly removedKeywords?: ReadonlySet<string>;
  /** Write dropped constraints into the description, so that the model at least reads them. Default true. */
  readonly intoDescription?: boolean;
  /** Every property is required; an optional one becomes nullable. */
  readonly allRequired?: boolean;
  /** `additionalProperties: false` on every object. */
  readonly closedObjects?: boolean;
  /** `inline` writes `$ref` out; a recursive one then becomes an unconstrained value, with a warning. Default `keep`. */
  readonly references?: "keep" | "inline";
  readonly oneOfAsAnyOf?: boolean;
  readonly constAsEnum?: boolean;
  /** How "or null" is spelt. Default: as it came. */
  readonly nullable?: "type-array" | "any-of" | "keyword";
  /** The root must be an object without `anyOf`, `oneOf`, `allOf`; anything else throws `schema_unsupported`. */
  readonly rootObject?: boolean;
}

export interface LoweredSchema {
  readonly schema: JsonSchema;
  /** One warning per lost keyword, type `lossy`, with the path below `path`. */
  readonly warnings: readonly Warning[];
}
