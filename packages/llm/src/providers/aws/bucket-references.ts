import type { MediaSource, Message } from "../../message.ts";
import type { CompletionRequest } from "../../request.ts";

/** Media at `s3://` addresses as references, which Bedrock reads itself: nobody should try to fetch them from here. */
export function bucketReferences(request: CompletionRequest): CompletionRequest {
  return { ...request, messages: request.messages.map(inMessage) };
}

function inMessage(message: Message): Message {
  switch (message.role) {
    case "user":
      return message.parts.some(isInBucket) ? { ...message, parts: message.parts.map(referenced) } : message;
    case "tool":
      return { ...message, parts: message.parts.map((part) => ({ ...part, content: part.content.map(referenced) })) };
    case "system":
    case "assistant":
      return message;
  }
}

function isInBucket(part: object): part is { readonly source: MediaSource & { readonly type: "url" } } {
  if (!("source" in part)) return false;
  const { source } = part;
  return typeof source === "object" && source !== null && "url" in source && String(source.url).startsWith("s3://");
}

function referenced<P extends object>(part: P): P {
  return isInBucket(part) ? { ...part, source: { type: "reference", provider: "s3", id: part.source.url } } : part;
}
