/** Types of records that tests write. */
export const typeNumbers = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
} as const;

export interface RecordText {
  readonly name: string;
  readonly type: keyof typeof typeNumbers | number;
  readonly ttl?: number;
  readonly data: Buffer;
}

/** A name as it stands in a message, without pointers. */
export function wireName(name: string): Buffer {
  const labels = name.split(".").filter((label) => label !== "");
  return Buffer.concat([
    ...labels.map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.of(0),
  ]);
}

function typeNumber(type: RecordText["type"]): number {
  return typeof type === "number" ? type : typeNumbers[type];
}

/** A question, with EDNS where a size is given. */
export function query(
  name: string,
  type: RecordText["type"] = "A",
  options: { id?: number; flags?: number; ednsBytes?: number; dnssecOk?: boolean; ednsOptions?: Buffer } = {},
): Buffer {
  const { id = 0x1234, flags = 0x0100, ednsBytes, dnssecOk = false, ednsOptions = Buffer.alloc(0) } = options;
  const question = Buffer.concat([wireName(name), words(typeNumber(type), 1)]);
  const option = Buffer.concat([
    Buffer.of(0),
    words(41, ednsBytes ?? 0, 0, dnssecOk ? 0x8000 : 0, ednsOptions.length),
    ednsOptions,
  ]);
  const header = words(id, flags, 1, 0, 0, ednsBytes === undefined ? 0 : 1);
  return Buffer.concat([header, question, ...(ednsBytes === undefined ? [] : [option])]);
}

/** The answer to a question, with its bytes of the question. */
export function answerTo(
  asked: Buffer,
  sections: {
    answer?: readonly RecordText[];
    authority?: readonly RecordText[];
    additional?: readonly RecordText[];
    code?: number;
    flags?: number;
  } = {},
): Buffer {
  const { answer = [], authority = [], additional = [], code = 0, flags = 0 } = sections;
  let end = 12;
  while (asked[end] !== 0) end += (asked[end] ?? 0) + 1;
  const question = asked.subarray(12, end + 5);
  const header = words(
    asked.readUInt16BE(0),
    0x8180 | flags | code,
    1,
    answer.length,
    authority.length,
    additional.length,
  );
  const records = [...answer, ...authority, ...additional].map(({ name, type, ttl = 60, data }) => {
    const owner = name === "@" ? words(0xc00c) : wireName(name);
    return Buffer.concat([owner, words(typeNumber(type), 1, ttl >>> 16, ttl & 0xffff, data.length), data]);
  });
  return Buffer.concat([header, question, ...records]);
}

export function a(name: string, address: string, ttl = 60): RecordText {
  return { name, type: "A", ttl, data: Buffer.from(address.split(".").map(Number)) };
}

/** Sixteen bytes in hex. */
export function aaaa(name: string, hex: string, ttl = 60): RecordText {
  return { name, type: "AAAA", ttl, data: Buffer.from(hex, "hex") };
}

export function cname(name: string, target: string, ttl = 60): RecordText {
  return { name, type: "CNAME", ttl, data: wireName(target) };
}

export function soa(name: string, minimum: number, ttl = 60): RecordText {
  const numbers = Buffer.alloc(20);
  numbers.writeUInt32BE(minimum, 16);
  return {
    name,
    type: "SOA",
    ttl,
    data: Buffer.concat([wireName("ns.example"), wireName("host.example"), numbers]),
  };
}

export function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, index * 2);
  return bytes;
}
