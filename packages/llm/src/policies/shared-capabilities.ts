import { CAPABILITY_NAMES, type Capabilities, type CapabilityName, UNKNOWN_CAPABILITIES } from "../capabilities.ts";

/** What holds whichever target is chosen. A prompt may be as long as the longest window, since size is looked at. */
export function sharedCapabilities(all: readonly Capabilities[]): Capabilities {
  const [first, ...others] = all;
  if (first === undefined) return UNKNOWN_CAPABILITIES;
  const { contextWindowTokens: _window, outputTokensMax: _output, ...shared } = first;
  const merged: { -readonly [Name in CapabilityName]: Capabilities[Name] } = shared;
  for (const name of CAPABILITY_NAMES)
    if (others.some((other) => other[name].answer !== first[name].answer))
      merged[name] = { answer: "unknown", source: "none", evidence: "the targets differ" };
  const windows = all.flatMap(({ contextWindowTokens }) => contextWindowTokens ?? []);
  const outputs = all.flatMap(({ outputTokensMax }) => outputTokensMax ?? []);
  return {
    ...merged,
    ...(windows.length === all.length ? { contextWindowTokens: Math.max(...windows) } : {}),
    ...(outputs.length === all.length ? { outputTokensMax: Math.min(...outputs) } : {}),
  };
}
