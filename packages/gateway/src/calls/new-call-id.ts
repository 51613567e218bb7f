/**
 * A UUID of version 7 (RFC 9562, 5.7): it begins with the time in milliseconds since 1970, so that calls stand in an index in the
 * order in which they came, and a new one is looked for, and written, where the last one was.
 */
export function newCallId(now: number = Date.now()): string {
  const random = crypto.randomUUID();
  const time = now.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice("xxxxxxxx-xxxx-4".length)}`;
}
