/**
 * What the types cost whoever compiles against them: a check of some twenty files that use most of the library, against the
 * declarations as published. The same declarations without the names of models, and without the options of each wire, stand
 * beside them, so that the table tells what each of the two costs. The counts are exact. Times are not: the first project
 * is there twice, and as far as its two rows differ, a difference means nothing.
 */
import type { Benchmark, BenchResult } from "./bench.ts";
import { type CheckFigures, checkWithCommand, createWarmChecker } from "./check-types.ts";
import { quantile } from "./median.ts";
import { buildDeclarations, createProject, type TypesProject, withoutNames, withoutOptions } from "./types-project.ts";

interface Checker {
  readonly name: string;
  readonly title: string;
  readonly method: string;
  /** The figure that the ratio is of. */
  readonly timed: string;
  readonly rounds: number;
  /** Rounds before anything is measured. */
  readonly warmUpRounds: number;
  /** Project -> the most that its ratio may be. */
  readonly ratioMax: ReadonlyMap<string, number>;
  check(project: TypesProject): CheckFigures;
}

const NAMES = "with names of models";
const OPTIONS = "with options of wires";
const WHOLE = "@dragoman/llm";

export const types: Benchmark = {
  name: "types",
  async run({ quick }) {
    const declarations = await buildDeclarations();
    const projects = [
      createProject("without names and options", declarations, [withoutNames, withoutOptions]),
      createProject("the same once more", declarations, [withoutNames, withoutOptions]),
      createProject(NAMES, declarations, [withoutOptions]),
      createProject(OPTIONS, declarations, [withoutNames]),
      createProject(WHOLE, declarations, []),
    ];
    return checkers(projects).map((checker) => measureChecks(quick ? { ...checker, rounds: 5 } : checker, projects));
  },
};

function checkers(projects: readonly TypesProject[]): readonly Checker[] {
  const sample = `${projects[0]?.files} files that use most of the library, against its declarations. Times are those of the quickest tenth of the runs`;
  return [
    {
      name: "types-editor",
      title: "Types, as an editor checks them",
      method: `TypeScript 5.9 over ${sample}: the checker's own CPU time in a process that runs already, files parsed.`,
      timed: "check CPU ms",
      rounds: 120,
      warmUpRounds: 10,
      // Each feature may cost a twentieth, both together a tenth.
      ratioMax: new Map([
        [NAMES, 1.05],
        [OPTIONS, 1.05],
        [WHOLE, 1.1],
      ]),
      check: createWarmChecker(projects),
    },
    {
      name: "types-command",
      title: "Types, as the command checks them",
      method: `\`tsc --noEmit\` of TypeScript 7 over ${sample}. It tells whole milliseconds, so a ratio has no verdict here.`,
      timed: "check ms",
      rounds: 80,
      warmUpRounds: 1,
      ratioMax: new Map(),
      check: checkWithCommand,
    },
  ];
}

/** Projects are checked in turn, each round from another one on. What else a machine does never makes a run quicker. */
function measureChecks(checker: Checker, projects: readonly TypesProject[]): BenchResult {
  const { name, title, method, timed, rounds, warmUpRounds, ratioMax } = checker;
  for (let round = 0; round < warmUpRounds; round++) for (const project of projects) checker.check(project);
  const found = new Map<TypesProject, CheckFigures[]>(projects.map((project) => [project, []]));
  for (let round = 0; round < rounds; round++) {
    const from = round % projects.length;
    const inTurn = [...projects.slice(from), ...projects.slice(0, from)];
    for (const project of inTurn) found.get(project)?.push(checker.check(project));
  }
  const rows = projects.map((project) => ({ project, figures: quickest(found.get(project) ?? []) }));
  const limit = rows[0]?.figures[timed];
  return {
    name,
    title,
    method,
    rows: rows.map(({ project, figures }) => {
      const atMost = ratioMax.get(project.name);
      return {
        subject: project.name,
        figures,
        ratio: (figures[timed] ?? Number.NaN) / (limit ?? Number.NaN),
        ...(atMost === undefined ? {} : { budget: { figure: "ratio", atMost } }),
      };
    }),
  };
}

/** The mean of each figure's lowest tenth. The counts are the same in all runs. */
function quickest(runs: readonly CheckFigures[]): CheckFigures {
  const names = Object.keys(runs[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, meanOfLowest(runs.map((run) => run[name] ?? Number.NaN))]));
}

function meanOfLowest(values: readonly number[]): number {
  const lowest = values.filter((value) => value <= quantile(values, 0.1));
  return lowest.reduce((sum, value) => sum + value, 0) / lowest.length;
}
