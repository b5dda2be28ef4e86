import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import {
  checkPair,
  type KeyPairSource,
  MAX_PATH_LENGTH,
  MAX_PEM_LENGTH,
  type PairFault,
  type PemSource,
  readCertificates,
  type SubscribeTls,
} from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";

/** The `--tls-*` flags as they were written. */
export interface TlsFlags {
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsVerify: SubscribeTls["verify"];
  readonly tlsCa?: string;
  readonly tlsServerName?: string;
  readonly tlsClientCa?: string;
  readonly tlsClientAuth?: NonNullable<SubscribeTls["callers"]>["ask"];
  readonly tlsAppCert?: string;
  readonly tlsAppKey?: string;
}

/** What the flags come to. */
export interface TlsPlan {
  /** Null leaves TLS unread. Holds keys: it is for the agent only. */
  readonly settings: SubscribeTls | null;
  /** What a person should know, such as that a certificate has expired. */
  readonly warnings: readonly string[];
}

/** Written before a path, it names a file of the pod. */
const POD = "pod:";
/** All files together, so that they fit into one message (`MAX_MESSAGE_BYTES`) with their line ends escaped. */
const MAX_TOTAL_LENGTH = 192 * 1024;
const noTls: TlsPlan = { settings: null, warnings: [] };

/** Reads the flags and the files of this machine that they name; every problem is added to `problems`. */
export function tlsOfFlags(flags: TlsFlags, problems: ClientError[]): TlsPlan {
  return new TlsFlagReader(flags, problems).read();
}

/** Gathers what is wrong while it reads on. */
class TlsFlagReader {
  readonly #flags: TlsFlags;
  readonly #problems: ClientError[];
  readonly #warnings: string[] = [];
  #totalLength = 0;

  constructor(flags: TlsFlags, problems: ClientError[]) {
    this.#flags = flags;
    this.#problems = problems;
  }

  read(): TlsPlan {
    const { tlsVerify, tlsServerName, tlsCert, tlsKey, tlsAppCert, tlsAppKey } = this.#flags;
    const shown = this.#pair({ flag: "--tls-cert", path: tlsCert }, { flag: "--tls-key", path: tlsKey });
    if (tlsCert === undefined && tlsKey === undefined) {
      this.#refuseLonely();
      return noTls;
    }
    const toApp = this.#pair(
      { flag: "--tls-app-cert", path: tlsAppCert },
      { flag: "--tls-app-key", path: tlsAppKey },
    );
    const ca = this.#ca("--tls-ca", this.#flags.tlsCa);
    const callers = this.#callers();
    this.#checkPolicy();
    if (this.#totalLength > MAX_TOTAL_LENGTH)
      this.#fault(
        `the files of --tls-… hold ${this.#totalLength} bytes, the limit is ${MAX_TOTAL_LENGTH}`,
        inPod,
      );
    if (shown === undefined) return noTls;
    const serverName = tlsServerName ?? null;
    return {
      settings: { shown, verify: tlsVerify, ca: ca ?? null, serverName, callers, toApp: toApp ?? null },
      warnings: this.#warnings,
    };
  }

  #fault(message: string, hint: string): undefined {
    this.#problems.push(new ClientError("usage", message, { hint }));
  }

  /** Flags that mean nothing while TLS is not read. */
  #refuseLonely(): void {
    const { tlsVerify, ...others } = this.#flags;
    const lonely: string[] = lonelyFlags
      .filter(([name]) => others[name] !== undefined)
      .map(([, flag]) => flag);
    if (tlsVerify !== "pin") lonely.push("--tls-verify");
    if (lonely[0] === undefined) return;
    this.#fault(
      `${lonely[0]} means nothing without a certificate`,
      "Add --tls-cert and --tls-key: the app's own, which callers are shown while their requests are read.",
    );
  }

  #checkPolicy(): void {
    const { tlsVerify, tlsCa, tlsServerName } = this.#flags;
    if (tlsVerify === "ca" && tlsCa === undefined)
      this.#fault(
        "--tls-verify ca without an authority",
        "Add --tls-ca <file>: who vouches for the app's certificate.",
      );
    if (tlsVerify === "ca") return;
    const flag =
      tlsCa === undefined ? (tlsServerName === undefined ? undefined : "--tls-server-name") : "--tls-ca";
    if (flag !== undefined)
      this.#fault(`${flag} means nothing with --tls-verify ${tlsVerify}`, "Add --tls-verify ca.");
  }

  #callers(): SubscribeTls["callers"] {
    const { tlsClientCa, tlsClientAuth } = this.#flags;
    if (tlsClientCa === undefined) {
      if (tlsClientAuth !== undefined)
        this.#fault(
          "--tls-client-auth without an authority",
          "Add --tls-client-ca <file>: who vouches for callers.",
        );
      return null;
    }
    const ca = this.#ca("--tls-client-ca", tlsClientCa);
    return ca === undefined ? null : { ask: tlsClientAuth ?? "require", ca };
  }

  #ca(flag: string, path: string | undefined): PemSource | undefined {
    if (path === undefined) return undefined;
    const source = this.#source(flag, path);
    if (source !== undefined && "pem" in source && readCertificates(source.pem) === undefined)
      return this.#fault(`${flag}: ${path} holds no certificate in PEM`, pemHint);
    return source;
  }

  #pair(
    certificate: { flag: string; path: string | undefined },
    key: { flag: string; path: string | undefined },
  ): KeyPairSource | undefined {
    if (certificate.path === undefined && key.path === undefined) return undefined;
    if (certificate.path === undefined || key.path === undefined) {
      const [there, missing] = key.path === undefined ? [certificate, key] : [key, certificate];
      return this.#fault(
        `${there.flag} without ${missing.flag}`,
        "A certificate is of use with its key only: give both.",
      );
    }
    const source = {
      certificate: this.#source(certificate.flag, certificate.path),
      key: this.#source(key.flag, key.path),
    };
    if (source.certificate === undefined || source.key === undefined) return undefined;
    // What lies in the pod is checked there.
    if ("pem" in source.certificate && "pem" in source.key) {
      const pair = checkPair({ certificate: source.certificate.pem, key: source.key.pem });
      if ("fault" in pair) {
        const at = pair.part === "certificate" ? certificate : key;
        return this.#fault(`${at.flag}: ${at.path} ${faults[pair.fault].message}`, faults[pair.fault].hint);
      }
      if (pair.untimely !== undefined)
        this.#warnings.push(
          `the certificate ${certificate.path} ${pair.untimely === "expired" ? "has expired" : "is not valid yet"}; ` +
            "callers who look will refuse it",
        );
    }
    return { certificate: source.certificate, key: source.key };
  }

  #source(flag: string, path: string): PemSource | undefined {
    if (path.startsWith(POD)) {
      const podPath = path.slice(POD.length);
      if (podPath.startsWith("/") && podPath.length <= MAX_PATH_LENGTH) return { podPath };
      return this.#fault(`${flag}: ${path} is no path in the pod`, "After pod: comes an absolute path.");
    }
    try {
      const pem = readSmallFile(path);
      this.#totalLength += pem.length;
      return { pem };
    } catch (error) {
      const why =
        error instanceof Error && "code" in error ? (meanings[String(error.code)] ?? error.code) : error;
      return this.#fault(
        `${flag}: ${path} cannot be read: ${why instanceof Error ? why.message : String(why)}`,
        inPod,
      );
    }
  }
}

