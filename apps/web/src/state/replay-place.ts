/**
 * Where the page is in its replay, and how it gets there again: after a lost connection, after the
 * end of the input, and after a seek to a time without data.
 *
 * A replay ends with its connection. The page then asks for another one that starts at the time
 * that it had reached, with the speed that it had, and pauses it where it was paused.
 */
import { easternClock, secondsOf } from "../market/eastern.ts";
import { firstInstant, windowOf, windowWords } from "../market/window.ts";
import type { ClientMessage, Phase, RuntimeConfig } from "../wire/messages.ts";

/** Parameters of a query; an empty value takes the parameter out. */
export type Values = Readonly<Record<string, string>>;

/** What becomes of a wish to seek. */
export type SeekPlan =
  | { readonly kind: "send"; readonly message: ClientMessage }
  /** The replay is over: another one starts at that time. */
  | { readonly kind: "connect" }
  | { readonly kind: "refuse"; readonly reason: string };

/** What the end of the input means. */
export type Ending =
  | { readonly kind: "ended" }
  /** A seek found no data: the page goes back to where it was. */
  | { readonly kind: "return"; readonly reason: string }
  /** The same, where the input had already ended before the seek. */
  | { readonly kind: "stay"; readonly reason: string };

/** What to do with an update. */
export interface Arrival {
  readonly isShown: boolean;
  /** What to tell the user of a seek that landed elsewhere. */
  readonly remark: string | null;
}

interface Seek {
  readonly clock: string;
  readonly seconds: number | null;
  readonly isAfterEnd: boolean;
  /** Whether updates belong to it: the config that follows it has come. */
  isBegun: boolean;
}

/** How much a new replay may repeat of what is shown: it starts on a whole second. */
const REPEATED_S = 2;

/** A seek that lands later than this says so. */
const LATE_S = 60;

export class ReplayPlace {
  #config: RuntimeConfig | null = null;
  #tsNs: bigint | null = null;
  #speed = 1;
  #isPaused = false;
  #isEnded = false;
  /** Whether the connection starts at the place instead of where the query says. */
  #isMoved = false;
  #seek: Seek | null = null;
  /** What is still to do on the new connection to be where the old one was. */
  #recovery: "none" | "connecting" | "seeking" = "none";
  #skipsRepeated = false;
  /** When the data of the session begins, and from when on it has none; `null` before that was asked. */
  #firstS: number | null = null;
  #emptyFromS = Infinity;

  get speed(): number {
    return this.#speed;
  }

  /** Whether a seek needs to know when the data begins. */
  get wantsFirst(): boolean {
    return this.#firstS === null && this.#window() !== null;
  }

  /** Whether the replay can be had again at its place: a shared or a live one cannot. */
  get isKept(): boolean {
    const config = this.#config;
    return config !== null && this.#tsNs !== null && !config.shared && config.source !== "live";
  }

  /** Whether a restart needs a new connection: it would begin at the place, or there is no replay. */
  get isRestartedAnew(): boolean {
    return this.#isMoved || this.#isEnded;
  }

  /** Takes the instant of the session's first data; `null` where it could not be found out. */
  takeFirst(tsNs: bigint | null): void {
    this.#firstS = tsNs === null ? -Infinity : secondsOf(tsNs);
  }

