/** The models that a fake vendor knows by name: those it lists, and those whose name asks for something. */
import { type FakeModel, fakeModel } from "./fake-model.ts";
import type { FakeVendorName } from "./fake-vendor.ts";
import { findFault } from "./faults.ts";

const REASONER = "reasoner";

export function listModels(own: readonly FakeModel[], others: readonly string[]): readonly FakeModel[] {
  return [...own, ...others.map((id) => named(id))];
}

/** The model of a name: one of the list, or one whose name asks for a fault or for thinking. Undefined: unknown. */
export function findModel(vendor: FakeVendorName, listed: readonly FakeModel[], id: string): FakeModel | undefined {
  const asksForSomething = id.includes(REASONER) || findFault(vendor, id) !== undefined;
  return listed.find((candidate) => candidate.id === id) ?? (asksForSomething ? named(id) : undefined);
}

/** A model that only its name describes: `reasoner` in it thinks unasked. */
function named(id: string): FakeModel {
  return fakeModel(id, id.includes(REASONER) ? { reasoning: "always" } : {});
}
