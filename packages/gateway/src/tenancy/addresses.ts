/** IP addresses in one spelling, and lists of them as CIDR. An IPv4 address in IPv6 clothes counts as what it is. */
import { BlockList, isIPv4, isIPv6 } from "node:net";

export interface AddressList {
  /** False for what is no address. */
  has(address: string | undefined): boolean;
}

/** Undefined where the text is no range: `10.0.0.0/8`, `2001:db8::/32`, or one address. */
export interface AddressRange {
  readonly address: string;
  readonly prefix: number;
  readonly family: "ipv4" | "ipv6";
}

/** Entries that are no ranges are an error of whoever checked them: they are listed by `badRanges`, and match nothing here. */
export function createAddressList(ranges: readonly string[]): AddressList {
  // One for each: in a common one, a range of IPv6 also takes in IPv4 addresses, as if they were mapped.
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const text of ranges) {
    const range = parseRange(text);
    if (range !== undefined) lists[range.family].addSubnet(range.address, range.prefix, range.family);
  }
  return {
    has(address) {
      const plain = address === undefined ? undefined : plainAddress(address);
      if (plain === undefined) return false;
      const family = isIPv4(plain) ? "ipv4" : "ipv6";
      return lists[family].check(plain, family);
    },
  };
}

export function badRanges(ranges: readonly string[]): readonly string[] {
  return ranges.filter((text) => parseRange(text) === undefined);
}

export function parseRange(text: string): AddressRange | undefined {
  const [, written = "", bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = written.includes("%") ? undefined : plainAddress(written);
  if (address === undefined) return undefined;
  const widthWritten = isIPv4(written) ? 32 : 128;
  const prefixWritten = bits === undefined ? widthWritten : Number(bits);
  if (prefixWritten > widthWritten) return undefined;
  if (!isIPv4(address)) return { address, prefix: prefixWritten, family: "ipv6" };
  // `::ffff:10.0.0.0/104` is 10.0.0.0/8; a shorter prefix would take in addresses that are no IPv4.
  const prefix = prefixWritten - (widthWritten - 32);
  return prefix < 0 ? undefined : { address, prefix, family: "ipv4" };
}

/** Without a zone, an IPv4-mapped address as IPv4. Undefined for what is no address. */
export function plainAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  const zone = text.indexOf("%");
  const address = zone === -1 ? text : text.slice(0, zone);
  if (!isIPv6(address)) return undefined;
  if (address.startsWith("::ffff:") && isIPv4(address.slice(7))) return address.slice(7);
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical) ?? [];
  return high === undefined || low === undefined ? canonical : dotted(Number.parseInt(high, 16), Number.parseInt(low, 16));
}

export function isLoopbackAddress(text: string | undefined): boolean {
  const address = text === undefined ? undefined : plainAddress(text);
  return address === "::1" || (address?.startsWith("127.") ?? false);
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}
