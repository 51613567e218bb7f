import type { SchemaProfile } from "../../schema.ts";

/**
 * A strict answer's or tool's schema: every object is closed, nothing else is taken out.
 * Source: `@mistralai/mistralai/extra/structChat`, which closes every object before it sends a schema.
 */
export const MISTRAL_STRICT: SchemaProfile = { name: "Mistral strict", keywords: "all", closedObjects: true };
