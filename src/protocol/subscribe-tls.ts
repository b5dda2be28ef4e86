import { choiceField, objectOf, orNull, textField, type Untrusted } from "./message-fields.ts";
import { MAX_NAME_LENGTH, MAX_PATH_LENGTH, MAX_PEM_LENGTH } from "./limits.ts";

/** Text in PEM (RFC 7468): as it is, or where it lies in the pod. What is in `pem` may be a secret: never log it. */
export type PemSource = { readonly pem: string } | { readonly podPath: string };

/** A certificate, its chain behind it, and its key. */
export interface KeyPairSource {
  readonly certificate: PemSource;
  readonly key: PemSource;
}

/** How TLS on the port is read: ended at the agent, and begun anew toward the app. */
export interface SubscribeTls {
  /** What callers are shown. */
  readonly shown: KeyPairSource;
  /**
   * What the app has to show: the very certificate that callers are shown, one that `ca` vouches for, or anything.
   * An app that does not is left alone with its callers.
   */
  readonly verify: (typeof VERIFY_POLICIES)[number];
  /** Who vouches for the app under `ca`. */
  readonly ca: PemSource | null;
  /** The name the app's certificate must be for under `ca`; null for the one that the caller asks for. */
  readonly serverName: string | null;
  /** Whether callers are asked for a certificate, and who vouches for it. */
  readonly callers: { readonly ask: (typeof ASK_POLICIES)[number]; readonly ca: PemSource } | null;
  /** What an app that asks for a certificate is shown. */
  readonly toApp: KeyPairSource | null;
}

export const VERIFY_POLICIES = ["pin", "ca", "none"] as const;
export const ASK_POLICIES = ["request", "require"] as const;

/** @throws ProtocolError `bad-message` */
export function subscribeTls(message: Untrusted, name: string): SubscribeTls {
  const from = objectOf(message[name], name);
  return {
    shown: keyPair(from, "shown"),
    verify: choiceField(from, "verify", VERIFY_POLICIES),
    ca: orNull(from, "ca", pemSource),
    serverName: orNull(from, "serverName", (from, name) => textField(from, name, MAX_NAME_LENGTH)),
    callers: orNull(from, "callers", callers),
    toApp: orNull(from, "toApp", keyPair),
  };
}

function callers(from: Untrusted, name: string): NonNullable<SubscribeTls["callers"]> {
  const value = objectOf(from[name], name);
  return { ask: choiceField(value, "ask", ASK_POLICIES), ca: pemSource(value, "ca") };
}

function keyPair(from: Untrusted, name: string): KeyPairSource {
  const value = objectOf(from[name], name);
  return { certificate: pemSource(value, "certificate"), key: pemSource(value, "key") };
}

function pemSource(from: Untrusted, name: string): PemSource {
  const value = objectOf(from[name], name);
  if (Object.hasOwn(value, "podPath")) return { podPath: textField(value, "podPath", MAX_PATH_LENGTH) };
  return { pem: textField(value, "pem", MAX_PEM_LENGTH) };
}
