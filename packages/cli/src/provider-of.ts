import { DragomanError, type Provider } from "@dragoman/llm";
import type { OpenedRegistry } from "./open-registry.ts";

/** The provider of a name, or an error that says what it needs. */
export function providerOf({ registry, discovery }: OpenedRegistry, id: string): Provider {
  const provider = registry.provider(id);
  if (provider !== undefined) return provider;
  const finding = discovery.findings.find((candidate) => candidate.provider === id);
  if (finding === undefined || finding.availability.available) {
    const known = registry.providers().map((one) => one.id);
    const detail = `there is no provider ${id}`;
    throw new DragomanError({ code: "invalid_request", detail, advice: `name one of ${known.join(", ")}` });
  }
  const { reason, detail, nextStep } = finding.availability;
  throw new DragomanError({
    code: reason === "no-key" ? "authentication" : "provider_unavailable",
    provider: id,
    detail: reason === "no-key" ? `no key: ${detail}` : detail,
    advice: nextStep,
  });
}
