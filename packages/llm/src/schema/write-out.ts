/** `$ref` where it may not stay: what it points at takes its place, until it would recur. */
import type { JsonSchema } from "../json.ts";
import {
  DEPTH_MAX,
  type Lowering,
  listOf,
  loseKeyword,
  type Place,
  type Placed,
  SILENT,
  takes,
  unsupported,
  warn,
} from "./lowering.ts";
import { mergeSchemas } from "./merge.ts";
import { isPlainReference, resolveReference } from "./reference.ts";

/** `$ref` is kept where the vendor takes it and it stands alone; else what it points at takes its place. */
export function writeOutReference(lowering: Lowering, node: JsonSchema, place: Place): Placed {
  const reference = node.$ref;
  if (typeof reference !== "string") return { schema: node, place };
  const { $ref: _reference, ...beside } = node;
  const { profile } = lowering;
  const keeps = takes(profile, "$ref") && profile.references !== "inline";
  if (keeps && place.expands !== true) {
    if (profile.keywords === "all") return { schema: node, place };
    const alone = Object.keys(beside).every((keyword) => SILENT.has(keyword));
    if (alone && isPlainReference(reference)) return { schema: { $ref: reference }, place };
  }

  const recursive = place.writtenOut.includes(reference);
  if (recursive && keeps && isPlainReference(reference)) return keepBareReference(lowering, reference, beside, place);
  const target = recursive ? undefined : resolveReference(lowering.document, reference);
  if (target === undefined || target === node) {
    const reason = recursive || target === node ? "the recursive $ref" : "the $ref, which points at no schema of this document,";
    warn(lowering, `${place.path}.$ref`, "$ref", `${reason} became an unconstrained value`, reference);
    return { schema: beside, place };
  }
  const merged = mergeReferenced(lowering, target, beside, place);
  return writeOutReference(lowering, merged, deeper(place, reference));
}

function deeper(place: Place, reference: string): Place {
  if (place.depth >= DEPTH_MAX) throw unsupported(place.path, `nested deeper than ${DEPTH_MAX}`);
  return { ...place, depth: place.depth + 1, writtenOut: [...place.writtenOut, reference] };
}

/** A recursive reference stays a reference; vendors refuse anything beside it. */
export function keepBareReference(lowering: Lowering, reference: string, beside: JsonSchema, place: Place): Placed {
  for (const [keyword, value] of Object.entries(beside)) {
    if (SILENT.has(keyword)) continue;
    warn(lowering, `${place.path}.${keyword}`, keyword, `${lowering.profile.name} takes nothing beside a $ref; left out`, value);
  }
  return { schema: { $ref: reference }, place };
}

function mergeReferenced(lowering: Lowering, target: JsonSchema, beside: JsonSchema, place: Place): JsonSchema {
  const merged = mergeSchemas(beside, withoutDefinitions(target));
  if (merged !== undefined) return merged;
  if (takes(lowering.profile, "allOf")) return { ...beside, allOf: [...listOf(beside.allOf), target] };
  for (const [keyword, value] of Object.entries(beside)) {
    if (keyword in target) loseKeyword(lowering, keyword, value, place);
  }
  return { ...beside, ...target };
}

/** Definitions are the root's; a reference to the root must not carry them along. */
function withoutDefinitions(schema: JsonSchema): JsonSchema {
  const { $defs: _defs, definitions: _definitions, $schema: _draft, $id: _id, ...rest } = schema;
  return rest;
}
