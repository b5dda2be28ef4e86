import type { Endpoint } from "../../kernel/index.ts";
import { type Clock, systemClock } from "../../tunnel/index.ts";
import {
  NameService,
  NameTable,
  type NameTransport,
  nameServersOf,
  programsHostname,
  programsHosts,
  programsNsswitch,
  programsResolvConf,
  readHosts,
  searchDomainsOf,
  type ToldLookup,
} from "./dns/index.ts";
import type { NameServer } from "./name-server.ts";
import { type OutgoingRules, outgoingRules } from "./rules/index.ts";
import { Ways } from "./ways.ts";

/** What names of hosts depend on: files of the pod and of this machine; null is one that is not there. */
export interface NameFiles {
  readonly pods: {
    readonly resolvConf: Buffer | null;
    readonly hosts: Buffer | null;
    readonly hostname: Buffer | null;
  };
  /** This machine's /etc/nsswitch.conf. */
  readonly nsswitch: Buffer | null;
  /** The pod's name, for one without /etc/hostname. */
  readonly podName: string;
}

export interface ProgramNamesOptions {
  readonly files: NameFiles;
  /** As the user wrote them. */
  readonly outgoing: readonly string[];
  /** Asks name servers from the pod. */
  readonly remote: NameTransport;
  readonly onLookup?: (told: ToldLookup) => void;
  readonly clock?: Clock;
}

/** All that a program is told of names of hosts, and what follows from that for its flows. */
export class ProgramNames implements Disposable {
  /** Plain data: a worker can decide by them, too. */
  readonly rules: OutgoingRules;
  readonly ways: Ways;
  /** Answers what the program asks name servers. */
  readonly nameServer: NameServer;
  /** What it reads, by path, in the place of files of this machine. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly #service: NameService;
  readonly #table: NameTable;

  /** @throws ClientError `usage` at the first rule that cannot be understood */
  constructor({ files, outgoing, remote, onLookup, clock = systemClock }: ProgramNamesOptions) {
    const { pods } = files;
    const resolvConf = programsResolvConf(pods.resolvConf);
    this.rules = outgoingRules(outgoing, searchDomainsOf(resolvConf));
    const hosts = programsHosts(pods.hosts, this.rules);
    const table = new NameTable({ clock });
    table.learnHosts(readHosts(hosts));
    this.#table = table;
    this.ways = new Ways({ rules: this.rules, table });
    const podServers: readonly Endpoint[] = nameServersOf(resolvConf);
    const options = { rules: this.rules, table, podServers, remote, clock };
    this.#service = new NameService(onLookup === undefined ? options : { ...options, onLookup });
    this.nameServer = this.#service;
    this.files = new Map([
      ["/etc/resolv.conf", resolvConf],
      ["/etc/hosts", hosts],
      ["/etc/nsswitch.conf", programsNsswitch(files.nsswitch)],
      ["/etc/hostname", programsHostname(pods.hostname, files.podName)],
    ]);
  }

  /** The pod's /etc/hosts has changed. Gives what the program is to read in its place from now on. */
  learnHosts(pods: Buffer | null): Buffer {
    const hosts = programsHosts(pods, this.rules);
    this.#table.learnHosts(readHosts(hosts));
    return hosts;
  }

  /** Answers what is under way with SERVFAIL. */
  [Symbol.dispose](): void {
    this.#service[Symbol.dispose]();
  }
}
