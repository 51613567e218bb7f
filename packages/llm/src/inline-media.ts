/**
 * Brings media that a caller gave by URL into the request where the vendor would not fetch it, under the guard of
 * `transport/url-guard.ts`: public addresses only, no redirects, bounded. URLs that the vendor fetches itself stay.
 */
import type { DialectConstraints, MediaForm } from "./dialect.ts";
import type { Message, Part, ToolResultContent, UserPart } from "./message.ts";
import type { UrlGuard } from "./transport/url-guard.ts";

/** Gives back the same array, at once, when there was nothing to do. Throws `invalid_request` for a URL that is refused. */
export type InlineMedia = (
  messages: readonly Message[],
  constraints: DialectConstraints,
  signal: AbortSignal | undefined,
) => readonly Message[] | Promise<readonly Message[]>;

type MediaPart = Extract<Part, { type: "image" | "audio" | "file" }>;

export const inlineMedia: InlineMedia = (messages, constraints, signal) => {
  const isNeeded = messages.some((message) => message.parts.some((part) => needsInlining(part, constraints)));
  return isNeeded ? inlineUnderGuard(messages, constraints, signal) : messages;
};

const inlineUnderGuard: InlineMedia = async (messages, constraints, signal) => {
  const { createUrlGuard } = await import("./transport/url-guard.ts");
  return createInlineMedia(createUrlGuard())(messages, constraints, signal);
};

/** The same with a guard of the caller's own, as for an owner who allows a host of his network. */
export function createInlineMedia(guard: UrlGuard): InlineMedia {
  async function inlined<P extends UserPart | ToolResultContent>(
    part: P,
    forms: readonly MediaForm[] | undefined,
    signal: AbortSignal | undefined,
  ): Promise<P> {
    if (!isRefusedUrl(part, forms)) return part;
    const { data, mediaType } = await guard.fetchMedia(part.source.url, signal === undefined ? {} : { signal });
    const source = { type: "data" as const, data: Buffer.from(data).toString("base64") };
    return { ...part, source, mediaType: mediaType || part.mediaType };
  }

  return async (messages, constraints, signal) => {
    const { media } = constraints;
    return Promise.all(
      messages.map(async (message): Promise<Message> => {
        if (message.role === "user") {
          const parts = await Promise.all(
            message.parts.map((part) => inlined(part, isMedia(part) ? media[part.type] : undefined, signal)),
          );
          return { ...message, parts };
        }
        if (message.role !== "tool") return message;
        const parts = await Promise.all(
          message.parts.map(async (part) => ({
            ...part,
            content: await Promise.all(
              part.content.map((item) => inlined(item, item.type === "image" ? media.toolResultImage : undefined, signal)),
            ),
          })),
        );
        return { ...message, parts };
      }),
    );
  };
}

function needsInlining(part: Part, { media }: DialectConstraints): boolean {
  if (part.type === "tool-result")
    return part.content.some((item) => isRefusedUrl(item, item.type === "image" ? media.toolResultImage : undefined));
  return isMedia(part) && isRefusedUrl(part, media[part.type]);
}

/** A URL where the vendor takes data but no URL. Where it takes neither, `handoff` has spoken already. */
function isRefusedUrl<P extends Part>(
  part: P,
  forms: readonly MediaForm[] | undefined,
): part is P & MediaPart & { source: { type: "url"; url: string } } {
  return forms !== undefined && isMedia(part) && part.source.type === "url" && !forms.includes("url") && forms.includes("data");
}

function isMedia(part: Part): part is MediaPart {
  return part.type === "image" || part.type === "audio" || part.type === "file";
}
