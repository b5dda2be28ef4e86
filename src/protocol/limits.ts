/**
 * Every limit of the wire, with its reason. Both ends of protocol 1 hold to these numbers: raising one is a new protocol
 * or a capability, never a local decision.
 */

/** Largest DATA payload. One frame is one turn of the scheduler: 16 KB at 100 MB/s holds the others up for 160 µs. */
export const MAX_DATA_BYTES = 16 * 1024;
/** Largest OPEN payload: a request head may be 64 KB elsewhere in the agent, this leaves room for what goes with it. */
export const MAX_OPEN_BYTES = 256 * 1024;
/** Largest HEAD payload: a response head or a trailer section of a program we do not control. */
export const MAX_HEAD_BYTES = 256 * 1024;
/** Largest MESSAGE payload: filters are written by hand, and explanations are cut by who writes them. */
export const MAX_MESSAGE_BYTES = 256 * 1024;
/** PING and PONG carry eight opaque bytes, as in RFC 9113 §6.7. */
export const PING_BYTES = 8;
/** Longest text of RESET and GOAWAY, in bytes of UTF-8. For people only: programs decide on the code. */
export const MAX_TEXT_BYTES = 1024;
/** Most HEAD frames one direction of a stream may carry: informational responses are few (RFC 9110 §15.2). */
export const MAX_HEADS_PER_DIRECTION = 256;
/** Most bytes all HEAD frames of one direction may hold together: HEAD is outside flow control, so it is bounded here. */
export const MAX_HEAD_BYTES_PER_DIRECTION = 1024 * 1024;

/**
 * What each end may send on a new stream before the first CREDIT: as in RFC 9113 §6.9.2, about. On a slow way it is what
 * a small exchange may have to wait for; on a fast one the reader enlarges it.
 */
export const INITIAL_WINDOW_BYTES = 64 * 1024;
/** Most credit that may be outstanding, as in RFC 9113 §6.9.1: sums stay small integers. */
export const MAX_CREDIT_BYTES = 2 ** 31 - 1;
/** Last stream id: 32 bits on the wire. At 1,000 streams a second one end has enough for 24 days. */
export const MAX_STREAM_ID = 2 ** 32 - 1;
/** Most streams the peer may hold open at once; one more is reset as refused. */
export const MAX_OPEN_STREAMS = 10_000;

/** Largest metadata of an opening: a dozen short fields. */
export const MAX_OPENING_META_BYTES = 16 * 1024;

/** Longest time for which a session is kept whose carrier is lost: what takes longer is no cut of a network. */
export const MAX_GRACE_MS = 10 * 60_000;

/** Names of people, sessions, requests and capabilities. */
export const MAX_NAME_LENGTH = 256;
/** Capabilities in one hello or welcome. */
export const MAX_CAPABILITIES = 64;
/** A request-target in a decision; the sender cuts it, people read it. */
export const MAX_TARGET_LENGTH = 2048;
/** Fields of a head as a decision tells them: as many as a head may have in HTTP/1.1. */
export const MAX_FIELDS_TOLD = 512;
/** Reasons, notices and failures: a few sentences. */
export const MAX_SENTENCE_LENGTH = 4096;
/**
 * A filter in its wire form, in bytes: written by hand it has a few hundred. All that a session holds is told to whoever asks
 * who holds what, a message for as many filters as it has room for.
 */
export const MAX_FILTER_BYTES = 64 * 1024;
/** A certificate with its chain, a key, or a few CAs, as text. Together they must fit into one message. */
export const MAX_PEM_LENGTH = 128 * 1024;
/** PATH_MAX of linux/limits.h. */
export const MAX_PATH_LENGTH = 4096;
/** An environment in one answer or a part of it, before it is written in base64: two thirds of a message are left free. */
export const MAX_ENVIRONMENT_PART_BYTES = 64 * 1024;
/**
 * A whole environment. The kernel takes up to 6 MB of arguments and variables together, 128 KB each (execve(2)); a real one
 * has a few KB.
 */
export const MAX_ENVIRONMENT_BYTES = 2 * 1024 * 1024;
