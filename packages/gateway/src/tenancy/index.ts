/** Keys, teams and the audit log: what commands and servers take of them. */
export { eventsFile } from "../store/open-store.ts";
export { type Audit, type AuditOptions, type AuditPage, type AuditQuery, createAudit } from "./audit/audit.ts";
export type { AuditEntry, AuditHead, AuditRecord } from "./audit/audit-record.ts";
export { type AuditFormat, exportAudit } from "./audit/export-audit.ts";
export { type AuditBreak, type AuditVerdict, type VerifyOptions, verifyAudit } from "./audit/verify-audit.ts";
export { createTenancy, type TenancyOptions } from "./create-tenancy.ts";
export { openPepper, pepperFile } from "./pepper.ts";
export type * from "./tenancy.ts";
