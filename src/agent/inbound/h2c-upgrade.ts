import {
  applySettings,
  Http2Error,
  type Http1Request,
  hasConnectionOption,
  INITIAL_SETTINGS,
  type Setting,
} from "../../http/index.ts";

/** Of a setting in the payload of SETTINGS: two bytes of id, four of value (RFC 9113 §6.5.1). */
const SETTING_BYTES = 6;
const SETTINGS_FIELD = "http2-settings";

/**
 * The settings of a request that offers to go on in HTTP/2 (RFC 7540 §3.2, which RFC 9113 gave up and curl still does);
 * undefined for any other request, and for one whose offer no server may take.
 */
export function h2cSettings(head: Http1Request): readonly Setting[] | undefined {
  if (!head.mayUpgrade || head.version !== "1.1" || !asksForH2c(head)) return undefined;
  const [payload, ...more] = head.fields.all(SETTINGS_FIELD);
  if (payload === undefined || more.length > 0) return undefined;
  if (!hasConnectionOption(head.fields, "upgrade") || !hasConnectionOption(head.fields, SETTINGS_FIELD))
    return undefined;
  const bytes = Buffer.from(payload, "base64url");
  if (!/^[\w-]*=*$/.test(payload) || bytes.length % SETTING_BYTES !== 0) return undefined;
  const settings: Setting[] = [];
  for (let at = 0; at < bytes.length; at += SETTING_BYTES)
    settings.push({ id: bytes.readUInt16BE(at), value: bytes.readUInt32BE(at + 2) });
  return isInRange(settings) ? settings : undefined;
}

/**
 * The head of a request without its offer to go on in HTTP/2, as any server may ignore it (RFC 9110 §7.8): taken by
 * whoever gets this request, it would hold for all that follow on the connection, too. Undefined when there is none.
 */
export function withoutH2c(head: Http1Request): Buffer | undefined {
  if (!head.mayUpgrade || !asksForH2c(head)) return undefined;
  const { fields } = head;
  const upgrades = tokens(fields.all("upgrade")).filter((token) => token.toLowerCase() !== "h2c");
  const gone = new Set(["http2-settings", ...(upgrades.length === 0 ? ["upgrade"] : [])]);
  const options = tokens(fields.all("connection")).filter((option) => !gone.has(option.toLowerCase()));
  let text = fields.text.slice(0, fields.text.indexOf("\r\n") + 2);
  for (const [name, value] of fields.pairs())
    if (!["upgrade", "connection", SETTINGS_FIELD].includes(name.toLowerCase()))
      text += `${name}: ${value}\r\n`;
  if (upgrades.length > 0) text += `Upgrade: ${upgrades.join(", ")}\r\n`;
  if (options.length > 0) text += `Connection: ${options.join(", ")}\r\n`;
  return Buffer.from(`${text}\r\n`, "latin1");
}

function asksForH2c({ fields }: Http1Request): boolean {
  return tokens(fields.all("upgrade")).some((token) => token.toLowerCase() === "h2c");
}

function tokens(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(",")).map((token) => token.trim());
}

function isInRange(settings: readonly Setting[]): boolean {
  try {
    applySettings(INITIAL_SETTINGS, settings, "client");
    return true;
  } catch (error) {
    if (!(error instanceof Http2Error)) throw error;
    return false;
  }
}
