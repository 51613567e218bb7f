/** From where a request really comes: what proxies say is believed of those that are trusted, and of nobody beyond them. */
import { isIPv4, isIPv6 } from "node:net";
import { createAddressList, plainAddress } from "../../tenancy/addresses.ts";

/** Undefined: not known, which no restriction to addresses lets through. */
export type FindAddress = (socketAddress: string | undefined, forwardedFor: readonly string[]) => string | undefined;

/**
 * From the right: each proxy adds the address that it was called from. The first that is no trusted proxy is the client; all that stands
 * to the left of it was written by the client itself. Where all are trusted, it is the leftmost.
 */
export function createAddressFinder(trustedProxies: readonly string[]): FindAddress {
  const trusted = createAddressList(trustedProxies);
  return (socketAddress, forwardedFor) => {
    let address = socketAddress === undefined ? undefined : plainAddress(socketAddress);
    if (forwardedFor.length === 0 || trustedProxies.length === 0) return address;
    for (let index = forwardedFor.length - 1; index >= 0 && trusted.has(address); index--) {
      address = plainAddress(withoutPort(forwardedFor[index] ?? ""));
    }
    return address;
  };
}

/** Some proxies write `192.0.2.1:4711` and `[2001:db8::1]:4711`. */
function withoutPort(text: string): string {
  if (isIPv4(text) || isIPv6(text)) return text;
  const [, bracketed, plain] = /^(?:\[([^\]]+)\](?::\d+)?|([^:]+):\d+)$/.exec(text) ?? [];
  return bracketed ?? plain ?? "";
}
