/**
 * For test setups: from now on nothing in this thread reaches another machine over TCP, and no name is looked up. Every
 * connection (node:net, node:tls, node:http, undici, `fetch`, a database's driver) goes through
 * `net.Socket.prototype.connect`, every lookup through node:dns; both are replaced. Loopback addresses, `localhost`, local
 * sockets, and names that a caller's own `lookup` resolves to loopback go through.
 */
import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import net, { type LookupFunction } from "node:net";

/** Why a connection or a lookup did not happen. */
export class RealRequestError extends Error {
  override readonly name = "RealRequestError";
  readonly code = "ERR_REAL_REQUEST";

  constructor(what: string) {
    super(`a test tried to ${what}; only loopback is allowed in tests`);
  }
}

const INSTALLED = Symbol.for("dragoman.offline-guard");

/** Idempotent. */
export function forbidRealRequests(): void {
  if (Reflect.has(net.Socket.prototype, INSTALLED)) return;
  Reflect.set(net.Socket.prototype, INSTALLED, true);
  guardConnections();
  guardLookups();
  guardResolvers();
  syncBuiltinESMExports();
}

function guardConnections(): void {
  const connect = net.Socket.prototype.connect;
  Reflect.set(net.Socket.prototype, "connect", function (this: net.Socket, ...args: unknown[]): net.Socket {
    const target = targetOf(args);
    if (target === undefined || isLoopback(target.host)) return Reflect.apply(connect, this, args);
    const { host, port, options, callback } = target;
    const lookup: LookupFunction | undefined = options?.lookup;
    if (net.isIP(host) === 0 && lookup !== undefined) {
      return Reflect.apply(connect, this, [{ ...options, lookup: loopbackLookup(lookup) }, callback]);
    }
    // Later, as a real failure would be: whoever connects has not listened for errors yet.
    process.nextTick(() => this.destroy(new RealRequestError(`connect to ${host}, port ${port}`)));
    return this;
  });
}

interface ConnectOptions {
  readonly host?: string;
  readonly port?: number;
  readonly path?: string | null;
  readonly lookup?: LookupFunction;
}

interface ConnectTarget {
  readonly host: string;
  readonly port: unknown;
  readonly options: ConnectOptions | undefined;
  readonly callback: unknown;
}

/**
 * Where a connection goes, from the arguments that Node takes: options, or a port and a host, or what `net.connect` has
 * made of them, an array of options and callback. Undefined for a local socket.
 */
function targetOf(args: readonly unknown[]): ConnectTarget | undefined {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  if (isOptions(first)) {
    if (typeof first.path === "string") return undefined;
    return { host: first.host || "localhost", port: first.port, options: first, callback: second };
  }
  if (typeof first === "string" && Number.isNaN(Number(first))) return undefined;
  const host = typeof second === "string" ? second : "localhost";
  return { host, port: first, options: undefined, callback: undefined };
}

function isOptions(value: unknown): value is ConnectOptions {
  return typeof value === "object" && value !== null;
}

/** The caller's own lookup, as long as it leads to loopback. */
function loopbackLookup(lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) =>
    lookup(hostname, options, (error, found, family) => {
      const addresses = typeof found === "string" ? [found] : (found ?? []).map(({ address }) => address);
      const foreign = addresses.find((address) => !isLoopback(address));
      if (error !== null || foreign === undefined) callback(error, found, family);
      else callback(new RealRequestError(`connect to ${hostname} at ${foreign}`), "");
    });
}

/** `getaddrinfo` asks no name server for an address, nor for `localhost`. */
function guardLookups(): void {
  for (const holder of [dns, dns.promises]) {
    guardFunction(holder, "lookup", (name) => !(net.isIP(String(name)) !== 0 || isLoopback(String(name))));
    guardFunction(holder, "lookupService", (address) => !isLoopback(String(address)));
  }
}

function guardResolvers(): void {
  for (const holder of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype]) {
    for (const name of Object.getOwnPropertyNames(holder)) {
      if (name === "reverse" || /^resolve/.test(name)) guardFunction(holder, name, () => true);
    }
  }
}

/** Replaces a function of node:dns by one that fails in its own style: by callback, or by promise. */
function guardFunction(holder: object, name: string, isForbidden: (subject: unknown) => boolean): void {
  const original: unknown = Reflect.get(holder, name);
  if (typeof original !== "function") return;
  Reflect.set(holder, name, function (this: unknown, ...args: unknown[]): unknown {
    if (!isForbidden(args[0])) return Reflect.apply(original, this, args);
    const error = new RealRequestError(`look up ${args[0]}`);
    const callback = args.at(-1);
    if (typeof callback !== "function") return Promise.reject(error);
    process.nextTick(callback, error);
    return undefined;
  });
}

/** The unspecified address too: connecting to it means this machine. */
function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  const address = name.replace(/^::ffff:(?=\d+\.)/, "");
  if (net.isIPv4(address)) return address.startsWith("127.") || address === "0.0.0.0";
  return address === "::1" || address === "::";
}
