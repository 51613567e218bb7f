/** One file that a fake vendor keeps. */
export interface StoredFile {
  readonly id: string;
  readonly name: string;
  readonly mediaType: string;
  readonly purpose: string;
  readonly data: Uint8Array;
  /** Made by the vendor itself, as results of a batch. */
  readonly made: boolean;
  /** How often it was asked after, for vendors that take their time to prepare a file. */
  polls: number;
}
