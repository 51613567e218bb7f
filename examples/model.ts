/** The model that the examples ask: `DRAGOMAN_MODEL=provider:model` where it is set, else the simulator. */
import { discoverProviders } from "@dragoman/gateway";
import { createRegistry, type Registry, type ResolvedModel } from "@dragoman/llm";
import { createSimulator } from "@dragoman/llm/testing";

const asked = process.env.DRAGOMAN_MODEL || undefined;
const { usable } = asked === undefined ? { usable: [] } : await discoverProviders();

export const registry: Registry = createRegistry([...usable, createSimulator()]);

/** As `provider:model`. `simulated` is used when no real model is named. */
export function modelReference(simulated = "sim:echo"): string {
  return asked ?? simulated;
}

export function chooseModel(simulated?: string): ResolvedModel {
  return registry.resolve(modelReference(simulated));
}
