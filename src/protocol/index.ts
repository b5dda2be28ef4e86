export {
  type AddressesQuestion,
  MAX_POD_ADDRESSES,
  type PodAddresses,
  podAddresses,
} from "./addresses-question.ts";
export {
  type AgentMessage,
  type Answer,
  type Copies,
  type FilterChanged,
  type Goodbye,
  type Notice,
  parseAgentMessage,
  type Refused,
  type Subscribed,
  type Unsubscribed,
  type Welcome,
} from "./agent-message.ts";
export type { Bounds } from "./bounds.ts";
export {
  type Ask,
  type ClientMessage,
  type Hello,
  type Leave,
  parseClientMessage,
  type Subscribe,
  type Unask,
  type Unsubscribe,
} from "./client-message.ts";
export { type CertificatePair, checkPair, type PairFault, readCertificates } from "./certificate-pair.ts";
export {
  type AskOriginal,
  type ClientOpening,
  type ConnectOpening,
  type ConnectUnixOpening,
  type DatagramsOpening,
  decodeClientOpening,
  encodeClientOpening,
  type FilesOpening,
} from "./client-opening.ts";
export { type ConnectAnswer, decodeConnectAnswer, encodeConnectAnswer } from "./connect-answer.ts";
export type { CopyCounts } from "./copy-counts.ts";
export { cutText } from "./cut-text.ts";
export {
  type Datagram,
  DatagramDecoder,
  type DatagramError,
  encodeDatagram,
  encodeDatagramError,
  MAX_DATAGRAM_BYTES,
} from "./datagram.ts";
export {
  type DecisionMemory,
  type DecisionsQuestion,
  MAX_DRAFTS,
  type ToldDecisions,
  toldDecisions,
} from "./decisions-question.ts";
export { FrameDecoder, type FrameSink } from "./decode.ts";
export type {
  AskedFilter,
  DecisionRecord,
  DraftVerdict,
  ExplainedClause,
  MirrorFact,
} from "./decision-record.ts";
export { checkPayloadLength, encodeFrame, writeFrameHeader } from "./encode.ts";
export {
  environmentPart,
  environmentPartBody,
  type EnvironmentQuestion,
  type EnvironmentSource,
  environmentSource,
} from "./environment-question.ts";
export { ProtocolError, type ProtocolErrorCode } from "./errors.ts";
export { FRAME_HEADER_BYTES, FrameType } from "./frame.ts";
export * from "./files/index.ts";
export { decodeCredit, decodeGoaway, decodeReset, encodeGoaway, encodeReset } from "./frame-payload.ts";
export type { GoawayCode } from "./goaway-code.ts";
export { encodeJson } from "./json-payload.ts";
export * from "./limits.ts";
export type { Json } from "./message-fields.ts";
export type { MirrorTerms } from "./mirror-terms.ts";
export {
  type FilterSetDone,
  filterSetDone,
  type Released,
  released,
} from "./control-answers.ts";
export type {
  MetricsQuestion,
  Question,
  ReleaseQuestion,
  SessionsQuestion,
  SetFilterQuestion,
} from "./question.ts";
export type { PodProbe } from "./pod-probe.ts";
export {
  type Reachable,
  reachableAnswer,
  type ReachableQuestion,
} from "./reachable-question.ts";
export type { SessionProof } from "./session-proof.ts";
export { ipVersion } from "./ip-literal.ts";
export type { ProcessIdentity } from "./process-identity.ts";
export { type ListedSession, type ListedSubscription, listedSessions } from "./listed-session.ts";
export { encodeMessage, PROTOCOL_VERSION } from "./messages.ts";
export { metricsFamilies, metricsText } from "./metrics-answer.ts";
export {
  decodeOpening,
  encodeOpening,
  type Opening,
  type OpeningMeta,
  type WireAddress,
  type WireTls,
} from "./opening.ts";
export { http2ErrorCodeOf, http2ResetCode, isUntouched, type ResetCode } from "./reset-code.ts";
export {
  type AgentStreamHead,
  decodeAgentHead,
  decodeClientHead,
  encodeStreamHead,
  type StreamHead,
} from "./stream-head.ts";
export {
  ASK_POLICIES,
  type KeyPairSource,
  type PemSource,
  type SubscribeTls,
  VERIFY_POLICIES,
} from "./subscribe-tls.ts";
export {
  type FilterOverlap,
  type NearMiss,
  type TriedFilter,
  triedFilter,
  type TriedRequest,
  type TryFilterQuestion,
} from "./try-filter-question.ts";
