import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto"; // Arithmetic; nothing is opened.

/** Why a certificate or its key cannot be used; `part` says which of them is at fault. */
export interface PairFault {
  readonly part: "certificate" | "key";
  readonly fault: "not-a-certificate" | "not-a-key" | "encrypted-key" | "not-its-key";
}

/** A certificate that has its key. */
export interface CertificatePair {
  readonly leaf: X509Certificate;
  readonly key: KeyObject;
  /** Why it will be refused by whoever looks at the date; undefined when it is good today. */
  readonly untimely: "expired" | "not-yet-valid" | undefined;
}

const BEGIN_CERTIFICATE = "-----BEGIN CERTIFICATE-----";
const END_CERTIFICATE = "-----END CERTIFICATE-----";

/** Reads every certificate of a PEM text (RFC 7468 §5), in its order; text around them is left out. Undefined when there is none, or one is broken. */
export function readCertificates(pem: string): X509Certificate[] | undefined {
  const certificates: X509Certificate[] = [];
  for (
    let from = pem.indexOf(BEGIN_CERTIFICATE);
    from !== -1;
    from = pem.indexOf(BEGIN_CERTIFICATE, from + 1)
  ) {
    const end = pem.indexOf(END_CERTIFICATE, from);
    if (end === -1) return undefined;
    try {
      certificates.push(new X509Certificate(pem.slice(from, end + END_CERTIFICATE.length)));
    } catch {
      return undefined; // The cause would quote what was read.
    }
  }
  return certificates.length === 0 ? undefined : certificates;
}

/** Checks that a certificate and a key, both in PEM, belong together. Both ends of a session do, each where it reads them. */
export function checkPair(
  pem: { certificate: string; key: string },
  now = Date.now(),
): CertificatePair | PairFault {
  const leaf = readCertificates(pem.certificate)?.[0];
  if (leaf === undefined) return { part: "certificate", fault: "not-a-certificate" };
  let key: KeyObject;
  try {
    key = createPrivateKey(pem.key);
  } catch {
    const isEncrypted = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem.key);
    return { part: "key", fault: isEncrypted ? "encrypted-key" : "not-a-key" };
  }
  if (!leaf.checkPrivateKey(key)) return { part: "key", fault: "not-its-key" };
  const isOver = leaf.validToDate.getTime() < now;
  const untimely = isOver ? "expired" : leaf.validFromDate.getTime() > now ? "not-yet-valid" : undefined;
  return { leaf, key, untimely };
}
