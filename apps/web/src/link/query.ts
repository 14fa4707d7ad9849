/** The page's query string, which is the stream's. It judges no value: the server does. */

/** Returns whether the query has all that names a session, or anything is left to ask for. */
export function isComplete(search: string, required: readonly string[]): boolean {
  const query = new URLSearchParams(search);
  return required.every((name) => (query.get(name) ?? "") !== "");
}

/** Returns the websocket address of a stream on the page's own server. */
export function streamUrl(page: { protocol: string; host: string; search: string }, path: string): string {
  const scheme = page.protocol === "https:" ? "wss:" : "ws:";
  return `${scheme}//${page.host}${path}${page.search}`;
}

/** Returns the query with some values replaced; an empty value takes the parameter out. */
export function withValues(search: string, values: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(search);
  for (const [name, value] of Object.entries(values)) {
    if (value === "") query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString().replaceAll("%3A", ":");
  return text === "" ? "" : `?${text}`;
}
