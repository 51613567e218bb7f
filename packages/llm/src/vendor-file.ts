/** Files kept at a vendor: media to be named in messages, inputs and outputs of batches, training data. */
import type { CallOptions } from "./provider.ts";

export interface VendorFile {
  /** The vendor's id, as it stands in a media source of type `reference`. */
  readonly id: string;
  readonly provider: string;
  readonly name?: string;
  readonly mediaType?: string;
  readonly sizeBytes?: number;
  /** Seconds since 1970. */
  readonly createdAt?: number;
  readonly expiresAt?: number;
  /** `pending`: the vendor still prepares it (Gemini's video). `failed`: it cannot be used. */
  readonly status: "ready" | "pending" | "failed";
}

export type VendorFilePurpose = "media" | "batch" | "fine-tune";

export interface UploadRequest extends CallOptions {
  readonly name: string;
  readonly mediaType: string;
  /** At most 512 MiB. */
  readonly data: Uint8Array;
  /** Default `media`. */
  readonly purpose?: VendorFilePurpose;
}

export interface VendorFiles {
  /** Resolves when the file can be used: `pending` is waited for, at most `totalMs` of the provider's timeouts or 5 minutes. */
  upload(request: UploadRequest): Promise<VendorFile>;
  get(id: string, options?: CallOptions): Promise<VendorFile>;
  list(options?: CallOptions): Promise<readonly VendorFile[]>;
  delete(id: string, options?: CallOptions): Promise<void>;
  /** The content, in pieces. Throws `unsupported` where the vendor gives uploads not back. */
  content(id: string, options?: CallOptions): AsyncIterable<Uint8Array>;
}
