/** The top bar and the foot: where the replay is and how it goes. */
import { element, setText } from "./elements.ts";
import { easternInstant } from "../market/eastern.ts";
import { formatPrice } from "../market/price.ts";
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
  #phase: Phase = "live";
  #phaseWords = "live";
  #link: LinkState = { kind: "connecting", attempt: 1 };

  setConfig(config: RuntimeConfig): void {
    setText(element("symbol", HTMLElement), config.symbol);
    const tick = formatPrice(config.tickInt, config.priceDecimals);
    setText(
      element("product", HTMLElement),
      `${config.dt} · ${config.source} · tick ${tick} · ×${config.contractMultiplier} ${config.qtyUnit}`,
    );
    element("product", HTMLElement).title =
      `${config.productType}, config ${config.configVersion}`;
    document.title = `${config.symbol} ${config.dt} · Spymaster`;
  }

  /** Shows where the newest update stands. */
  setMoment(tsNs: bigint, spot: bigint | null, decimals: number, counters: Counters): void {
    setText(this.#spot, spot === null ? "—" : formatPrice(spot, decimals));
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
    const progress = status.progress === null ? "" : ` ${(status.progress * 100).toFixed(0)} %`;
    this.#phase = status.phase;
    this.#phaseWords = status.phase === "fast_forward" ? `fast forward${progress}` : status.phase;
    this.#showState();
  }

  setLink(link: LinkState): void {
    this.#link = link;
    this.#showState();
  }

  #showState(): void {
    const { kind } = this.#link;
    const isOpen = kind === "open";
    this.#state.dataset["kind"] = isOpen ? this.#phase : kind;
    setText(this.#state, isOpen ? this.#phaseWords : LINK_WORDS[kind]);
  }
}

const LINK_WORDS: Readonly<Record<LinkState["kind"], string>> = {
  connecting: "connecting",
  open: "live",
  stale: "stale",
  waiting: "reconnecting",
  ended: "ended",
  refused: "refused",
  incompatible: "incompatible",
};

function alarm(reading: HTMLElement, isAlarming: boolean): void {
  const cell = reading.parentElement;
  if (cell) cell.dataset["alarm"] = String(isAlarming);
}
