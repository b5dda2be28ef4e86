import { constants, type X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import {
  checkPair,
  type CertificatePair,
  type KeyPairSource,
  type PairFault,
  type PemSource,
  readCertificates,
  type SubscribeTls,
} from "../../protocol/index.ts";
import { BadCertificate } from "./errors.ts";
import { readPodFile } from "./pod-file.ts";

/** More handshakes at once than this would only make each of them late; the rest passes unread. */
const MAX_HANDSHAKES = 256;

/** Renegotiation (RFC 5746) is refused: it costs us more than it costs who asks for it. */
const secureOptions = constants.SSL_OP_NO_RENEGOTIATION;

/** What the terms are, once everything has been read. */
interface Parts {
  readonly leaf: X509Certificate;
  readonly callerContext: SecureContext;
  readonly appContext: SecureContext;
  readonly showsCertificate: boolean;
  readonly wanted: SubscribeTls;
  readonly warnings: readonly string[];
}

/** On what terms TLS of a port is read: what callers are shown, and what is asked of them and of the app. Keeps no PEM. */
export class TlsTerms {
  /** The certificate that callers are shown. */
  readonly leaf: X509Certificate;
  /** Toward callers. */
  readonly callerContext: SecureContext;
  /** Toward the app. */
  readonly appContext: SecureContext;
  /** Whether there is a certificate for an app that asks for one. */
  readonly showsCertificate: boolean;
  readonly verify: SubscribeTls["verify"];
  /** The name that the app's certificate must be for under `ca`; null for the one that the caller asks for. */
  readonly serverName: string | null;
  /** Whether callers are asked for a certificate; null when they are not. */
  readonly ask: NonNullable<SubscribeTls["callers"]>["ask"] | null;
  /** What a person should know of them. */
  readonly warnings: readonly string[];
  #handshakes = 0;

  private constructor(parts: Parts) {
    this.leaf = parts.leaf;
    this.callerContext = parts.callerContext;
    this.appContext = parts.appContext;
    this.showsCertificate = parts.showsCertificate;
    this.verify = parts.wanted.verify;
    this.serverName = parts.wanted.serverName;
    this.ask = parts.wanted.callers?.ask ?? null;
    this.warnings = parts.warnings;
  }

  /**
   * Reads what a session named. `podRoot` is where the pod's files are.
   * @throws BadCertificate
   */
  static async of(wanted: SubscribeTls, podRoot: string): Promise<TlsTerms> {
    const read = async (source: PemSource): Promise<string> =>
      "pem" in source ? source.pem : await readPodFile(podRoot, source.podPath);
    const shown = await readPair(wanted.shown, "certificate", read);
    const toApp = wanted.toApp === null ? undefined : await readPair(wanted.toApp, "app certificate", read);
    const callerCa = wanted.callers === null ? undefined : await readCa(wanted.callers.ca, "client CA", read);
    if (wanted.verify === "ca" && wanted.ca === null)
      throw new BadCertificate("nobody is named who vouches for the app's certificate");
    const ca = wanted.ca === null ? undefined : await readCa(wanted.ca, "CA", read);
    return new TlsTerms({
      leaf: shown.pair.leaf,
      callerContext: context({
        ...shown.pem,
        ...(callerCa === undefined ? {} : { ca: callerCa }),
        // Tickets are good for callers only who were asked the same (RFC 8446 §4.6.1).
        sessionIdContext: "magpie",
      }),
      appContext: context({ ...toApp?.pem, ...(ca === undefined ? {} : { ca }) }),
      showsCertificate: toApp !== undefined,
      wanted,
      warnings: [...shown.warnings, ...(toApp?.warnings ?? [])],
    });
  }

  /** Takes one of the places for handshakes; undefined when all are taken. The caller gives it back, once. */
  takePlace(): (() => void) | undefined {
    if (this.#handshakes >= MAX_HANDSHAKES) return undefined;
    this.#handshakes++;
    let isTaken = true;
    return () => {
      if (isTaken) this.#handshakes--;
      isTaken = false;
    };
  }
}

type ReadPem = (source: PemSource) => Promise<string>;

interface ReadPair {
  readonly pair: CertificatePair;
  readonly pem: { readonly cert: string; readonly key: string };
  readonly warnings: readonly string[];
}

async function readPair(source: KeyPairSource, what: string, read: ReadPem): Promise<ReadPair> {
  const pem = { certificate: await read(source.certificate), key: await read(source.key) };
  const pair = checkPair(pem);
  if ("fault" in pair) throw new BadCertificate(faultText(pair, source, what));
  const warnings =
    pair.untimely === undefined
      ? []
      : [`the ${what} ${nameOf(source.certificate)}${UNTIMELY[pair.untimely]}`];
  return { pair, pem: { cert: pem.certificate, key: pem.key }, warnings };
}

const UNTIMELY = {
  expired: "has expired; callers who look will refuse it",
  "not-yet-valid": "is not valid yet; callers who look will refuse it",
} as const;

const FAULTS: Record<PairFault["fault"], string> = {
  "not-a-certificate": "holds no certificate in PEM",
  "not-a-key": "holds no private key in PEM",
  "encrypted-key": "is encrypted, and there is nobody to ask for its passphrase",
  "not-its-key": "does not belong to the certificate",
};

function faultText({ part, fault }: PairFault, source: KeyPairSource, what: string): string {
  return part === "certificate"
    ? `the ${what} ${nameOf(source.certificate)}${FAULTS[fault]}`
    : `the key of the ${what} ${nameOf(source.key)}${FAULTS[fault]}`;
}

async function readCa(source: PemSource, what: string, read: ReadPem): Promise<string> {
  const pem = await read(source);
  if (readCertificates(pem) === undefined)
    throw new BadCertificate(`the ${what} ${nameOf(source)}${FAULTS["not-a-certificate"]}`);
  return pem;
}

/** With a blank behind it; nothing for what came with the message. */
function nameOf(source: PemSource): string {
  return "podPath" in source ? `pod:${source.podPath} ` : "";
}

/** @throws BadCertificate for what OpenSSL does not take, such as a key that is too short for its level of security */
function context(options: Parameters<typeof createSecureContext>[0]): SecureContext {
  try {
    return createSecureContext({ ...options, secureOptions });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    throw new BadCertificate(`OpenSSL does not take the certificate or its key: ${code}`);
  }
}
