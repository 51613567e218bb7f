/** Alternatives: `oneOf` as `anyOf`, and what may not stand beside them. */
import { isJsonObject, type JsonSchema, type JsonValue } from "../json.ts";
import { isExclusive } from "./exclusive.ts";
import { count, type Lowering, listOf, loseKeyword, type Place, warn } from "./lowering.ts";
import { mergeSchemas } from "./merge.ts";
import { resolveReference } from "./reference.ts";
import { replaceKeyword } from "./rewrite.ts";
import { writeOutReference } from "./write-out.ts";

export function oneOfAsAnyOf(lowering: Lowering, schema: JsonSchema, place: Place): JsonSchema {
  const branches = schema.oneOf;
  if (!Array.isArray(branches) || "anyOf" in schema) return schema;
  if (!isExclusive(branches, (reference) => resolveReference(lowering.document, reference))) {
    warn(lowering, `${place.path}.oneOf`, "oneOf", "oneOf became anyOf: that only one alternative may match was lost", undefined);
  }
  return replaceKeyword(schema, "oneOf", [["anyOf", branches]]);
}

/**
 * What stands beside `anyOf` moves into the alternatives, where the vendor wants the type there, or where every object is
 * closed: alternatives that are closed one by one would shut out the properties beside them.
 */
export function spreadOverAnyOf(lowering: Lowering, schema: JsonSchema, place: Place): JsonSchema {
  const { profile } = lowering;
  if (!Array.isArray(schema.anyOf) || (place.isRoot && profile.rootObject === true)) return schema;
  if (profile.closedObjects === true && isJsonObject(schema.properties)) return spreadObject(lowering, schema, place);
  if (profile.typeInAnyOf !== true || schema.type === undefined) return schema;
  const { type, ...rest } = schema;
  const open = schema.anyOf.some((branch: JsonValue) => !isJsonObject(branch) || "$ref" in branch);
  if (open) loseKeyword(lowering, "type", type, place);
  const branches = schema.anyOf.map((branch: JsonValue) =>
    isJsonObject(branch) && !("type" in branch) && !("$ref" in branch) ? { type, ...branch } : branch,
  );
  return { ...rest, anyOf: branches };
}

function spreadObject(lowering: Lowering, schema: JsonSchema, place: Place): JsonSchema {
  const { anyOf, ...rest } = schema;
  const { title, description, $defs, definitions, ...constraints } = rest;
  const branches: JsonSchema[] = [];
  for (const branch of listOf(anyOf)) {
    count(lowering, place);
    const resolved = isJsonObject(branch)
      ? writeOutReference(lowering, branch, { ...place, isRoot: false, expands: true }).schema
      : undefined;
    const merged = resolved === undefined || "$ref" in resolved ? undefined : mergeSchemas(constraints, resolved);
    if (merged === undefined) {
      loseKeyword(lowering, "anyOf", anyOf, place);
      return rest;
    }
    branches.push(merged);
  }
  return compact({ title, description, anyOf: branches, $defs, definitions });
}

function compact(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined));
}
