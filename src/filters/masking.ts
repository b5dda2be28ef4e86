import { decodeQuery } from "./query-test.ts";

/** Names of fields, keys and parameters whose values are secrets; in lower case. */
export const maskedByDefault: readonly string[] = [
  ...["authorization", "proxy-authorization", "authentication-info", "proxy-authentication-info"],
  ...["cookie", "set-cookie", "x-api-key", "api_key", "apikey", "x-auth-token", "x-csrf-token"],
  ...["password", "passwd", "secret", "client_secret", "token", "access_token", "refresh_token", "id_token"],
  ...["accesstoken", "refreshtoken", "idtoken", "clientsecret", "private_key", "privatekey", "session_token"],
];

const maxShown = 80;

/** The names whose values are secrets by default, to look one up. */
const defaultSecrets: ReadonlySet<string> = new Set(maskedByDefault);

/** Whether a value of this field or parameter, in any case, is a secret by default. */
export function isSecret(name: string): boolean {
  return defaultSecrets.has(name.toLowerCase());
}

/**
 * A request-target without the values of secret parameters, which are the default ones when nothing else is said; names are
 * compared as `QueryTest` reads them. Takes time in proportion to the target, which is whatever a caller has sent.
 */
export function maskTarget(target: string, hides: (name: string) => boolean = isSecret): string {
  const start = target.search(/[?&]/) + 1;
  if (start === 0) return target;
  const shown = target
    .slice(start)
    .split("&")
    .map((parameter) => {
      const nameEnd = parameter.indexOf("=");
      const name = parameter.slice(0, Math.max(nameEnd, 0));
      return nameEnd !== -1 && hides(decodeQuery(name)) ? `${name}=(masked)` : parameter;
    });
  return target.slice(0, start) + shown.join("&");
}

/** Shows what a request said to people: marked off, without control characters, cut, and secrets not at all. */
export class Masking {
  readonly #names: ReadonlySet<string>;
  readonly #shows: ((lowerName: string) => boolean) | undefined;

  /**
   * @param names of fields and parameters, in any case.
   * @param shows of which fields values are shown at all; of every field when it is left out.
   */
  constructor(names: readonly string[], shows?: (lowerName: string) => boolean) {
    this.#names =
      names === maskedByDefault ? defaultSecrets : new Set(names.map((name) => name.toLowerCase()));
    this.#shows = shows;
  }

  /** Whether values of this field are for the eyes of whoever reads; a secret is masked all the same. */
  shows(name: string): boolean {
    return this.#shows === undefined || this.#shows(name.toLowerCase());
  }

  /** A text that is no secret. */
  text(text: string): string {
    const clean = text.replace(/[\p{Cc}\p{Cf}]/gu, "·").replaceAll("`", "'");
    return `\`${clean.length > maxShown ? `${clean.slice(0, maxShown)}…` : clean}\``;
  }

  /** The value of a field or a parameter. */
  value(name: string, value: string): string {
    return this.#hides(name) ? "(masked)" : this.text(value);
  }

  /** A field as a line. */
  line(name: string, value: string): string {
    return this.text(`${name}: ${this.#hides(name) ? "(masked)" : value}`);
  }

  /** A request-target; the values of secret parameters are left out. */
  target(target: string): string {
    return this.text(maskTarget(target, (name) => this.#hides(name)));
  }

  #hides(name: string): boolean {
    return this.#names.has(name.toLowerCase());
  }
}
