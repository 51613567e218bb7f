/** What opens connections, and what cuts their bytes into events. `offline-guard.ts` is for test setups and not listed. */

export { createDecoder } from "./decoders.ts";
export { createFetchTransport, type FetchTransportOptions } from "./fetch-transport.ts";
export { createJsonArrayDecoder, type JsonArrayDecoderOptions } from "./json-array.ts";
export { createNdjsonDecoder, type NdjsonDecoderOptions } from "./ndjson.ts";
export type { TlsOptions } from "./origin-pool.ts";
export { createSseDecoder, type SseDecoderOptions } from "./sse.ts";
export { DEFAULT_TIMEOUTS } from "./timeouts.ts";
export type { Decoder, Transport, TransportRequest, TransportResponse } from "./transport.ts";
export { createUndiciTransport, type UndiciTransportOptions } from "./undici-transport.ts";
export {
  createUrlGuard,
  type FetchedMedia,
  type FetchMediaOptions,
  type PinnedAddress,
  type ResolvedAddress,
  type UrlGuard,
  type UrlGuardOptions,
} from "./url-guard.ts";
