/** The symbol and the date at the top of the page: another choice opens another stream. */
import { element, make } from "../../controls/elements.ts";
import { withValues } from "../../link/query.ts";
import { fetchSessions, missingWords, type Session } from "../../link/sessions.ts";
import type { RuntimeConfig } from "../../wire/messages.ts";

export class SessionPicker {
  readonly #symbols = element("pick-symbol", HTMLSelectElement);
  readonly #dates = element("pick-date", HTMLSelectElement);
  readonly #go: (search: string) => void;
  #sessions: readonly Session[] = [];
  #shown: Pick<RuntimeConfig, "productType" | "symbol" | "dt"> | null = null;

  constructor(go: (search: string) => void) {
    this.#go = go;
    this.#symbols.addEventListener("change", () => {
      const [productType, symbol] = this.#symbols.value.split("/");
      // The newest day of it that can be streamed.
      const days = this.#sessions.filter(
        (session) => session.productType === productType && session.symbol === symbol,
      );
      const ready = days.filter(({ isReady }) => isReady);
      this.#open((ready.length > 0 ? ready : days).reduce(later));
    });
    this.#dates.addEventListener("change", () => {
      const day = this.#days().find(({ dt }) => dt === this.#dates.value);
      if (day !== undefined) this.#open(day);
    });
  }

  /** Asks the server what there is; without an answer there is nothing to pick from. */
  async load(): Promise<void> {
    try {
      this.#sessions = await fetchSessions();
    } catch {
      this.#sessions = [];
    }
    this.#fill();
  }

  /** Shows which session is streamed, whether the server lists it or not. */
  show(config: RuntimeConfig): void {
    this.#shown = config;
    this.#fill();
  }

  #fill(): void {
    const shown = this.#shown;
    const symbols = new Map(
      [...this.#sessions, ...(shown === null ? [] : [shown])].map(({ productType, symbol }) => [
        `${productType}/${symbol}`,
        { productType, symbol },
      ]),
    );
    const isOneProduct = new Set([...symbols.values()].map(({ productType }) => productType)).size < 2;
    this.#symbols.replaceChildren(
      // Without a stream nothing is chosen yet.
      ...(shown === null ? [make("option", { value: "" }, "symbol…")] : []),
      ...[...symbols].map(([value, { productType, symbol }]) =>
        make("option", { value }, isOneProduct ? symbol : `${symbol} · ${productType}`),
      ),
    );
    this.#dates.disabled = shown === null;
    if (shown === null) return;
    this.#symbols.value = `${shown.productType}/${shown.symbol}`;
    const days = this.#days();
    const options = days.map((day) => {
      const words = missingWords(day);
      return make(
        "option",
        { value: day.dt, ...(day.isReady ? {} : { disabled: "" }) },
        words === "" ? day.dt : `${day.dt} · ${words}`,
      );
    });
    if (!days.some(({ dt }) => dt === shown.dt)) {
      options.unshift(make("option", { value: shown.dt }, shown.dt));
    }
    this.#dates.replaceChildren(...options);
    this.#dates.value = shown.dt;
  }

  /** The days of the symbol that is shown, newest first. */
  #days(): Session[] {
    const shown = this.#shown;
    return this.#sessions
      .filter(
        ({ productType, symbol }) =>
          productType === shown?.productType && symbol === shown.symbol,
      )
      .sort((one, next) => (one.dt < next.dt ? 1 : -1));
  }

  #open({ productType, symbol, dt }: Session): void {
    this.#go(
      withValues(location.search, { product_type: productType, symbol, dt, start_time: "", end_time: "" }),
    );
  }
}

function later(one: Session, next: Session): Session {
  return next.dt > one.dt ? next : one;
}
