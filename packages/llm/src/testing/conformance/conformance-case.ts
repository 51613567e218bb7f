import type { Dialect } from "../../dialect.ts";
import type { Provider } from "../../provider.ts";

/** One case of the suite. */
export interface ConformanceCase {
  /** A sentence. */
  readonly name: string;
  /** Rejects with what is wrong. */
  readonly run: () => Promise<void>;
  /** Why this subject cannot be asked, where its declaration says so. */
  readonly unavailable?: string;
}

/** A provider under test, opened anew for each case. */
export interface OpenedProvider {
  readonly provider: Provider;
  /** Resolves when the vendor has seen the client go away. Absent: such cases are skipped. */
  readonly waitForAbort?: () => Promise<void>;
  /** How many requests the vendor has received. */
  readonly requestCount?: () => number;
  /** Takes down what was opened with it. */
  readonly close: () => Promise<void>;
}

/** A provider that is to be tried. */
export interface ProviderSubject {
  readonly name: string;
  /** Opens one, for each case anew. */
  readonly open: (variant?: "bad-key") => Promise<OpenedProvider>;
  /** Which model to ask for what. A kind that is left out is skipped. */
  readonly models: {
    readonly text: string;
    readonly tools?: string;
    readonly reasoning?: string;
    readonly images?: string;
    /** A model that follows a JSON schema. */
    readonly json?: string;
    readonly embedding?: string;
    readonly rerank?: string;
  };
  /** Most inputs of one request for vectors. Absent: it is not tried whether more are split. */
  readonly embeddingInputsMax?: number;
  /** Present where the provider has batches. */
  readonly batches?: {
    readonly model: string;
    /** Between two questions after a job. Milliseconds. Default 15 000. */
    readonly everyMs?: number;
  };
  /** Present where the provider keeps files. */
  readonly files?: {
    /** What to upload: `lines` where only files of batches are kept. */
    readonly kind: "image" | "document" | "lines";
    /** A model to ask about such a file by reference. Absent: its messages name no files. */
    readonly ask?: string;
    /** False where uploads are not given back. Default true. */
    readonly givesBack?: boolean;
  };
  /** The key that the provider was given: it must appear nowhere. */
  readonly secret?: string;
  /** The name under which the vendor brings a fault about, as the fake vendors do. Absent: fault cases are skipped. */
  readonly faults?: {
    readonly vendor: string;
    /** The model that meets the fault of this name. */
    readonly model: (fault: string) => string;
  };
  /** What the vendor's wire cannot carry, with the reason. */
  readonly lacks?: Partial<
    Record<
      "toolChoiceRequired" | "stopSequences" | "countTokens" | "refusal" | "keys" | "signatures" | "embeddings" | "rerank",
      string
    >
  >;
}

/** A dialect that is to be tried. */
export interface DialectSubject {
  readonly name: string;
  readonly dialect: Dialect;
  /** What the wire has no room for: sample name -> reason. Its round trip must then report a warning. */
  readonly lossy?: Readonly<Record<string, string>>;
}
