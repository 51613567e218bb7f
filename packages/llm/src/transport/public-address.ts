/** Which addresses of the network belong to everybody, as far as a URL of unknown origin may lead there. */
import type ipaddr from "ipaddr.js";

export type AddressLibrary = typeof ipaddr;

/**
 * Public by the registries, but not by what answers there: the virtual address of Azure's host, which hands out a
 * machine's configuration. Source: Microsoft Learn, "What is IP address 168.63.129.16?".
 */
const HOST_ADDRESSES: ReadonlySet<string> = new Set(["168.63.129.16"]);

/**
 * True only for an address that IANA's registries give out as ordinary and global. Everything special is refused:
 * loopback, private, link-local, carrier-grade NAT, multicast, unspecified, reserved, documentation, benchmarking, and
 * whatever carries an IPv4 address inside IPv6 (mapped, compatible, translated, NAT64, 6to4, Teredo), as that may lead
 * anywhere. Of IPv6 only 2000::/3 is given out (RFC 4291, 2.4).
 */
export function isPublicAddress(library: AddressLibrary, address: string): boolean {
  if (!library.isValid(address)) return false;
  const parsed = library.parse(address);
  if (parsed.range() !== "unicast") return false;
  if (parsed.kind() === "ipv4") return !HOST_ADDRESSES.has(parsed.toString());
  return parsed.match(library.parse("2000::"), 3);
}
