import type { Endpoint } from "../../kernel/index.ts";

/** Answers questions for the pod's name servers, so that names can decide where flows go. */
export interface NameServer {
  /** Whether questions to this address are its to answer, over UDP and TCP. */
  isMine(endpoint: Endpoint): boolean;
  /** One DNS message for another (RFC 1035 §4); undefined, or a failure, when the program shall get no answer either. */
  answer(query: Buffer, via: "udp" | "tcp", server: Endpoint): Promise<Buffer | undefined>;
}
