/**
 * Lets requests in: finds the key and the address, and holds them against the access table. Whoever is refused for the admin API is written
 * into the audit log.
 */
import { DragomanError, toDragomanError } from "@dragoman/llm";
import { LOCAL, type Principal } from "../../caller.ts";
import type { ServerConfiguration } from "../../configuration.ts";
import { isLoopbackAddress } from "../../tenancy/addresses.ts";
import type { Audit } from "../../tenancy/audit/audit.ts";
import { looksLikeOurs } from "../../tenancy/key-format.ts";
import type { Tenancy } from "../../tenancy/tenancy.ts";
import { withoutQuery } from "../client-request.ts";
import type { Access } from "./access-table.ts";
import { createAddressFinder, type FindAddress } from "./client-address.ts";
import { type RequestCredentials, requestCredentials } from "./request-credentials.ts";

/** What is looked at of a request. A Node `IncomingMessage` is one. */
export interface IncomingCall {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly rawHeaders: readonly string[];
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** Who was let in. */
export interface Admitted {
  readonly principal: Principal;
  /** Undefined where it is not known. */
  readonly address: string | undefined;
}

export interface GateOptions {
  readonly tenancy: Pick<Tenancy, "authenticate" | "authorisePath" | "hasCallerKeys">;
  /** As it is configured now. */
  readonly server: () => Pick<ServerConfiguration, "requireKey" | "trustedProxies">;
  /** The host that the server listens on. */
  readonly boundTo: () => string;
  readonly audit?: Pick<Audit, "denied">;
}

export interface Gate {
  /** Throws `authentication` or `permission_denied`. Undefined access: nobody is let in. */
  admit(call: IncomingCall, access: Access | undefined): Admitted;
}

/** Without a key, and with no right beyond what anyone has. */
export const NOBODY: Principal = { key: "nobody", restrictions: { models: [] } };

export function createGate({ tenancy, server, boundTo, audit }: GateOptions): Gate {
  let proxies: { readonly of: readonly string[]; readonly find: FindAddress } = { of: [], find: createAddressFinder([]) };

  function addressOf({ socket }: IncomingCall, forwardedFor: readonly string[]): string | undefined {
    const { trustedProxies } = server();
    if (proxies.of !== trustedProxies) proxies = { of: trustedProxies, find: createAddressFinder(trustedProxies) };
    return proxies.find(socket.remoteAddress, forwardedFor);
  }

  function admit(call: IncomingCall, access: Access | undefined): Admitted {
    if (access === "anyone") return { principal: NOBODY, address: addressOf(call, []) };
    if (access === "admin") return admitAdmin(call);
    if (access === "caller") return admitCaller(call);
    throw new DragomanError({
      code: "permission_denied",
      detail: `${call.method ?? ""} ${pathOf(call)} is open to nobody`,
      advice: "see GET / for the routes",
    });
  }

  function admitCaller(call: IncomingCall): Admitted {
    const credentials = requestCredentials(call.rawHeaders, call.url ?? "");
    const address = addressOf(call, credentials.forwardedFor);
    const principal = isOpen(call, credentials)
      ? localOr(() => authenticated(credentials.key, address), credentials.key)
      : authenticated(credentials.key, address);
    tenancy.authorisePath(principal, pathOf(call));
    return { principal, address };
  }

  function authenticated(key: string | undefined, address: string | undefined): Principal {
    return tenancy.authenticate(key, { address });
  }

  /** Where no key is demanded, one that only fills a client's field does no harm; one of ours that does not hold is told. */
  function localOr(authenticate: () => Principal, key: string | undefined): Principal {
    if (key === undefined) return LOCAL;
    try {
      return authenticate();
    } catch (error) {
      if (DragomanError.is(error) && error.code === "authentication" && !looksLikeOurs(key)) return LOCAL;
      throw error;
    }
  }

  /** Whether this machine's own programs may call without a key: never through a proxy, which may stand for anybody. */
  function isOpen({ socket }: IncomingCall, { isForwarded }: RequestCredentials): boolean {
    const { requireKey } = server();
    if (requireKey ?? tenancy.hasCallerKeys) return false;
    return !isForwarded && isLoopbackHost(boundTo()) && isLoopbackAddress(socket.remoteAddress);
  }

  function admitAdmin(call: IncomingCall): Admitted {
    let address: string | undefined;
    let actor = "unknown";
    try {
      address = addressOf(call, []);
      // Not from the query: a link must not be able to hold the right to administer.
      const credentials = requestCredentials(call.rawHeaders);
      address = addressOf(call, credentials.forwardedFor);
      const principal = authenticated(credentials.key, address);
      actor = `key:${principal.key}`;
      checkAdmin(principal);
      tenancy.authorisePath(principal, pathOf(call));
      return { principal, address };
    } catch (thrown) {
      const { code, detail } = toDragomanError(thrown);
      audit?.denied({
        action: "admin.denied",
        actor,
        ...(address === undefined ? {} : { address }),
        subject: `${call.method ?? ""} ${pathOf(call)}`,
        detail: `${code}: ${detail}`,
      });
      throw thrown;
    }
  }

  return { admit };
}

function checkAdmin({ key, restrictions }: Principal): void {
  if (restrictions.admin === true) return;
  throw new DragomanError({
    code: "permission_denied",
    detail: `the key ${key} is not for administration`,
    advice: "use a key made with dragoman keys create --admin",
  });
}

/** Without the query, in which a key may stand, and without a fragment: the router ends the path at either. */
function pathOf({ url = "" }: IncomingCall): string {
  return withoutQuery(url);
}

function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host === "[::1]" || isLoopbackAddress(host);
}
