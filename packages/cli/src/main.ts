#!/usr/bin/env node
/** The command `dragoman`. Loads nothing but commander until a subcommand is called. */
import { run } from "./run.ts";

await run(process.argv.slice(2));
