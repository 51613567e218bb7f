/** What every step of lowering a schema shares: where it is, what was lost, and the limits. */
import { DragomanError } from "../errors.ts";
import type { JsonSchema, JsonValue } from "../json.ts";
import type { SchemaProfile } from "../schema.ts";
import type { Warning } from "../warning.ts";

/** Schemas nest at most so deep, references written out included. */
export const DEPTH_MAX = 64;

/** Subschemas of a lowered schema, references written out included. */
const SUBSCHEMAS_MAX = 10_000;

/** A lost constraint goes into the description up to this many characters of JSON. */
const NOTE_LENGTH_MAX = 400;

/** Keywords that neither constrain nor tell the model anything: dropped without a word. */
export const SILENT: ReadonlySet<string> = new Set(["$schema", "$id", "$comment", "$vocabulary", "$anchor", "$dynamicAnchor"]);

/** One run over one schema. */
export interface Lowering {
  readonly profile: SchemaProfile;
  /** What references point into. */
  readonly document: JsonSchema;
  readonly warnings: Warning[];
  subschemas: number;
}

/** Where the walk is. */
export interface Place {
  readonly path: string;
  readonly depth: number;
  /** References that are being written out here: meeting one again is a recursion. */
  readonly writtenOut: readonly string[];
  readonly isRoot: boolean;
  /** A reference may not stay here: its target is needed to go on. */
  readonly expands?: boolean;
  /** Lost constraints of this schema, for its description. */
  readonly notes: string[];
}

export interface Placed {
  readonly schema: JsonSchema;
  readonly place: Place;
}

export function count(lowering: Lowering, place: Place): void {
  if (++lowering.subschemas > SUBSCHEMAS_MAX) throw unsupported(place.path, `more than ${SUBSCHEMAS_MAX} subschemas`);
}

export function takes(profile: SchemaProfile, keyword: string): boolean {
  if (profile.removedKeywords?.has(keyword) === true) return false;
  return profile.keywords === "all" || profile.keywords.has(keyword);
}

export function loseKeyword(lowering: Lowering, keyword: string, value: JsonValue | undefined, place: Place): void {
  if (value === undefined || SILENT.has(keyword)) return;
  // Definitions are of no use without references: nothing of them is lost.
  if ((keyword === "$defs" || keyword === "definitions") && lowering.profile.references === "inline") return;
  const note = noteOf(lowering.profile, keyword, value);
  if (note !== undefined) place.notes.push(note);
  const fate = note === undefined ? "left out" : "written into the description";
  warn(lowering, `${place.path}.${keyword}`, keyword, `${lowering.profile.name} does not take ${keyword} here; ${fate}`, value);
}

/** The lost constraint in words that a model reads. Undefined where the profile has no room, or it is too long. */
function noteOf(profile: SchemaProfile, keyword: string, value: JsonValue): string | undefined {
  if (profile.intoDescription === false || !takes(profile, "description") || keyword === "description") return undefined;
  if (keyword === "$ref" || keyword === "$defs" || keyword === "definitions") return undefined;
  // Generated schemas repeat each property's name as its title, which tells a model nothing.
  if (keyword === "title") return undefined;
  // That no other keys are wanted is what a model assumes anyway; the sentence would only cost tokens.
  if (value === false && (keyword === "additionalProperties" || keyword === "unevaluatedProperties")) return undefined;
  const json = typeof value === "string" ? value : JSON.stringify(value);
  return json.length > NOTE_LENGTH_MAX ? undefined : `${keyword}: ${json}`;
}

export function warn(lowering: Lowering, path: string, keyword: string, detail: string, value: JsonValue | undefined): void {
  const sentence = detail.includes(keyword) ? detail : `${keyword}: ${detail}`;
  lowering.warnings.push({ type: "lossy", path, detail: sentence, ...(value === undefined ? {} : { value }) });
}

export function unsupported(path: string, detail: string): DragomanError {
  return new DragomanError({ code: "schema_unsupported", field: path, detail });
}

export function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}
