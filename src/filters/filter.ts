/**
 * A filter, in the form in which it is written in JSON and sent over the wire. `readFilter` makes one of anything,
 * `parseFilter` of text.
 *
 * Every pattern is a regular expression that is searched for, ignores case (`(?-i)` at its begin turns that off)
 * and is decided in linear time. Subjects are Latin-1 text: one character for each byte of the wire.
 */
export type Filter =
  | { readonly header: string | HeaderTest }
  | { readonly path: string | PathTest }
  | { readonly method: string | readonly string[] }
  | { readonly host: string | HostTest }
  | { readonly query: QueryTest }
  | { readonly grpc: GrpcTest }
  | { readonly all: readonly Filter[] }
  | { readonly any: readonly Filter[] }
  | { readonly not: Filter };

/** Compares a text. Case matters in `equals` and `prefix` unless `ignoreCase`, and in `matches` only with `(?-i)`. */
export type Comparison =
  | { readonly equals: string; readonly ignoreCase?: boolean }
  | { readonly prefix: string; readonly ignoreCase?: boolean }
  | { readonly matches: string };

/** Whether there is such a thing at all. */
export type Presence = { readonly present: true } | { readonly absent: true };

/**
 * The fields of one name, in any case of the name. A comparison holds when it holds for any of them.
 * Values are compared without the blanks around them; a list within one value is not taken apart.
 *
 * As a string instead: a pattern for the line `name: value` of any field, always with one blank after the colon.
 */
export type HeaderTest = { readonly name: string } & (Comparison | Presence);

/**
 * The path of the request-target as it was sent: nothing is decoded, dots are not resolved. Of an absolute-form
 * target its path; `*` is the path `*`; a CONNECT to an authority has no path, so that no test of a path holds.
 *
 * `query` says whether the query string belongs to what is compared. By default `equals` and `prefix` look at the
 * path without it, and `matches` at both, one after the other. A string instead of an object is `matches`.
 */
export type PathTest = Comparison & { readonly query?: "with" | "without" };

/**
 * The host of the request without user and port, in any case, with one dot at its end ignored. `*.example` in
 * `equals` stands for every name below `example`. A string instead of an object is `equals`.
 */
export type HostTest = { readonly equals: string } | { readonly matches: string };

/**
 * A parameter of the query string. Names and values are percent-decoded once, `+` is a blank; bytes that are not
 * UTF-8 are read as Latin-1. The name is compared with its case. Holds when it holds for any of a repeated one.
 */
export type QueryTest = { readonly name: string } & (Comparison | Presence);

/**
 * A gRPC call: a POST to `/service/method` with the content-type `application/grpc`, alone or followed by `+` or `;`,
 * over HTTP/2 or HTTP/1.1 (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). gRPC-Web
 * (`application/grpc-web`) is another protocol and none; `path` and `header` see it, as they see gRPC calls.
 *
 * Everything that is given must hold: `present` alone, or at least one of the others. Nothing of it holds for a
 * request that is no gRPC call, not even absent metadata.
 */
export type GrpcTest = {
  /** That it is a gRPC call, which each of the others says too. */
  readonly present?: true;
  /** The name with its package, as `shop.Cart`: all before the last slash. A string alone is `equals`. */
  readonly service?: string | Comparison;
  /** The name alone, as `AddItem`. A string alone is `equals`. */
  readonly method?: string | Comparison;
  /**
   * One test or several of the metadata, which are the fields of the request: each is what `header` would be, so a
   * repeated key holds when any value does. All of them must hold.
   *
   * Values of names that end with `-bin` are compared as the base64 text that was sent, once without padding and once
   * with it, so that it does not matter which of them client and filter use; joined with commas, each counts. A
   * string, a pattern for the line, sees the line as it was sent.
   */
  readonly metadata?: string | HeaderTest | readonly (string | HeaderTest)[];
};

/** The filter that every request passes. */
export const everything: Filter = { all: [] };
