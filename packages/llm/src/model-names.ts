/** Names of models for editors. Types only: nothing is checked against them, and nothing of them is there at run time. */
import type { Suggested } from "./suggested.ts";

/**
 * Provider id -> the names to offer for it. Filled from the catalogues (`catalogue/model-names.generated.ts`); a package
 * with a provider of its own adds a line by declaration merging, and `registry.resolve` offers its models too:
 *
 * ```ts
 * declare module "@dragoman/llm" {
 *   interface ModelNames {
 *     readonly acme: "acme-large" | "acme-small";
 *   }
 * }
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: open for merging, which a type alias is not.
export interface ModelNames {}

type KnownReferences = { [Id in keyof ModelNames & string]: `${Id}:${ModelNames[Id] & string}` };

/** `provider:model`, with the known ones to choose from. Any other string is taken as well. */
export type ModelReference = Suggested<KnownReferences[keyof KnownReferences]>;
