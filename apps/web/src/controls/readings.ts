/** The top bar and the foot: where the replay is and how it goes. */
import { element, setText } from "./elements.ts";
import { stateWords } from "./state-words.ts";
import { axisWidth } from "../draw/axis.ts";
import { easternInstant } from "../market/eastern.ts";
import { formatPrice, formatWorth } from "../market/price.ts";
import type { LinkState } from "../link/connection.ts";
import type { Counters } from "../state/counters.ts";
import type { Phase, RuntimeConfig, Status } from "../wire/messages.ts";

/** A replay that lags by more than this is marked. */
const ALARMING_LAG_MS = 250;

export class Readings {
  readonly #spot = element("spot", HTMLElement);
  readonly #time = element("time", HTMLElement);
  readonly #updates = element("updates", HTMLElement);
  readonly #missed = element("missed", HTMLElement);
  readonly #lag = element("lag", HTMLElement);
  readonly #state = element("state", HTMLOutputElement);
  readonly #notice = element("notice", HTMLElement);
  readonly #anomalies = element("anomalies", HTMLElement);
  /** Letters of the longest price so far. */
  #longest = 0;
  #phase: Phase = "live";
  #progress: number | null = null;
  #speed = 1;
  #source: string | null = null;
  #link: LinkState = { kind: "connecting", attempt: 1 };

  setConfig(config: RuntimeConfig): void {
    setText(element("symbol", HTMLElement), config.symbol);
    const worth = formatWorth(config.tickInt, config.priceDecimals, config.contractMultiplier, config.qtyUnit);
    setText(element("product", HTMLElement), `${config.dt} · ${worth}`);
    this.#source = config.source;
    this.setSpeed(config.speed);
    element("product", HTMLElement).title =
      `${config.productType}, config ${config.configVersion}`;
    document.title = `${config.symbol} ${config.dt} · Spymaster`;
  }

  /** Shows where the newest update stands. */
  setMoment(tsNs: bigint, spot: bigint | null, decimals: number, counters: Counters): void {
    const price = spot === null ? "—" : formatPrice(spot, decimals);
    setText(this.#spot, price);
    if (price.length > this.#longest) {
      this.#longest = price.length;
      document.documentElement.style.setProperty("--axis", `${axisWidth(price.length)}px`);
    }
    setText(this.#time, easternInstant(tsNs));
    setText(this.#updates, counters.updates.toLocaleString("en-US"));
    setText(this.#missed, counters.missed.toLocaleString("en-US"));
    alarm(this.#missed, counters.missed > 0n);
  }

  setStatus(status: Status): void {
    const { behindMs } = status;
    setText(this.#lag, behindMs < 1000 ? `${behindMs.toFixed(0)} ms` : `${(behindMs / 1000).toFixed(1)} s`);
    alarm(this.#lag, behindMs > ALARMING_LAG_MS);
    const conflated = status.conflatedTotal.toLocaleString("en-US");
    this.#missed.title = `${conflated} replaced by newer ones, as this page was too slow to take them`;
    setText(this.#notice, status.notice ?? "");
    const kinds = [...status.anomalies].filter(([, count]) => count > 0n);
    setText(
      this.#anomalies,
      kinds.length === 0
        ? "no anomalies"
        : `anomalies: ${kinds.map(([kind, count]) => `${kind.replaceAll("_", " ")} ${count.toLocaleString("en-US")}`).join(", ")}`,
    );
    this.#progress = status.progress;
    this.#phase = status.phase;
    this.#showState();
  }

  setLink(link: LinkState): void {
    this.#link = link;
    this.#showState();
  }

  /** Takes the speed that the replay was asked to run at. */
  setSpeed(speed: number): void {
    this.#speed = speed;
    this.#showState();
  }

  #showState(): void {
    const link = this.#link.kind;
    this.#state.dataset["kind"] = link === "open" ? this.#phase : link;
    const [phase, progress, speed, source] = [this.#phase, this.#progress, this.#speed, this.#source];
    setText(this.#state, stateWords({ link, phase, progress, speed, source }));
  }
}

function alarm(reading: HTMLElement, isAlarming: boolean): void {
  const cell = reading.parentElement;
  if (cell) cell.dataset["alarm"] = String(isAlarming);
}
