import { printable } from "../text/paint.ts";
import { type ByteText, textOf } from "./byte-text.ts";

const MAX_SHOWN_LENGTH = 200;

/** Names whose values are for few eyes. PWD and OLDPWD are folders. */
const secretName =
  /(?:^|[_.-])(?:pass|passwd|passphrase|creds|auth|api_?keys?|keys?|private|cookie|salt|signature|dsn|pat|sas)(?:$|[_.-])|[_.-]pwd(?:$|[_.-])|password|secret|token|credential|apikey/i;

/** Whether a name says that its value is a secret. */
export function isSecretName(name: ByteText): boolean {
  return secretName.test(name);
}

/**
 * A value in one line, for an answer that may be pasted somewhere: not at all when the name is that of a secret, without the
 * password where it is a URL, and cut where it is long.
 */
export function maskedValue(
  name: ByteText,
  value: ByteText,
  { showSecrets }: { showSecrets: boolean },
): string {
  if (!showSecrets && isSecretName(name) && value !== "") return "(masked; --show-secrets shows it)";
  const text = textOf(value);
  if (text === undefined) return `(${value.length} bytes that are no UTF-8)`;
  const open = showSecrets ? text : text.replace(/(:\/\/[^/?#\s:@]*:)[^/?#\s@]+@/g, "$1(masked)@");
  const line = printable(open);
  return line.length > MAX_SHOWN_LENGTH
    ? `${line.slice(0, MAX_SHOWN_LENGTH)}… (${value.length} bytes)`
    : line;
}
