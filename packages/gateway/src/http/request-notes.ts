/**
 * What a client may say of a call beside its body, in headers of our own: which agent calls, in which session, with which tags,
 * and whether an answer of before will do. What the body says of the same counts more.
 */

import type { IncomingHttpHeaders } from "node:http";
import { DragomanError, type RequestMetadata } from "@dragoman/llm";

export interface RequestNotes {
  readonly agent?: string;
  readonly metadata: RequestMetadata;
}

const NAME_LENGTH_MAX = 200;
const TAGS_MAX = 20;

/** Throws `invalid_request` for a header that cannot be read. */
export function requestNotes(headers: IncomingHttpHeaders): RequestNotes {
  const agent = named(headers, "x-dragoman-agent");
  const session = named(headers, "x-dragoman-session");
  const tags = tagsOf(headers);
  return {
    ...(agent === undefined ? {} : { agent }),
    metadata: {
      ...(session === undefined ? {} : { session }),
      ...(Object.keys(tags).length === 0 ? {} : { tags }),
    },
  };
}

/** The metadata of a request with what its headers add. */
export function withNotes(metadata: RequestMetadata | undefined, notes: RequestMetadata): RequestMetadata | undefined {
  if (notes.session === undefined && notes.tags === undefined) return metadata;
  const tags = { ...notes.tags, ...metadata?.tags };
  return { ...notes, ...metadata, ...(Object.keys(tags).length === 0 ? {} : { tags }) };
}

function tagsOf(headers: IncomingHttpHeaders): Record<string, string> {
  const tags: Record<string, string> = {};
  const written = single(headers, "x-dragoman-tags") ?? "";
  for (const pair of written.split(",").filter((one) => one.trim() !== "")) {
    const equals = pair.indexOf("=");
    const name = pair.slice(0, equals).trim();
    const value = pair.slice(equals + 1).trim();
    if (equals < 1 || !NAME.test(name) || value.length > NAME_LENGTH_MAX)
      throw refused("x-dragoman-tags", "it must be written as name=value, name=value");
    tags[name] = value;
  }
  if (Object.keys(tags).length > TAGS_MAX) throw refused("x-dragoman-tags", `at most ${TAGS_MAX} tags are kept`);
  const cache = single(headers, "x-dragoman-cache");
  if (cache !== undefined && cache !== "no") throw refused("x-dragoman-cache", "it must be no, or be left out");
  return cache === undefined ? tags : { ...tags, cache };
}

const NAME = /^[A-Za-z0-9_.-]{1,200}$/;

function named(headers: IncomingHttpHeaders, header: string): string | undefined {
  const value = single(headers, header)?.trim();
  if (value === undefined || value === "") return undefined;
  if (value.length > NAME_LENGTH_MAX) throw refused(header, `it is longer than ${NAME_LENGTH_MAX} characters`);
  return value;
}

function single(headers: IncomingHttpHeaders, header: string): string | undefined {
  const value = headers[header];
  return Array.isArray(value) ? value[0] : value;
}

function refused(field: string, detail: string): DragomanError {
  return new DragomanError({ code: "invalid_request", field, detail: `the header ${field} cannot be used: ${detail}` });
}
