/** A page that says one thing. It needs no script and no style from elsewhere. */
export function plainPage(about: {
  readonly title: string;
  readonly text: string;
  readonly command?: string;
}): string {
  const { title, text, command } = about;
  const shown = command === undefined ? "" : `<pre>${escaped(command)}</pre>`;
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title></head>` +
    `<body><main><h1>${escaped(title)}</h1><p>${escaped(text)}</p>${shown}</main></body></html>\n`
  );
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
