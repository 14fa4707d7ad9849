/** What the server says it can stream. */

/** A session: a trading day of a symbol. */
export interface Session {
  readonly productType: string;
  readonly symbol: string;
  readonly dt: string;
  readonly source: string;
  /** Whether it can be streamed as it is. */
  readonly isReady: boolean;
  /** What is not there of it: layers of the lake, where the server streams from one. */
  readonly missing: readonly string[];
}

/**
 * Asks the server what there is.
 *
 * @throws if it does not answer.
 */
export async function fetchSessions(): Promise<Session[]> {
  const reply = await fetch("/v1/sessions");
  return sessionsOf(await reply.json());
}

/** Reads the server's answer; an entry that names no session is left out. */
export function sessionsOf(body: unknown): Session[] {
  if (!isRecord(body) || !Array.isArray(body["sessions"])) return [];
  return body["sessions"].filter(isRecord).flatMap((entry) => {
    const text = (key: string): string => (typeof entry[key] === "string" ? entry[key] : "");
    const missing: unknown = entry["missing"];
    const session = {
      productType: text("product_type"),
      symbol: text("symbol"),
      dt: text("dt"),
      source: text("source"),
      isReady: entry["ready"] === true,
      missing: Array.isArray(missing) ? missing.filter((name) => typeof name === "string") : [],
    };
    return session.symbol === "" || session.dt === "" ? [] : [session];
  });
}

/** Says in a few words what is not there of a session; nothing if all of it is. */
export function missingWords({ isReady, missing }: Session): string {
  if (missing.length > 0) return `${isReady ? "without" : "lacks"} ${missing.join(", ")}`;
  return isReady ? "" : "not ready";
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
