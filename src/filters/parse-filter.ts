import { FilterError } from "./errors.ts";
import { ExpressionParser } from "./expression-parser.ts";
import type { Filter } from "./filter.ts";
import { limits } from "./limits.ts";
import { readFilter } from "./read-filter.ts";

/**
 * Makes a filter of what somebody typed: JSON when it begins with a brace, else an expression (RFC 5234, words in
 * lower case, blanks anywhere between):
 *
 *     filter     = and *( ( "||" / "or" ) and )
 *     and        = unary *( ( "&&" / "and" ) unary )
 *     unary      = ( "!" / "not" ) unary / "(" filter ")" / "true" / "false" / clause
 *     clause     = "header" "(" pattern ")"                  ; the line `name: value` of any field
 *                / "header" "(" text ")" [ comparison ]      ; alone: there is such a field
 *                / "query" "(" text ")" [ comparison ]       ; alone: there is such a parameter
 *                / "path" "(" pattern ")"
 *                / "path" [ "(" ( "with" / "without" ) "query" ")" ] comparison
 *                / "host" "(" pattern ")"
 *                / "host" ( ( "==" / "!=" ) text / ( "=~" / "!~" ) pattern )
 *                / "grpc"                                    ; any gRPC call
 *                / ( "grpc.service" / "grpc.method" ) ( "(" pattern ")" / comparison )
 *                / "grpc.metadata" "(" pattern ")"           ; as header, of gRPC calls only
 *                / "grpc.metadata" "(" text ")" [ comparison ]
 *                / "method" ( ( "==" / "!=" ) text / [ "not" ] "in" "(" text *( "," text ) ")" )
 *     comparison = ( "==" / "!=" / "^=" ) text [ "i" ]       ; ^= is a prefix, i ignores case
 *                / ( "=~" / "!~" ) pattern
 *     text       = word / string                             ; \\ \" \' \n \r \t \0 \xHH \uHHHH \u{H…}
 *     pattern    = string / "/" … "/" [ "i" ]                ; a backslash is the pattern's own
 *     word       = ( ALPHA / DIGIT / "_" / "*" ) *( ALPHA / DIGIT / "_" / "*" / "." / "-" )
 *     string     = DQUOTE … DQUOTE / "'" … "'"
 *
 * Clauses mean what `Filter` says. `!=` and `!~` hold also when there is nothing to compare; `!header(x)` is the
 * absence of `x`. `header("x") == "1"` takes its string for a name, `header("x")` alone for a pattern.
 * @throws FilterError with `position` in `text`.
 */
export function parseFilter(text: string): Filter {
  if (text.length > limits.textLength) {
    const message = `the filter is longer than ${limits.textLength} characters`;
    throw new FilterError("too-large", message, { source: text, position: limits.textLength });
  }
  const json = /^\s*\{/.test(text);
  try {
    return readFilter(json ? readJson(text) : new ExpressionParser(text).parse());
  } catch (error) {
    if (!(error instanceof FilterError) || error.source === text) throw error;
    // What is wrong with a tree as a whole has no place in the text; its path and message say more.
    throw error.source === "" ? error.placed({ source: text, position: 0 }) : error;
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FilterError("json-syntax", "the filter begins like JSON and is none", {
      source: text,
      cause: error,
    });
  }
}
