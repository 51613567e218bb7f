/**
 * A random UUID of version 7 (RFC 9562): 48 bits of time, then random. Ids that grow with time keep a store's index of them
 * in one place; random ones all over would touch another page with each event.
 */
export function createEventId(nowMs: number): string {
  const time = Math.max(0, Math.floor(nowMs)).toString(16).padStart(12, "0").slice(-12);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}
