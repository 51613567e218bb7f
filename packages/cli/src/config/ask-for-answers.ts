/** The questions of `dragoman init`. */
import { cancel, confirm, intro, isCancel, multiselect, outro, text } from "@clack/prompts";
import { BUILT_IN_PROVIDERS } from "@dragoman/llm";
import type { InitAnswers } from "./compose-configuration.ts";

/** Undefined when whoever was asked left. */
export async function askForAnswers(
  file: string,
  suggested: InitAnswers,
  withKeys: readonly string[],
): Promise<InitAnswers | undefined> {
  intro(`A first configuration, ${file}`);
  const providers = await multiselect({
    message: "Which providers, in the order in which they are tried?",
    options: BUILT_IN_PROVIDERS.map(({ id, keyVariable }) => ({ value: id, label: id, hint: hintOf(id, keyVariable, withKeys) })),
    initialValues: [...suggested.providers],
    required: true,
  });
  if (isCancel(providers)) return leave();
  const budget = await text({
    message: "A budget for all calls, in US dollars a month? Empty for none.",
    initialValue: String(suggested.budgetUsd ?? ""),
    validate: (said) =>
      said === undefined || said.trim() === "" || Number(said) > 0 ? undefined : "A number above 0, or nothing.",
  });
  if (isCancel(budget)) return leave();
  const wantsTeam = await confirm({ message: "A team, with a key of its own?", initialValue: suggested.team !== undefined });
  if (isCancel(wantsTeam)) return leave();
  const team = wantsTeam
    ? await text({ message: "What is it called?", initialValue: suggested.team ?? "team", validate: nameProblem })
    : undefined;
  if (isCancel(team)) return leave();
  outro("Thank you.");
  return {
    providers,
    ...(budget.trim() !== "" && { budgetUsd: Number(budget) }),
    ...(team !== undefined && { team }),
  };
}

function hintOf(id: string, keyVariable: string | undefined, withKeys: readonly string[]): string {
  if (withKeys.includes(id)) return "its key is in the environment";
  return keyVariable === undefined ? "needs no key" : `needs ${keyVariable}`;
}

function nameProblem(said: string | undefined): string | undefined {
  return /^[a-z0-9][\w.-]{0,99}$/i.test(said ?? "") ? undefined : "Letters, digits, dots, dashes and underscores.";
}

function leave(): undefined {
  cancel("Nothing was written.");
  return undefined;
}
