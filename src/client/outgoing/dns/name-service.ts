import type { Endpoint } from "../../../kernel/index.ts";
import { type Clock, systemClock } from "../../../tunnel/index.ts";
import type { NameServer } from "../name-server.ts";
import { decideLookup, decideNameServer, type OutgoingRules } from "../rules/index.ts";
import { addressAnswer, failure, isAnswerTo, readdressed, ResponseCode, truncated } from "./answer.ts";
import { AnswerCache } from "./answer-cache.ts";
import { answerLifetime } from "./answer-lifetime.ts";
import { askServers } from "./ask-servers.ts";
import { foundAddresses } from "./found-addresses.ts";
import { withAliases } from "./loopback-alias.ts";
import type { NameTable } from "./name-table.ts";
import type { NameTransport, Via } from "./name-transport.ts";
import { OwnNames } from "./own-names.ts";
import { ownTransport } from "./own-transport.ts";
import { Flag, type Query, type Question, readQuery, udpRoom } from "./query.ts";
import { RecordType } from "./records.ts";

/** What was made of a question, for whoever wants to know. */
export interface ToldLookup {
  /** As `WireName` writes it. */
  readonly name: string;
  readonly type: number;
  readonly where: "local" | "remote";
  /** Why, as a clause. */
  readonly because: string;
  readonly from: "file" | "cache" | "server" | "nobody";
}

export interface NameServiceOptions {
  readonly rules: OutgoingRules;
  /** Told of every address that is found. */
  readonly table: NameTable;
  /** Those of the pod's resolv.conf: in their place this machine's are asked for what is local. */
  readonly podServers: readonly Endpoint[];
  /** Asks a server from the pod. */
  readonly remote: NameTransport;
  /** Asks one from this machine. */
  readonly local?: NameTransport;
  readonly own?: Pick<OwnNames, "servers" | "addressesOf">;
  readonly clock?: Clock;
  readonly onLookup?: (told: ToldLookup) => void;
}

/** More than a program has under way unless it asks without end: then it is told that we cannot. */
const MAX_UNDER_WAY = 512;

/** Where a question goes. */
interface Way {
  readonly where: "local" | "remote";
  readonly because: string;
  /** What stands before the pod's search domain, when a rule names that. */
  readonly short: string | undefined;
  /** Whether its server stands for whatever resolves names, and not for itself. */
  readonly isDefaultServer: boolean;
}

/**
 * Answers the questions that a program sends to name servers. Rules say by the name whether the pod's or this machine's servers are
 * asked; the message itself is passed on and back as it is, whatever it asks for. What is kept is given again for its time.
 */
export class NameService implements NameServer, Disposable {
  readonly #options: NameServiceOptions;
  readonly #clock: Clock;
  readonly #cache: AnswerCache;
  readonly #own: Pick<OwnNames, "servers" | "addressesOf">;
  /** Questions that somebody has asked already, and that have no answer yet: others wait for the same one. */
  readonly #asked = new Map<string, Promise<Buffer | undefined>>();
  readonly #over = new AbortController();
  #underWay = 0;

  constructor(options: NameServiceOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#cache = new AnswerCache({ clock: this.#clock });
    this.#own = options.own ?? new OwnNames();
  }

  /** The pod's name servers, and whatever else is asked at the port of DNS: names count whoever is asked for them. */
  isMine(endpoint: Endpoint): boolean {
    return endpoint.port === NAME_SERVER_PORT || this.#isPods(endpoint);
  }

