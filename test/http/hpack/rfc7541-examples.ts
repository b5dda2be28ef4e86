import type { Pair } from "./model-encoder.ts";

/** One block of RFC 7541 Appendix C: its bytes, what it says, and the table behind it, newest first. */
export interface Example {
  readonly hex: string;
  readonly fields: readonly Pair[];
  readonly table: readonly Pair[];
  readonly tableBytes: number;
}

const authority: Pair = [":authority", "www.example.com"];
const noCache: Pair = ["cache-control", "no-cache"];
const custom: Pair = ["custom-key", "custom-value"];
const get: Pair = [":method", "GET"];
const http: Pair = [":scheme", "http"];

const requests = (hexes: readonly [string, string, string]): Example[] => [
  { hex: hexes[0], fields: [get, http, [":path", "/"], authority], table: [authority], tableBytes: 57 },
  {
    hex: hexes[1],
    fields: [get, http, [":path", "/"], authority, noCache],
    table: [noCache, authority],
    tableBytes: 110,
  },
  {
    hex: hexes[2],
    fields: [get, [":scheme", "https"], [":path", "/index.html"], authority, custom],
    table: [custom, noCache, authority],
    tableBytes: 164,
  },
];

const found: Pair = [":status", "302"];
const moved: Pair = [":status", "307"];
const isPrivate: Pair = ["cache-control", "private"];
const date21: Pair = ["date", "Mon, 21 Oct 2013 20:13:21 GMT"];
const date22: Pair = ["date", "Mon, 21 Oct 2013 20:13:22 GMT"];
const location: Pair = ["location", "https://www.example.com"];
const gzip: Pair = ["content-encoding", "gzip"];
const cookie: Pair = ["set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"];

const responses = (hexes: readonly [string, string, string]): Example[] => [
  {
    hex: hexes[0],
    fields: [found, isPrivate, date21, location],
    table: [location, date21, isPrivate, found],
    tableBytes: 222,
  },
  {
    hex: hexes[1],
    fields: [moved, isPrivate, date21, location],
    table: [moved, location, date21, isPrivate],
    tableBytes: 222,
  },
  {
    hex: hexes[2],
    fields: [[":status", "200"], isPrivate, date22, location, gzip, cookie],
    table: [cookie, gzip, date22],
    tableBytes: 215,
  },
];

/** Each section is one connection; those of responses have a table of 256 bytes. */
export const EXAMPLES: Readonly<
  Record<
    string,
    { readonly maxTableBytes: number; readonly huffman: boolean; readonly blocks: readonly Example[] }
  >
> = {
  "C.2.1 literal with indexing": {
    maxTableBytes: 4096,
    huffman: false,
    blocks: [
      {
        hex: "400a637573746f6d2d6b65790d637573746f6d2d686561646572",
        fields: [["custom-key", "custom-header"]],
        table: [["custom-key", "custom-header"]],
        tableBytes: 55,
      },
    ],
  },
  "C.2.2 literal without indexing": {
    maxTableBytes: 4096,
    huffman: false,
    blocks: [
      { hex: "040c2f73616d706c652f70617468", fields: [[":path", "/sample/path"]], table: [], tableBytes: 0 },
    ],
  },
  "C.2.3 literal never indexed": {
    maxTableBytes: 4096,
    huffman: false,
    blocks: [
      {
        hex: "100870617373776f726406736563726574",
        fields: [["password", "secret"]],
        table: [],
        tableBytes: 0,
      },
    ],
  },
  "C.2.4 indexed": {
    maxTableBytes: 4096,
    huffman: false,
    blocks: [{ hex: "82", fields: [get], table: [], tableBytes: 0 }],
  },
  "C.3 requests": {
    maxTableBytes: 4096,
    huffman: false,
    blocks: requests([
      "828684410f7777772e6578616d706c652e636f6d",
      "828684be58086e6f2d6361636865",
      "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
    ]),
  },
  "C.4 requests, Huffman": {
    maxTableBytes: 4096,
    huffman: true,
    blocks: requests([
      "828684418cf1e3c2e5f23a6ba0ab90f4ff",
      "828684be5886a8eb10649cbf",
      "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
    ]),
  },
  "C.5 responses": {
    maxTableBytes: 256,
    huffman: false,
    blocks: responses([
      "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e17687474" +
        "70733a2f2f7777772e6578616d706c652e636f6d",
      "4803333037c1c0bf",
      "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a" +
        "4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31",
    ]),
  },
  "C.6 responses, Huffman": {
    maxTableBytes: 256,
    huffman: true,
    blocks: responses([
      "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae" +
        "82ae43d3",
      "4883640effc1c0bf",
      "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960" +
        "d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
    ]),
  },
};
