/** A provider whose cache directives become cached contents. The keeper is loaded when a call asks for one. */
import type { GeminiQuirks } from "../../dialects/gemini/quirks.ts";
import type { Provider } from "../../provider.ts";
import type { ProviderHooks } from "../../provider-definition.ts";
import { wrapProvider } from "../../wrap-provider.ts";
import type { CachedContentKeeper, CachedContentOptions } from "./cached-contents.ts";
import { retryRefused } from "./retry-refused.ts";

export interface CachingPlace {
  readonly provider: string;
  readonly backend: string;
  /** As the provider's dialect has them. */
  readonly quirks: () => Promise<GeminiQuirks>;
  readonly resourceOf: (model: string) => string;
}

export function withCachedContents(
  options: CachedContentOptions | false | undefined,
  place: CachingPlace,
  define: (hooks: ProviderHooks) => Provider,
): Provider {
  if (options === false) return define({});
  let keeper: CachedContentKeeper | undefined;

  async function loadKeeper(): Promise<CachedContentKeeper> {
    const { createCachedContentKeeper } = await import("./cached-contents.ts");
    keeper ??= createCachedContentKeeper({ ...options, ...place, load: () => loadCodec(place) });
    return keeper;
  }

  const provider = define({
    prepare: async (request, context) => {
      const asked = request.cache?.some(({ timeToLive, object }) => timeToLive !== undefined && object === undefined) ?? false;
      return asked ? (await loadKeeper()).prepare(request, context) : { request };
    },
  });
  const retrying = retryRefused(provider, (error) => keeper?.forget(error) ?? false);
  return wrapProvider(retrying, {
    stream: (call) => retrying.stream(call),
    close: async () => {
      await keeper?.close();
      await provider.close?.();
    },
  });
}

async function loadCodec(place: CachingPlace) {
  const [{ createCachedContentsCodec, createGeminiDialect }, quirks] = await Promise.all([
    import("../../dialects/gemini/index.ts"),
    place.quirks(),
  ]);
  return { dialect: createGeminiDialect(quirks), codec: createCachedContentsCodec(quirks) };
}
