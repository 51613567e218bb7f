#!/usr/bin/env node
// The command in a checkout. Plain JavaScript, so that Node need not load its TypeScript stripper for the entry file: with
// the compile cache on (`compile-cache.ts` says where it lies), everything after it comes stripped from the cache.
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

const { DRAGOMAN_HOME, XDG_CACHE_HOME } = process.env;
enableCompileCache(DRAGOMAN_HOME ? join(DRAGOMAN_HOME, "cache") : join(XDG_CACHE_HOME || join(homedir(), ".cache"), "dragoman"));
await import("./main.ts");
