/**
 * Keeps web pages out. A server without a key on this machine can be reached by every page that its owner opens in a
 * browser: by a plain form post, or under a name of the page's own that is made to resolve to loopback. Programs send no
 * `Origin`, and name the host that they were given.
 */
import { isIP } from "node:net";
import { DragomanError } from "@dragoman/llm";
import { isLoopbackAddress } from "../tenancy/addresses.ts";

const LOOPBACK_NAMES: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

export interface OriginGuard {
  /** Throws `permission_denied`. Names of headers in lower case. */
  check(headers: { readonly host?: string | undefined; readonly origin?: string | undefined }): void;
}

/** `boundTo` is the host that the server listens on; a name in front of it can only be checked when that is loopback. */
export function createOriginGuard(allowedOrigins: readonly string[], boundTo: () => string): OriginGuard {
  const allowed = new Set(allowedOrigins);
  // Reading one takes longer than reading the rest of the head, and nearly all requests have the same.
  let lastLocalHost: string | undefined;

  function isLocal(host: string): boolean {
    if (host === lastLocalHost) return true;
    if (!isLoopback(nameOf(`http://${host}`))) return false;
    lastLocalHost = host;
    return true;
  }

  function refused(detail: string, advice: string): DragomanError {
    return new DragomanError({ code: "permission_denied", detail, advice });
  }

  return {
    check({ host, origin }) {
      if (origin !== undefined && !allowed.has(origin) && !LOOPBACK_NAMES.has(nameOf(origin))) {
        throw refused("a web page of another origin asks", "call from a program, or let the server allow this origin");
      }
      if (host !== undefined && !isLocal(host) && isLoopback(boundTo())) {
        throw refused("the host header names another machine", "use http://localhost or http://127.0.0.1 as the base URL");
      }
    },
  };
}

/** A name that merely begins like an address, as `127.page.example`, is a name that anybody can register. */
function isLoopback(name: string): boolean {
  const plain = name.replace(/^\[|\]$/g, "");
  return isIP(plain) === 0 ? plain === "localhost" || plain.endsWith(".localhost") : isLoopbackAddress(plain);
}

/** The host of an origin; empty where there is none, as for `null`. */
function nameOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).hostname : "";
}
