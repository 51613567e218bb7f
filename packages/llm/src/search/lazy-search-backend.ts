import { checkSearchAddress } from "./search-address.ts";
import type { SearchBackend } from "./search-backend.ts";

export interface LazySearchBackendInit {
  readonly id: string;
  readonly baseUrl: string;
  /** Called at the first use; again where it failed. */
  readonly load: () => Promise<Required<SearchBackend>>;
}

/** A backend that is loaded when it is first asked. Throws `configuration` at once for an address that is none. */
export function lazySearchBackend({ id, baseUrl, load }: LazySearchBackendInit): SearchBackend {
  checkSearchAddress(id, baseUrl);
  let loaded: Promise<Required<SearchBackend>> | undefined;

  function backend(): Promise<Required<SearchBackend>> {
    loaded ??= load().catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  }

  return {
    id,
    availability: async (options) => (await backend()).availability(options),
    search: async (query, options) => (await backend()).search(query, options),
  };
}
