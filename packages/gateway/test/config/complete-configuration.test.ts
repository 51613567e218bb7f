/** What a program writes down is checked like a file, warnings included. */
import { describe, expect, it } from "vitest";
import { type ConfigurationProblem, completeConfiguration } from "../../src/config/index.ts";

describe("a configuration of a program", () => {
  it("tells its warnings to whoever wants them, and is taken all the same", () => {
    const warnings: ConfigurationProblem[] = [];
    const configuration = completeConfiguration(
      { providers: { openai: { key: "env:NOT_SET" } }, models: { smart: "openai:claude-sonnet-5" } },
      { environment: {}, onWarning: (warning) => warnings.push(warning) },
    );
    expect(configuration.models.smart?.targets[0]?.model).toBe("openai:claude-sonnet-5");
    expect(warnings).toMatchObject([
      { severity: "warning", path: expect.stringContaining("models.smart") },
      { severity: "warning", path: "providers.openai.key", message: expect.stringContaining("NOT_SET") },
    ]);
  });

  it("tells nothing where nothing is worth a second look, and of an error throws alone", () => {
    const warnings: ConfigurationProblem[] = [];
    const onWarning = (warning: ConfigurationProblem) => void warnings.push(warning);
    completeConfiguration({ providers: { openai: {} } }, { onWarning });
    expect(() => completeConfiguration({ models: { smart: "nobody:gpt" } }, { onWarning })).toThrow(/nobody/);
    expect(warnings).toEqual([]);
  });
});
