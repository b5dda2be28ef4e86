/** Gives each line of a stream of newline-delimited JSON as a value, whatever pieces it comes in. */
export async function* jsonLines(stream: ReadableStream<Uint8Array>): AsyncGenerator {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let parts: string[] = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      let text = decoder.decode(value, { stream: true });
      let end = text.indexOf("\n");
      while (end !== -1) {
        parts.push(text.slice(0, end));
        const line = parts.join("");
        parts = [];
        if (line.trim() !== "") yield JSON.parse(line);
        text = text.slice(end + 1);
        end = text.indexOf("\n");
      }
      if (text !== "") parts.push(text);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
