/**
 * What a model sent back, against the whole schema that the caller wrote. Not the lowered one: what a vendor could not
 * be told is checked here.
 */
import type { ErrorObject, Options } from "ajv/dist/2020.js";
import { DragomanError } from "./errors.ts";
import { isJsonObject, type JsonSchema, type JsonValue } from "./json.ts";
import { createPatternEngine } from "./schema/pattern.ts";
import type { Warning } from "./warning.ts";

/** One way in which a value breaks a schema. */
export interface SchemaViolation {
  /** Place in the value, as in `items[0].name`; empty for the value as a whole. */
  readonly path: string;
  /** The keyword that is broken, as in `required`. */
  readonly keyword: string;
  /** One sentence that a person or a model can act on. */
  readonly detail: string;
}

/** At most so many violations are reported. */
const VIOLATIONS_MAX = 50;
/** Schemas nest at most so deep. */
const DEPTH_MAX = 256;

/**
 * Every violation of the schema (draft 2020-12; tuples of draft 7 are understood), at most 50; none when the value is
 * valid. The validator is loaded at the first call. A `$ref` outside the schema is never fetched.
 *
 * Not checked: `format`, which is an annotation in draft 2020-12. A `pattern` that is no regular expression of JavaScript,
 * that is too large (over 1 000 characters or 24 choices), or that takes too long (50 ms a text, 250 ms in all), is left
 * unchecked too; `onUnchecked` then gets a warning, once a pattern.
 *
 * Rejects with `schema_unsupported` when the schema itself cannot be used.
 */
export async function validateAgainst(
  schema: JsonSchema,
  value: JsonValue,
  onUnchecked: (warning: Warning) => void = () => {},
): Promise<readonly SchemaViolation[]> {
  const { Ajv2020 } = await import("ajv/dist/2020.js");
  const patterns = await createPatternEngine();
  const validator = new Ajv2020({ ...OPTIONS, code: { regExp: patterns.engine } });
  const validate = compile(() => validator.compile<unknown>(prepare(schema, 0)));
  const violations = run(() => (validate(value) ? [] : (validate.errors ?? []).slice(0, VIOLATIONS_MAX).map(violationOf)));
  for (const warning of patterns.warnings()) onUnchecked(warning);
  return violations;
}

/** No meta-schema: half-right schemas of the wild are taken as far as they are understood. */
const OPTIONS: Options = {
  strict: false,
  allErrors: true,
  validateFormats: false,
  validateSchema: false,
  meta: false,
  addUsedSchema: false,
  logger: false,
};

function compile<T>(build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (DragomanError.is(error)) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw new DragomanError({ code: "schema_unsupported", detail: `the schema cannot be used: ${detail}`, cause: error });
  }
}

/** A recursive schema follows a value as deep as it goes; one that is too deep is a violation, not a crash. */
function run(check: () => readonly SchemaViolation[]): readonly SchemaViolation[] {
  try {
    return check();
  } catch (error) {
    if (error instanceof RangeError)
      return [{ path: "", keyword: "depth", detail: "the value is nested too deeply to be checked" }];
    throw error;
  }
}

/** Values are data, not schemas, below these. */
const DATA: ReadonlySet<string> = new Set(["const", "enum", "default", "examples", "required"]);

/** A copy without `$schema`, which names drafts that are not loaded, and with tuples as draft 2020-12 writes them. */
function prepare(schema: JsonSchema, depth: number): JsonSchema {
  if (depth > DEPTH_MAX) {
    throw new DragomanError({ code: "schema_unsupported", detail: `the schema is nested deeper than ${DEPTH_MAX}` });
  }
  const tuple = Array.isArray(schema.items);
  const entries = Object.entries(schema).flatMap(([keyword, value]): [string, JsonValue][] => {
    if (value === undefined || (keyword === "$schema" && typeof value === "string")) return [];
    const prepared = DATA.has(keyword) ? value : prepareValue(value, depth + 1);
    if (tuple && keyword === "items") return [["prefixItems", prepared]];
    return tuple && keyword === "additionalItems" ? [["items", prepared]] : [[keyword, prepared]];
  });
  return Object.fromEntries(entries);
}

function prepareValue(value: JsonValue, depth: number): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => prepareValue(item, depth));
  return isJsonObject(value) ? prepare(value, depth) : value;
}

function violationOf(error: ErrorObject): SchemaViolation {
  const path = pathOf(error.instancePath);
  const subject = path === "" ? "the value" : path;
  return { path, keyword: error.keyword, detail: `${subject} ${error.message ?? `breaks ${error.keyword}`}${allowed(error)}` };
}

/** What the validator's sentence leaves out, and a model needs to do better. */
function allowed(error: ErrorObject): string {
  const params: Record<string, unknown> = error.params;
  const { allowedValues, allowedValue, additionalProperty } = params;
  if (Array.isArray(allowedValues)) return `: ${allowedValues.map((value) => JSON.stringify(value)).join(", ")}`;
  if (allowedValue !== undefined) return `: ${JSON.stringify(allowedValue)}`;
  return typeof additionalProperty === "string" ? `: ${JSON.stringify(additionalProperty)}` : "";
}

/** A JSON Pointer as a path: `/items/0/name` becomes `items[0].name`. */
function pathOf(pointer: string): string {
  let path = "";
  for (const token of pointer.split("/").slice(1)) {
    const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (/^\d+$/.test(name)) path += `[${name}]`;
    else if (/^[A-Za-z_$][\w$-]*$/.test(name)) path += path === "" ? name : `.${name}`;
    else path += `[${JSON.stringify(name)}]`;
  }
  return path;
}
