/** Names of fields and parameters whose values are secrets; in lower case. */
export const maskedByDefault: readonly string[] = [
  ...["authorization", "cookie", "proxy-authorization", "set-cookie", "x-api-key"],
  ...["access_token", "api_key", "id_token", "password", "refresh_token", "token"],
];

const maxShown = 80;

/** Shows what a request said to people: marked off, without control characters, cut, and secrets not at all. */
export class Masking {
  readonly #names: ReadonlySet<string>;

  /** @param names of fields and parameters, in any case. */
  constructor(names: readonly string[]) {
    this.#names = new Set(names.map((name) => name.toLowerCase()));
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
    const masked = target.replace(/([?&])([^=&]*)=([^&]*)/g, (found, mark: string, name: string) => {
      return this.#hides(name) ? `${mark}${name}=(masked)` : found;
    });
    return this.text(masked);
  }

  #hides(name: string): boolean {
    return this.#names.has(name.toLowerCase());
  }
}
