/** In hexadecimal. */
export async function sha256(content: Uint8Array): Promise<string> {
  // A copy: memory that threads share is not hashed.
  const digest = await crypto.subtle.digest("SHA-256", Uint8Array.from(content));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
