/** Files kept at a vendor: media to be named in messages, inputs and outputs of batches, training data. */
import type { CallOptions } from "./provider.ts";

/** A file at the vendor. */
export interface VendorFile {
  /** What a media source of type `reference` names it by: the vendor's id, Gemini's URI, Moonshot's `ms://…`. */
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

/** What a file is kept for. Some vendors ask. */
export type VendorFilePurpose = "media" | "batch" | "fine-tune";

/** A file on its way to the vendor. */
export interface UploadRequest extends CallOptions {
  readonly name: string;
  readonly mediaType: string;
  /** At most 512 MiB. */
  readonly data: Uint8Array;
  /** Default `media`. */
  readonly purpose?: VendorFilePurpose;
}

/** Files kept at the vendor, to be named in messages instead of sent again. Every method throws a DragomanError. */
export interface VendorFiles {
  /**
   * Resolves when the file can be used. One that the vendor still prepares is waited for as the provider's `polling` says,
   * five minutes in all by default. Throws `unsupported` for a purpose that the vendor has no files for, `timeout`, and
   * `vendor_error` where the file cannot be used.
   */
  upload(request: UploadRequest): Promise<VendorFile>;
  /** One file's facts. */
  get(id: string, options?: CallOptions): Promise<VendorFile>;
  /** At most 10 000. */
  list(options?: CallOptions): Promise<readonly VendorFile[]>;
  /** Deletes it at the vendor. */
  delete(id: string, options?: CallOptions): Promise<void>;
  /** The content, in pieces. Throws `unsupported` where the vendor does not give it back. */
  content(id: string, options?: CallOptions): AsyncIterable<Uint8Array>;
}