  /**
   * Answers a message to a name server, within five seconds: SERVFAIL when nobody else does. Undefined is no answer at all, for
   * what is no query. Over UDP what is too long for the asker is cut, and says so, so that it asks over TCP.
   */
  async answer(message: Buffer, via: Via, server: Endpoint): Promise<Buffer | undefined> {
    const query = readQuery(message);
    if (query === undefined) return undefined;
    const answer = (await this.#answerOf(query, via, server)) ?? failure(query, ResponseCode.serverFailure);
    return via === "udp" && answer.length > udpRoom(query) ? truncated(query) : answer;
  }

  /** Answers what is under way with SERVFAIL. */
  [Symbol.dispose](): void {
    this.#over.abort();
  }

  async #answerOf(query: Query, via: Via, server: Endpoint): Promise<Buffer | undefined> {
    const { question, opcode } = query;
    if (!passedOn.has(opcode)) return failure(query, ResponseCode.notImplemented);
    if (question === undefined) return failure(query, ResponseCode.formatError);
    // Such an answer has many messages.
    if (question.type === RecordType.AXFR || question.type === RecordType.IXFR)
      return failure(query, ResponseCode.notImplemented);
    const way = this.#wayOf(question, server);
    if (opcode !== Opcode.query) return await this.#ask(query, via, server, way);
    const inFile = await this.#inOwnFile(question, way);
    if (inFile !== undefined) return this.#give(addressAnswer(query, inFile), question, way, "file");
    if (!query.isImpersonal) {
      const answer = await this.#ask(query, via, server, way);
      return this.#give(answer, question, way, "server");
    }
    const key = cacheKey(query, question, way, server);
    const kept = this.#cache.get(key);
    if (kept !== undefined) return this.#give(readdressed(kept, query), question, way, "cache");
    const answer = await this.#askOnce(`${via} ${key}`, async () => {
      const answer = await this.#ask(query, via, server, way);
      const lifetime = answer && answerLifetime(question, answer);
      if (answer && lifetime) this.#cache.put(key, answer, lifetime);
      return answer;
    });
    return this.#give(answer && readdressed(answer, query), question, way, "server");
  }

  /** By the name, where a rule names it; else by the server. */
  #wayOf({ name }: Question, server: Endpoint): Way {
    const { rules, table } = this.#options;
    const isDefaultServer = this.#isPods(server);
    const lookup = decideLookup(rules, name);
    if (lookup.rule !== null) {
      const { where, because, short } = lookup;
      return { where, because, short, isDefaultServer };
    }
    const names = table.namesOf(server.address);
    const flow = decideNameServer(rules, { ...server, names, isPods: isDefaultServer });
    const isLocal = flow.where === "local";
    const because = isLocal ? `for its name server, ${flow.because}` : lookup.because;
    return { where: isLocal ? "local" : "remote", because, short: undefined, isDefaultServer };
  }

  #isPods({ address, port }: Endpoint): boolean {
    return this.#options.podServers.some((pods) => pods.address === address && pods.port === port);
  }

  async #inOwnFile(
    { name, type, class: family }: Question,
    way: Way,
  ): Promise<readonly Buffer[] | undefined> {
    if (way.where !== "local" || !way.isDefaultServer || family !== CLASS_IN) return undefined;
    if (type !== RecordType.A && type !== RecordType.AAAA) return undefined;
    const names = way.short === undefined ? [name] : [name, way.short];
    return await this.#own.addressesOf(names, type === RecordType.A ? 4 : 6);
  }

  /** Lets those who ask the same at the same time have one answer. */
  #askOnce(key: string, ask: () => Promise<Buffer | undefined>): Promise<Buffer | undefined> {
    const asked = this.#asked.get(key) ?? ask().finally(() => this.#asked.delete(key));
    this.#asked.set(key, asked);
    return asked;
  }

  async #ask(query: Query, via: Via, server: Endpoint, way: Way): Promise<Buffer | undefined> {
    if (this.#underWay >= MAX_UNDER_WAY) return undefined;
    this.#underWay++;
    try {
      const isLocal = way.where === "local";
      const servers = isLocal && way.isDefaultServer ? await this.#own.servers() : [server];
      const transport = isLocal ? (this.#options.local ?? ownTransport) : this.#options.remote;
      const { signal } = this.#over;
      const isAnswer = (answer: Buffer) => isAnswerTo(query, answer);
      return await askServers({
        servers,
        transport,
        query: query.message,
        via,
        isAnswer,
        clock: this.#clock,
        signal,
      });
    } finally {
      this.#underWay--;
    }
  }

  /** What the program is given, and what is learnt of it. */
  #give(
    found: Buffer | undefined,
    { name, type }: Question,
    { where, because }: Way,
    from: ToldLookup["from"],
  ): Buffer | undefined {
    const answer = found !== undefined && where === "local" ? withAliases(found) : found;
    if (answer !== undefined) this.#options.table.learn(foundAddresses(answer), where);
    this.#options.onLookup?.({ name, type, where, because, from: answer === undefined ? "nobody" : from });
    return answer;
  }
}

const NAME_SERVER_PORT = 53;
const CLASS_IN = 1;

/** RFC 1035 §4.1.1, RFC 1996, RFC 2136. */
const Opcode = { query: 0, notify: 4, update: 5 } as const;
const passedOn: ReadonlySet<number> = new Set(Object.values(Opcode));

/** What two questions have in common to which the same answer is right. */
function cacheKey({ message, edns }: Query, question: Question, way: Way, server: Endpoint): string {
  const { name, type, class: family } = question;
  const flags = message.readUInt16BE(2) & (Flag.RD | Flag.AD | Flag.CD);
  const kind = edns === undefined ? "plain" : `edns${edns.dnssecOk ? "-do" : ""}`;
  const whom =
    way.where === "local" && way.isDefaultServer ? "own" : `${way.where} ${server.address} ${server.port}`;
  return `${whom} ${kind} ${flags} ${family} ${type} ${name}`;
}
