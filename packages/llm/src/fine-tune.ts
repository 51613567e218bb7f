/** Jobs that train a model of one's own at a vendor. */
import type { JsonObject } from "./json.ts";
import type { CallOptions } from "./provider.ts";
import type { CompletionRequest } from "./request.ts";
import type { Warning } from "./warning.ts";

/** One conversation to learn from; its last assistant message is the answer that is wanted. */
export type TrainingExample = Pick<CompletionRequest, "messages" | "tools" | "parallelToolCalls">;

/** What to train, and on what. */
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

/**
 * - `queued`: accepted or being checked. `running`. `cancelling`: cancelled, but not yet at rest.
 * - `succeeded`, `failed`, `cancelled`: at rest.
 */
export type FineTuneStatus = "queued" | "running" | "cancelling" | "succeeded" | "failed" | "cancelled";

/** A training at the vendor, as it stood when it was asked for. */
export interface FineTuneJob {
  readonly id: string;
  readonly provider: string;
  readonly status: FineTuneStatus;
  readonly model: string;
  /** The new model's id, once there is one. */
  readonly tunedModel?: string;
  readonly trainedTokens?: number;
  /** How far it is, where the job itself tells. */
  readonly step?: number;
  readonly stepsTotal?: number;
  /** Seconds since 1970. */
  readonly createdAt?: number;
  readonly finishedAt?: number;
  readonly error?: string;
  /** On the start: what of the examples could not be written as it was, with the example in its path. */
  readonly warnings: readonly Warning[];
}

/** One line of a job's log. */
export interface FineTuneEvent {
  /** Seconds since 1970. */
  readonly at: number;
  readonly level: "info" | "warning" | "error";
  readonly message: string;
  /** Step and loss, where the event tells them. */
  readonly step?: number;
  readonly stepsTotal?: number;
  readonly trainingLoss?: number;
}

/** Examples on their way to the vendor. */
export interface TrainingUpload extends CallOptions {
  readonly examples: readonly TrainingExample[];
  /** Default `training.jsonl`. */
  readonly name?: string;
}

/** Examples that the vendor keeps as a file. */
export interface UploadedTraining {
  readonly fileId: string;
  readonly examples: number;
  readonly sizeBytes: number;
  readonly warnings: readonly Warning[];
}

/** Whether anything can still change. */
export function isFineTuneAtRest({ status }: FineTuneJob): boolean {
  return status === "succeeded" || status === "failed" || status === "cancelled";
}

/** Models trained on one's own examples. Every method throws a DragomanError. */
export interface FineTuning {
  /** All examples are checked before anything is sent: `invalid_request` names each mistake by its example. */
  upload(request: TrainingUpload): Promise<UploadedTraining>;
  /** Throws `unsupported` for a setting that the vendor does not have. */
  start(request: FineTuneRequest): Promise<FineTuneJob>;
  /** How far it is. */
  get(id: string, options?: CallOptions): Promise<FineTuneJob>;
  /** The newest first. */
  list(options?: CallOptions): Promise<readonly FineTuneJob[]>;
  /** Asks the vendor to stop it. */
  cancel(id: string, options?: CallOptions): Promise<FineTuneJob>;
  /** Oldest first. */
  events(id: string, options?: CallOptions): Promise<readonly FineTuneEvent[]>;
}
