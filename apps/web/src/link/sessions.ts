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

/**
 * Returns the session that a page opens on: of those that are ready and fit the query, the newest
 * date, and of that date the first one.
 */
export function newestReady(sessions: readonly Session[], search: string): Session | null {
  const query = new URLSearchParams(search);
  const isWanted = (name: string, value: string): boolean => [null, "", value].includes(query.get(name));
  const fitting = sessions.filter(
    ({ isReady, productType, symbol, dt }) =>
      isReady && isWanted("product_type", productType) && isWanted("symbol", symbol) && isWanted("dt", dt),
  );
  return fitting.reduce<Session | null>((best, next) => (best === null || next.dt > best.dt ? next : best), null);
}

/** A month's letter and one or two digits of the year: `ESH4` is the contract H4 of ES. */
const CONTRACT = /^([A-Z0-9]+?)[FGHJKMNQUVXZ]\d{1,2}$/;

/**
 * Returns the sessions of a root's contracts, `ES` or `ES.FUT`, of that date if one is given; none
 * where the text is itself a symbol that is listed.
 */
export function contractsOf(sessions: readonly Session[], text: string, dt: string): Session[] {
  if (sessions.some(({ symbol }) => symbol === text)) return [];
  const root = text.replace(/\.FUT$/, "");
  const contracts = sessions.filter(
    ({ productType, symbol }) => productType.startsWith("future") && CONTRACT.exec(symbol)?.[1] === root,
  );
  const ofDate = contracts.filter((session) => session.dt === dt);
  return ofDate.length > 0 ? ofDate : contracts;
}

/** Says in a few words what is not there of a session; nothing if all of it is. */
export function missingWords({ isReady, missing }: Session): string {
  if (missing.length > 0) return `${isReady ? "without" : "lacks"} ${missing.join(", ")}`;
  return isReady ? "" : "not ready";
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
