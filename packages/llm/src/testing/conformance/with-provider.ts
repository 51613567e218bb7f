import type { OpenedProvider, ProviderSubject } from "./conformance-case.ts";

/** A case's body with a provider of its own, closed however it ends. */
export function withProvider(
  subject: ProviderSubject,
  body: (opened: OpenedProvider) => Promise<void>,
  variant?: "bad-key",
): () => Promise<void> {
  return async () => {
    const opened = await subject.open(variant);
    try {
      await body(opened);
    } finally {
      await opened.close();
    }
  };
}
