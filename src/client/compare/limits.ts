/**
 * Bounds of a comparison. Answers come from programs under test and from foreign apps: neither may cost more than this.
 * What lies beyond a bound is counted, compared by hash, or called incomparable; never guessed.
 */
export const limits = {
  /** Bytes of a body that an `AnswerRecorder` keeps unless it is told otherwise. */
  capturedBytes: 1_048_576,
  /** Bytes that a body or a gRPC message may decompress to. */
  decodedBytes: 8_388_608,
  /** `gzip` in `br` in …: codings of one body. */
  contentCodings: 4,
  /** Arrays and objects within each other; more is compared as text. */
  jsonDepth: 128,
  /** Values of one JSON body; more is compared as text. */
  jsonNodes: 200_000,
  /** Lines of one text; more is compared as bytes. */
  lines: 100_000,
  /** Insertions and deletions that are looked for when two sequences are aligned; beyond, they pair by index. */
  alignmentEdits: 400,
  /** Steps of one alignment, about a tenth of a second. */
  alignmentSteps: 10_000_000,
  /** Messages of one gRPC answer that are compared. */
  grpcMessages: 10_000,
  /** Messages within messages of protobuf; deeper is compared as bytes. */
  protobufDepth: 32,
  /** Fields of one protobuf message, inner ones included; more is compared by hash. */
  protobufFields: 50_000,
  /** Differences that are listed for one pair of answers, and hidden ones as well; the rest is counted. */
  listedDifferences: 50,
  /** Differences of one body that are looked at at all; what is beyond is not even counted. */
  countedDifferences: 20_000,
  /** Characters of a value that is shown. */
  shownCharacters: 120,
  /** Characters of a place in a summary. A longer one is cut there, and not learned as noise. */
  placeCharacters: 400,
  /** Rules that a summary counts by name. */
  rules: 256,
  /** Characters of a line that a `line:` rule is asked about. */
  patternCharacters: 16_384,
  /** Routes of which noise is remembered; the one not seen for longest is forgotten. */
  noiseRoutes: 256,
  /** Noisy places of one route. */
  noisePlaces: 128,
  /** Segments of a path that name a route; what follows is `/…`. */
  routeSegments: 24,
  /** Routes of one summary; the rest is counted as one. */
  summaryRoutes: 200,
  /** Places of one route in a summary; the rest is counted as one. */
  summaryPlaces: 40,
  /** Durations of which the median is taken: the latest. */
  summaryDurations: 512,
} as const;
