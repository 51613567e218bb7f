/** `dragoman teams`: create, list and remove teams. */
import { printable } from "../printable.ts";
import { type Column, renderTable } from "../table.ts";
import { commandActor, type StoreOptions, withStore } from "./keys-store.ts";

const COLUMNS: readonly Column[] = [
  { title: "TEAM", whole: true },
  { title: "KEYS", align: "right" },
  { title: "MODELS", expendable: 1 },
  { title: "FROM", expendable: 2 },
];

export async function createTeam(name: string, options: StoreOptions & { readonly models?: readonly string[] }): Promise<void> {
  await withStore(options, "write", async ({ tenancy }) => {
    const models = options.models === undefined ? {} : { models: options.models };
    const team = await tenancy.createTeam({ name, ...models }, commandActor());
    console.log(
      options.json === true ? JSON.stringify(team) : printable(`${name} is created; dragoman keys create NAME --team ${name}`),
    );
  });
}

export async function removeTeam(name: string, options: StoreOptions): Promise<void> {
  await withStore(options, "write", async ({ tenancy }) => {
    await tenancy.removeTeam(name, commandActor());
    console.log(options.json === true ? JSON.stringify({ removed: name }) : printable(`${name} is removed`));
  });
}

export async function listTeams(options: StoreOptions): Promise<void> {
  await withStore(options, "read", async ({ tenancy }) => {
    const teams = tenancy.teams();
    if (options.json === true) console.log(JSON.stringify(teams, null, 2));
    else if (teams.length === 0) console.error("there are no teams yet; dragoman teams create NAME makes one");
    else {
      const rows = teams.map(({ name, keys, models, source }) => [name, String(keys), models?.join(" ") ?? "all", source]);
      for (const line of renderTable(COLUMNS, rows, process.stdout.isTTY ? process.stdout.columns : undefined)) console.log(line);
    }
  });
}