const lonelyFlags = [
  ["tlsCa", "--tls-ca"],
  ["tlsServerName", "--tls-server-name"],
  ["tlsClientCa", "--tls-client-ca"],
  ["tlsClientAuth", "--tls-client-auth"],
  ["tlsAppCert", "--tls-app-cert"],
  ["tlsAppKey", "--tls-app-key"],
] as const;

const inPod = "A file of the pod is written pod:/etc/tls/tls.crt; the agent reads it there.";
const pemHint =
  "It begins with -----BEGIN CERTIFICATE-----; openssl x509 -in <file> -out <file>.pem makes one of DER.";
const faults: Record<PairFault["fault"], { message: string; hint: string }> = {
  "not-a-certificate": { message: "holds no certificate in PEM", hint: pemHint },
  "not-a-key": {
    message: "holds no private key in PEM",
    hint: "It begins with -----BEGIN PRIVATE KEY-----.",
  },
  "encrypted-key": {
    message: "is encrypted",
    hint: "The agent has nobody to ask for its passphrase: openssl pkey -in <file> -out <other file> takes it off.",
  },
  "not-its-key": {
    message: "does not belong to the certificate",
    hint: "Are the files of two pairs mixed? In a file with a chain, the app's own certificate must come first.",
  },
};
const meanings: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "this user may not read it",
  EISDIR: "it is a folder",
};

/** Reads a text file; what was read is not left in memory beside the text. @throws Error, also for what is no file or too large */
function readSmallFile(path: string): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new Error("it is not a regular file");
    if (stat.size > MAX_PEM_LENGTH) throw new Error(`it is larger than ${MAX_PEM_LENGTH} bytes`);
    const bytes = Buffer.alloc(stat.size);
    const text = bytes.toString("utf8", 0, readSync(fd, bytes, 0, stat.size, 0));
    bytes.fill(0);
    return text;
  } finally {
    closeSync(fd);
  }
}
