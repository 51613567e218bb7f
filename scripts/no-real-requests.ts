/** The setup of every test file: no test talks to another machine. */
import { forbidRealRequests } from "../packages/llm/src/transport/offline-guard.ts";

forbidRealRequests();
