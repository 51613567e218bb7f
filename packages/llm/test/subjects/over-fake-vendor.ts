/** A provider as a subject of the conformance suite, over the fake server of its vendor. */
import { type FakeVendorName, type ProviderSubject, startFakeVendor } from "@dragoman/llm/testing";
import { type Provider, type ProviderOptions, Secret } from "../../src/index.ts";

/** The key that every provider is given: it must appear nowhere. */
export const SECRET = "sk-conformance-0123456789abcdef";

/** What a slow vendor takes before its first word: a turn of a clock, yet no time to wait for a hundred times over. */
const SLOW_MS = 30;

export const NO_KEYS = "a local engine takes any key";

export interface VendorSubject extends ProviderSubject {
  readonly vendor: FakeVendorName;
  /** As the docs name it. */
  readonly title: string;
  readonly create: (options: ProviderOptions) => Provider;
}

export function overFakeVendor(
  title: string,
  vendor: FakeVendorName,
  create: (options: ProviderOptions) => Provider,
  rest: Pick<ProviderSubject, "models" | "lacks" | "embeddingInputsMax" | "files"> & {
    readonly batches?: { readonly model: string };
  },
): VendorSubject {
  return {
    title,
    vendor,
    create,
    name: title,
    secret: SECRET,
    faults: { vendor, model: (fault) => fault },
    ...rest,
    ...(rest.batches === undefined ? {} : { batches: { ...rest.batches, everyMs: 0 } }),
    open: async (variant) => {
      const fake = await startFakeVendor(vendor, { slowMs: SLOW_MS });
      const provider = create({ baseUrl: fake.baseUrl, key: new Secret(variant === "bad-key" ? "bad-key" : SECRET) });
      return {
        provider,
        waitForAbort: () => fake.waitForAbort(),
        requestCount: () => fake.requests.length,
        close: () => fake.close(),
      };
    },
  };
}
