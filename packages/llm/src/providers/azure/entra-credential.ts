/** Who asks Microsoft Entra for a token, and how. */
import type { SecretReference } from "../../secret.ts";

/** A token, and until when it holds. */
export interface AccessToken {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiresOnTimestamp: number;
}

/** What @azure/identity calls a TokenCredential: any of its credentials fits. */
export interface TokenCredential {
  /** Null where there is none. */
  getToken(scopes: string | string[]): Promise<AccessToken | null>;
}

/** A token that somebody else keeps fresh, as in a file; read again when it is about to expire. */
export interface TokenReference {
  readonly type: "token";
  readonly token: SecretReference;
}

/** An application with a secret of its own. Defaults: `AZURE_TENANT_ID`, `AZURE_CLIENT_ID`, `env:AZURE_CLIENT_SECRET`. */
export interface ClientSecret {
  readonly type: "client-secret";
  readonly tenantId?: string;
  readonly clientId?: string;
  readonly clientSecret?: SecretReference;
  /** Default `https://login.microsoftonline.com`; sovereign clouds have their own. */
  readonly authorityHost?: string;
}

/** The identity of the machine or app that this runs on. */
export interface ManagedIdentity {
  readonly type: "managed-identity";
  /** Of a user-assigned identity. Default: the system-assigned one. */
  readonly clientId?: string;
}

/** How to get a token of Microsoft Entra. */
export type EntraCredential = TokenCredential | TokenReference | ClientSecret | ManagedIdentity;

/** One token, freshly got. */
export type TokenSource = (scope: string) => Promise<AccessToken>;