  /** Takes a config, and returns what to send so that the replay is as it was. */
  takeConfig(config: RuntimeConfig): ClientMessage[] {
    const before = this.#config;
    if (before !== null && (before.symbol !== config.symbol || before.dt !== config.dt)) {
      this.#tsNs = null;
      this.#firstS = null;
      this.#emptyFromS = Infinity;
    }
    this.#config = config;
    this.#isEnded = false;
    if (this.#seek !== null) this.#seek.isBegun = true;
    if (this.#recovery !== "connecting") {
      this.#recovery = "none";
      this.#speed = config.speed;
      return [];
    }
    this.#recovery = this.#isPaused ? "seeking" : "none";
    if (!this.#isPaused) return [];
    const place = this.#seek === null && this.#isMoved ? this.#clock() : null;
    return [
      { type: "pause" },
      { type: "speed", value: this.#speed },
      place === null ? { type: "restart" } : { type: "seek", start_time: place },
    ];
  }

  /** Takes the time of an update, and says whether it is new. */
  takeUpdate(tsNs: bigint): Arrival {
    if (this.#recovery === "seeking") return { isShown: false, remark: null };
    const last = this.#tsNs;
    if (this.#skipsRepeated && last !== null) {
      const isRepeated = tsNs <= last && secondsOf(last - tsNs) < REPEATED_S;
      if (isRepeated) return { isShown: false, remark: null };
    }
    this.#skipsRepeated = false;
    this.#tsNs = tsNs;
    const seek = this.#seek;
    if (seek?.isBegun !== true) return { isShown: true, remark: null };
    this.#seek = null;
    const landed = secondsOf(tsNs);
    const isLate = seek.seconds !== null && landed - seek.seconds > LATE_S;
    const remark = `There is no data at ${seek.clock} ET. The next data is at ${easternClock(landed)}.`;
    return { isShown: true, remark: isLate ? remark : null };
  }

  takePhase(phase: Phase): void {
    if (this.#recovery !== "none") return;
    if (phase === "paused") this.#isPaused = true;
    else if (phase === "live") this.#isPaused = false;
  }

  /** Takes note of what the user asked for. */
  asked(message: ClientMessage): void {
    if (message.type === "speed") this.#speed = message.value;
  }

  /** The server refused what it was last asked for. */
  refused(): void {
    if (this.#seek?.isBegun === false) this.#seek = null;
    if (this.#recovery === "seeking") this.#recovery = "none";
  }

  /** Plans a seek to a time of day, `HH:MM` or `HH:MM:SS`. */
  seek(clock: string): SeekPlan {
    const window = this.#window();
    const seconds = window === null ? null : firstInstant(window, clock);
    if (window !== null && seconds === null) {
      return refusal(`${clock} is outside the session, which runs from ${windowWords(window)}.`);
    }
    if (seconds !== null && this.#firstS !== null && seconds < Math.floor(this.#firstS)) {
      return refusal(`There is no data at ${clock} ET. The data begins at ${easternClock(this.#firstS)}.`);
    }
    if (seconds !== null && seconds >= this.#emptyFromS) return refusal(nothingAfter(clock));
    this.#seek = { clock, seconds, isAfterEnd: this.#isEnded, isBegun: false };
    if (this.#isEnded) return { kind: "connect" };
    return { kind: "send", message: { type: "seek", start_time: clock } };
  }

  /** The input has ended. */
  ended(): Ending {
    const seek = this.#seek;
    this.#seek = null;
    this.#isEnded = true;
    if (seek?.isBegun !== true) {
      this.#isPaused = false;
      if (this.#tsNs !== null) this.#emptyFromS = Math.floor(secondsOf(this.#tsNs)) + 1;
      return { kind: "ended" };
    }
    if (seek.seconds !== null) this.#emptyFromS = Math.min(this.#emptyFromS, seek.seconds);
    const reason = nothingAfter(seek.clock);
    return { kind: seek.isAfterEnd ? "stay" : "return", reason };
  }

  /** Returns what to ask for so that a new connection goes on at the place. */
  returning(): Values {
    this.#recovery = "connecting";
    this.#isMoved = true;
    this.#skipsRepeated = this.#seek === null;
    const start = this.#seek?.clock ?? this.#clock() ?? "";
    return { ...this.#session(), start_time: start, speed: this.#speedNow() };
  }

  /** Returns what to ask for so that a new connection begins where the query says. */
  beginning(): Values {
    this.#recovery = "connecting";
    this.#isMoved = false;
    this.#skipsRepeated = false;
    this.#seek = null;
    return { speed: this.#speedNow() };
  }

  /** Returns what to ask for to be sent the first data of the session; `null` if that is not known. */
  probe(): Values | null {
    const window = this.#window();
    if (window === null) return null;
    return { ...this.#session(), start_time: easternClock(window.start) };
  }

  #window(): ReturnType<typeof windowOf> {
    return this.#config === null ? null : windowOf(this.#config.productType, this.#config.dt);
  }

  #session(): Values {
    const config = this.#config;
    if (config === null) return {};
    const { productType, symbol, dt, source } = config;
    return { product_type: productType, symbol, dt, source };
  }

  /** A replay that is to be paused must not run away before it is. */
  #speedNow(): string {
    return String(this.#isPaused ? 1 : this.#speed);
  }

  #clock(): string | null {
    return this.#tsNs === null ? null : easternClock(secondsOf(this.#tsNs));
  }
}

function refusal(reason: string): SeekPlan {
  return { kind: "refuse", reason };
}

function nothingAfter(clock: string): string {
  return `There is no data at or after ${clock} ET.`;
}
