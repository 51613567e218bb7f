/** Jobs and their events in words. */
import type { FineTuneEvent, FineTuneJob } from "@dragoman/llm";

export function referenceOf({ provider, id }: FineTuneJob): string {
  return `${provider}:${id}`;
}

/** `openai:ftjob-1 succeeded, ft:gpt-…`. */
export function jobText(job: FineTuneJob): string {
  const { status, model, tunedModel, trainedTokens, error } = job;
  return [
    `${referenceOf(job)} ${status}, from ${model}`,
    ...(tunedModel === undefined ? [] : [`call it as ${job.provider}:${tunedModel}`]),
    ...(trainedTokens === undefined ? [] : [`${trainedTokens} tokens trained`]),
    ...(error === undefined ? [] : [error]),
  ].join("; ");
}

/** One line while it goes on: `running, step 3 of 4, loss 0.667`. */
export function progressText(job: FineTuneJob, latest: FineTuneEvent | undefined): string {
  const step = latest?.step ?? job.step;
  const total = latest?.stepsTotal ?? job.stepsTotal;
  return [
    job.status,
    ...(step === undefined ? [] : [total === undefined ? `step ${step}` : `step ${step} of ${total}`]),
    ...(latest?.trainingLoss === undefined ? [] : [`loss ${lossText(latest.trainingLoss)}`]),
  ].join(", ");
}

export function eventText({ at, level, message }: FineTuneEvent): string {
  return `${timeText(at)} ${level === "info" ? "" : `${level}: `}${message}`;
}

/** For programs: time, level, step, loss, message. Unknown is empty. */
export function eventCells({ at, level, step, trainingLoss, message }: FineTuneEvent): readonly string[] {
  return [timeText(at), level, step ?? "", trainingLoss ?? "", message].map(String);
}

export function timeText(seconds: number | undefined): string {
  return seconds === undefined ? "" : new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

function lossText(loss: number): string {
  return String(Number(loss.toPrecision(3)));
}
