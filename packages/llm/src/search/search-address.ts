import { DragomanError } from "../errors.ts";

/** Where a search service is. Throws `configuration` for what no request can be sent to. */
export function checkSearchAddress(id: string, text: string): URL {
  const url = URL.parse(text);
  const flaw =
    url === null || (url.protocol !== "https:" && url.protocol !== "http:")
      ? "is not an address that begins with https:// or http://"
      : url.username !== "" || url.password !== ""
        ? "carries credentials"
        : url.search !== "" || url.hash !== ""
          ? "has a query or a fragment"
          : undefined;
  if (url !== null && flaw === undefined) return url;
  const detail = `the base URL ${flaw ?? "is no URL"}`;
  throw new DragomanError({ code: "configuration", provider: id, field: "baseUrl", detail });
}
