/**
 * The form that chooses a session. It is filled from what the server offers and from what it
 * streams now, and it ends in a new query string.
 */
import { element, make } from "./elements.ts";
import { dateOf, symbolOf, timeOf } from "../link/entry.ts";
import { withValues } from "../link/query.ts";
import { contractsOf, fetchSessions, missingWords, type Session } from "../link/sessions.ts";
import type { RuntimeConfig } from "../wire/messages.ts";

const INPUTS = [
  { name: "product_type", label: "Product type", hint: "future_mbo", required: true },
  { name: "symbol", label: "Symbol", hint: "MNQH6", required: true },
  { name: "dt", label: "Date", hint: "YYYY-MM-DD", required: true },
  { name: "start_time", label: "Start time (ET)", hint: "09:30", required: false },
  { name: "speed", label: "Speed", hint: "1", required: false },
] as const;

type Name = (typeof INPUTS)[number]["name"];

/** How each entry is written before it is sent. */
const FORMS: Readonly<Record<Name, (text: string) => string>> = {
  product_type: (text) => text.trim().toLowerCase(),
  symbol: symbolOf,
  dt: dateOf,
  start_time: timeOf,
  speed: (text) => text.trim(),
};

export class SessionForm {
  readonly #dialog = element("session-form", HTMLDialogElement);
  readonly #inputs = new Map<Name, HTMLInputElement>();
  readonly #sessions = make("select", { id: "session-choice" });
  readonly #fault = make("p", { class: "fault", role: "alert" });
  readonly #contracts = make("div", { class: "contracts", role: "group", "aria-label": "Contracts" });
  readonly #search: string;
  readonly #go: (search: string) => void;
  /** Whether the stream takes the parameter `source`. */
  readonly #asksSource: boolean;
  #entries: readonly Session[] = [];
  #source = "";

  constructor(search: string, asksSource: boolean, go: (search: string) => void) {
    this.#search = search;
    this.#asksSource = asksSource;
    this.#go = go;
    const form = make("form", { method: "dialog" });
    form.append(make("label", { for: "session-choice" }, "Session"), this.#sessions);
    const query = new URLSearchParams(search);
    this.#source = query.get("source") ?? "";
    for (const { name, label, hint, required } of INPUTS) {
      const input = make("input", {
        id: `session-${name}`,
        name,
        placeholder: hint,
        autocomplete: "off",
        ...(required ? { required: "" } : {}),
      });
      input.value = query.get(name) ?? "";
      this.#inputs.set(name, input);
      form.append(make("label", { for: input.id }, label), input);
    }
    const cancel = make("button", { type: "button" }, "Cancel");
    cancel.addEventListener("click", () => this.#dialog.close());
    form.append(
      this.#fault,
      this.#contracts,
      make("div", { class: "actions" }, cancel, make("button", { class: "primary" }, "Open")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#sessions.addEventListener("change", () => {
      const entry = this.#entries[Number(this.#sessions.value)];
      if (this.#sessions.value !== "" && entry !== undefined) this.#choose(entry);
    });
    this.#dialog.append(
      make("h2", { id: "session-title" }, "Which session?"),
      make("p", {}, "Choose a session of this server, or name one."),
      form,
    );
  }

  /** Opens the form and asks the server what there is. */
  async open(): Promise<void> {
    this.#offer([]);
    if (!this.#dialog.open) this.#dialog.showModal();
    try {
      this.#entries = await fetchSessions();
      this.#fault.textContent = "";
    } catch {
      this.#fault.textContent = "The server does not list its sessions. Is it running?";
    }
    this.#sessions.replaceChildren(
      make("option", { value: "" }, this.#entries.length === 0 ? "none listed" : "choose…"),
      ...this.#entries.map((session, index) => {
        const { symbol, dt, productType, source, isReady } = session;
        const words = [symbol, dt, productType, source, missingWords(session)];
        return make(
          "option",
          { value: String(index), ...(isReady ? {} : { disabled: "" }) },
          words.filter((word) => word !== "").join(" · "),
        );
      }),
    );
  }

  /** Fills what is empty with what the server streams now. */
  setDefaults(config: RuntimeConfig): void {
    this.#source ||= config.source;
    const defaults: Readonly<Record<Name, string>> = {
      product_type: config.productType,
      symbol: config.symbol,
      dt: config.dt,
      start_time: config.startTime ?? "",
      speed: String(config.speed),
    };
    for (const [name, input] of this.#inputs) {
      if (input.value === "") input.value = defaults[name];
    }
  }

  query(): string {
    const values = Object.fromEntries([...this.#inputs.keys()].map((name) => [name, this.#value(name)]));
    return withValues(this.#search, {
      ...values,
      ...(this.#asksSource ? { source: this.#source } : {}),
    });
  }

  /** Opens the session, or offers the contracts of a root. */
  #submit(): void {
    const isFuture = !this.#value("product_type").startsWith("equity");
    const symbol = this.#value("symbol");
    const contracts = isFuture ? contractsOf(this.#entries, symbol, this.#value("dt")) : [];
    this.#offer(contracts);
    if (contracts.length > 0) {
      this.#fault.textContent = `${symbol} names no single contract. Choose one:`;
    } else if (symbol.endsWith(".FUT")) {
      this.#fault.textContent = `This server lists no contract of ${symbol}.`;
    } else {
      this.#go(this.query());
    }
  }

  /** Shows a button for each contract, which opens it. */
  #offer(contracts: readonly Session[]): void {
    this.#contracts.replaceChildren(
      ...contracts.map((session) => {
        const words = [session.symbol, session.dt, missingWords(session)];
        const button = make("button", { type: "button" }, words.filter((word) => word !== "").join(" · "));
        button.disabled = !session.isReady;
        button.addEventListener("click", () => {
          this.#choose(session);
          this.#go(this.query());
        });
        return button;
      }),
    );
    this.#contracts.hidden = contracts.length === 0;
  }

  #choose(entry: Session): void {
    const values: Readonly<Partial<Record<Name, string>>> = {
      product_type: entry.productType,
      symbol: entry.symbol,
      dt: entry.dt,
    };
    for (const [name, input] of this.#inputs) input.value = values[name] ?? input.value;
    this.#source = entry.source;
  }

  #value(name: Name): string {
    return FORMS[name](this.#inputs.get(name)?.value ?? "");
  }
}
