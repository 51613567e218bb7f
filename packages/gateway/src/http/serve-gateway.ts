/** A gateway, on behalf of whoever sent a request: what `createServer({ gateway })` serves. */
import {
  type Completion,
  type CompletionCall,
  type Dialect,
  DragomanError,
  type EmbeddingCall,
  type EmbeddingResult,
  type ModelInfo,
  openedStream,
  type Provider,
  type ReadyStream,
  stagedStream,
} from "@dragoman/llm";
import type { FastifyRequest } from "fastify";
import type { Gateway } from "../gateway.ts";
import type { AdmittedOf } from "./access/guard-routes.ts";
import type { KnownErrors } from "./refused-calls.ts";
import { requestNotes, withNotes } from "./request-notes.ts";
import type { Served } from "./service.ts";
import { checkVendorReferences, createKnownAnswers, noteAnswer } from "./vendor-references.ts";

/** `failures` learns of those that stand in a call's record. */
export function serveGateway(
  gateway: Gateway,
  admittedOf: AdmittedOf,
  failures: KnownErrors,
): (request: FastifyRequest, dialect: Dialect) => Served {
  const known = createKnownAnswers();
  return (request, dialect) => {
    const { principal, address } = admittedOf(request);
    const { agent, metadata } = requestNotes(request.headers);
    const provider = gateway.as({
      principal,
      requestId: request.id,
      isNewRequestId: true,
      dialect: dialect.id,
      ...(address === undefined ? {} : { address }),
      ...(agent === undefined ? {} : { agent }),
    });
    function noted<Call extends CompletionCall | EmbeddingCall>(call: Call): Call {
      const all = withNotes(call.metadata, metadata);
      return all === call.metadata || all === undefined ? call : { ...call, metadata: all };
    }
    function check(call: CompletionCall): void {
      checkAmounts(call);
      checkVendorReferences(call, principal, known);
    }
    async function complete(call: CompletionCall): Promise<Completion> {
      check(call);
      try {
        const completion = await provider.complete(noted(call));
        noteAnswer(completion, principal, known);
        return completion;
      } catch (thrown) {
        failures.add(thrown);
        throw thrown;
      }
    }
    async function begun(call: CompletionCall): Promise<ReadyStream> {
      check(call);
      return stagedStream(provider.stream(noted(call)), {
        see(event) {
          if (event.type === "start") noteAnswer(event, principal, known);
          else if (event.type === "error") failures.add(event.error);
          return event;
        },
      });
    }
    async function embed(call: EmbeddingCall): Promise<EmbeddingResult> {
      try {
        return await (provider.embed?.(noted(call)) ?? cannotEmbed());
      } catch (thrown) {
        failures.add(thrown);
        throw thrown;
      }
    }
    const withMetadata: Provider = {
      ...provider,
      complete,
      stream: (call) => openedStream(() => begun(call)),
      countTokens: async (call) => {
        checkVendorReferences(call, principal, known);
        return provider.countTokens(call);
      },
      ...(provider.embed === undefined ? {} : { embed }),
    };
    return {
      provider: withMetadata,
      listModels: async (signal) => ({ models: await provider.models({ signal }), warnings: [] }),
      findModel: (name, signal) => findServed(provider, name, signal),
    };
  };
}

async function findServed(provider: Provider, name: string, signal: AbortSignal): Promise<ModelInfo> {
  if (!provider.supports(name)) throw notFound(name);
  const listed = (await provider.models({ signal })).find(({ id }) => id === name);
  if (listed !== undefined) return listed;
  const pricing = provider.pricing(name);
  return {
    id: name,
    provider: provider.id,
    capabilities: provider.capabilities(name),
    ...(pricing === undefined ? {} : { pricing }),
    source: "catalogue",
  };
}

function notFound(model: string): DragomanError {
  return new DragomanError({
    code: "model_not_found",
    model,
    detail: `no model ${model} is served to this key`,
    advice: "see the list of models for what there is",
  });
}

/** What a call may use is reserved before it is sent: less than nothing would make room for others. Throws `invalid_request`. */
function checkAmounts({ maxOutputTokens }: CompletionCall): void {
  if (maxOutputTokens === undefined || maxOutputTokens >= 0) return;
  throw new DragomanError({
    code: "invalid_request",
    field: "maxOutputTokens",
    detail: `an answer cannot have ${maxOutputTokens} tokens`,
    advice: "leave the limit out, or give a number above 0",
  });
}

function cannotEmbed(): never {
  throw new DragomanError({ code: "internal", detail: "what is served cannot embed" });
}
