/** Jobs that train a model of one's own at a vendor. */
import type { JsonObject } from "./json.ts";
import type { CallOptions } from "./provider.ts";
import type { CompletionRequest } from "./request.ts";

/** One conversation to learn from; its last assistant message is the answer that is wanted. */
export type TrainingExample = Pick<CompletionRequest, "messages" | "tools" | "parallelToolCalls">;

export interface FineTuneRequest extends CallOptions {
  /** The model to begin with. */
  readonly model: string;
  /** A file that is uploaded already, or the examples themselves. */
  readonly training: { readonly fileId: string } | { readonly examples: readonly TrainingExample[] };
  readonly validation?: { readonly fileId: string } | { readonly examples: readonly TrainingExample[] };
  /** Part of the new model's name. */
  readonly suffix?: string;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly learningRateMultiplier?: number;
  readonly seed?: number;
  /** Fields of the vendor's own, laid over the body. */
  readonly vendorOptions?: JsonObject;
}

export type FineTuneStatus = "queued" | "running" | "succeeded" | "failed" | "cancelled";

export interface FineTuneJob {
  readonly id: string;
  readonly provider: string;
  readonly status: FineTuneStatus;
  readonly model: string;
  /** The new model's id, once there is one. */
  readonly tunedModel?: string;
  readonly trainedTokens?: number;
  /** Seconds since 1970. */
  readonly createdAt?: number;
  readonly finishedAt?: number;
  readonly error?: string;
}

export interface FineTuneEvent {
  /** Seconds since 1970. */
  readonly at: number;
  readonly level: "info" | "warning" | "error";
  readonly message: string;
  /** Step and loss, where the event tells them. */
  readonly step?: number;
  readonly trainingLoss?: number;
}

export interface FineTuning {
  start(request: FineTuneRequest): Promise<FineTuneJob>;
  get(id: string, options?: CallOptions): Promise<FineTuneJob>;
  list(options?: CallOptions): Promise<readonly FineTuneJob[]>;
  cancel(id: string, options?: CallOptions): Promise<FineTuneJob>;
  /** Oldest first. */
  events(id: string, options?: CallOptions): Promise<readonly FineTuneEvent[]>;
}
