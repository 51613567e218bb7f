/** The examples of a job as a file at the vendor. */
import type { FineTuneRequest, TrainingUpload, UploadedTraining } from "../fine-tune.ts";
import type { VendorFiles } from "../vendor-file.ts";
import type { Warning } from "../warning.ts";
import { renderTrainingLines, type TrainingLimits } from "./training-lines.ts";

/** Throws before anything is sent where an example is wrong. */
export async function uploadTraining(
  files: VendorFiles,
  { examples, name = "training.jsonl", signal }: TrainingUpload,
  limits: TrainingLimits,
): Promise<UploadedTraining> {
  const { data, warnings } = renderTrainingLines(examples, limits);
  const abortable = signal === undefined ? {} : { signal };
  const file = await files.upload({ name, mediaType: "application/jsonl", data, purpose: "fine-tune", ...abortable });
  return { fileId: file.id, examples: examples.length, sizeBytes: data.length, warnings };
}

export interface TrainingFiles {
  readonly training: string;
  readonly validation?: string;
  readonly warnings: readonly Warning[];
}

/** The files of a job: those that are named, and those that are made of its examples. Both are checked before either goes out. */
export async function trainingFiles(
  files: VendorFiles,
  { training, validation, signal }: FineTuneRequest,
  limits: TrainingLimits,
): Promise<TrainingFiles> {
  if (validation !== undefined && "examples" in validation) renderTrainingLines(validation.examples);
  const warnings: Warning[] = [];
  async function idOf(source: FineTuneRequest["training"], name: string, own: TrainingLimits): Promise<string> {
    if ("fileId" in source) return source.fileId;
    const upload = { examples: source.examples, name, ...(signal === undefined ? {} : { signal }) };
    const made = await uploadTraining(files, upload, own);
    warnings.push(...made.warnings);
    return made.fileId;
  }
  const trainingId = await idOf(training, "training.jsonl", limits);
  if (validation === undefined) return { training: trainingId, warnings };
  // The least number holds for what is trained on.
  const { examplesMin: _least, ...others } = limits;
  return { training: trainingId, validation: await idOf(validation, "validation.jsonl", others), warnings };
}
