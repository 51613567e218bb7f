/** `allOf` without `allOf`. */
import { isJsonObject, type JsonSchema, type JsonValue } from "../json.ts";
import { count, DEPTH_MAX, type Lowering, type Place, type Placed } from "./lowering.ts";
import { ANNOTATIONS, mergeSchemas } from "./merge.ts";
import { keepBareReference, writeOutReference } from "./write-out.ts";

/** `allOf` folded into the schema where that means the same. Otherwise it stays, and is dropped with a warning. */
export function foldAllOf(lowering: Lowering, schema: JsonSchema, place: Place): Placed {
  const { allOf, ...rest } = schema;
  if (!Array.isArray(allOf)) return { schema, place };
  let folded: JsonSchema = rest;
  let inner = place;
  for (const branch of allOf) {
    if (branch === true) continue;
    const flat = flatBranch(lowering, branch, place);
    if (flat === undefined || "allOf" in flat.schema) return { schema, place };
    const recursion = flat.schema.$ref;
    if (typeof recursion === "string") {
      const onlyNamed = allOf.length === 1 && Object.keys(rest).every((keyword) => ANNOTATIONS.has(keyword));
      return onlyNamed ? keepBareReference(lowering, recursion, rest, place) : { schema, place };
    }
    const merged = mergeSchemas(folded, flat.schema);
    if (merged === undefined) return { schema, place };
    folded = merged;
    const writtenOut = [...new Set([...inner.writtenOut, ...flat.place.writtenOut])];
    inner = { ...place, depth: Math.max(inner.depth, flat.place.depth), writtenOut };
  }
  return { schema: folded, place: inner };
}

/** A branch of `allOf` with its reference written out and its own `allOf` folded, as far as that goes. */
function flatBranch(lowering: Lowering, branch: JsonValue, place: Place): Placed | undefined {
  count(lowering, place);
  if (!isJsonObject(branch) || place.depth >= DEPTH_MAX) return undefined;
  const resolved = writeOutReference(lowering, branch, {
    ...place,
    depth: place.depth + 1,
    isRoot: false,
    expands: true,
  });
  return foldAllOf(lowering, resolved.schema, resolved.place);
}
