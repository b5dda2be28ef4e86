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

/** The filter that every request passes. */
export const everything: Filter = { all: [] };
