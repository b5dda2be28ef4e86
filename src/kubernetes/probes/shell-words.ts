/**
 * The simple commands in a script of a shell, each as its words: enough to see what `sh -c "curl -f localhost/healthz || exit 1"` asks.
 * Quotes are taken off, variables stay as they are written. What a shell would do beyond that is not followed.
 */
export function simpleCommands(script: string): string[][] {
  const commands: string[][] = [[]];
  let word: string | undefined;
  let quote: string | undefined;
  const endWord = (): void => {
    if (word !== undefined) commands.at(-1)?.push(word);
    word = undefined;
  };
  for (let at = 0; at < script.length; at++) {
    const char = script[at] ?? "";
    if (quote !== undefined) {
      if (char === quote) quote = undefined;
      else if (char === "\\" && quote === '"') word = (word ?? "") + (script[++at] ?? "");
      else word = (word ?? "") + char;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= "";
    } else if (char === "\\") word = (word ?? "") + (script[++at] ?? "");
    else if (/[\s;|&()<>`]/.test(char) && !isInSubstitution(word)) {
      endWord();
      if (/[\n;|&()`]/.test(char) && commands.at(-1)?.length !== 0) commands.push([]);
    } else word = (word ?? "") + char;
  }
  endWord();
  return commands.filter((words) => words.length > 0);
}

/** `$(POD_IP)` is how a spec writes a variable. */
function isInSubstitution(word: string | undefined): boolean {
  return word !== undefined && /\$$|\$\([^)]*$/.test(word);
}
