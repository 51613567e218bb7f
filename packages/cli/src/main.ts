#!/usr/bin/env node
/** The command `dragoman`. Loads nothing but commander until a subcommand is called. */
import { keepCompiledCode } from "./compile-cache.ts";

// Before `.env` is read: a folder must not choose where compiled code comes from.
keepCompiledCode();
const { run } = await import("./run.ts");
await run(process.argv.slice(2));
