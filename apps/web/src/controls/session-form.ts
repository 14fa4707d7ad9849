/**
 * The form for what the query string leaves open. It is filled from what the server offers and
 * from what it streams unless told otherwise, and it ends in a new query string.
 */
import { element, make } from "./elements.ts";
import { withValues } from "../link/query.ts";
import { fetchSessions, missingWords, type Session } from "../link/sessions.ts";
import type { RuntimeConfig } from "../wire/messages.ts";

const INPUTS = [
  { name: "product_type", label: "Product type", hint: "future_mbo", required: true },
  { name: "symbol", label: "Symbol", hint: "MNQH6", required: true },
  { name: "dt", label: "Date", hint: "YYYY-MM-DD", required: true },
  { name: "start_time", label: "Start time (ET)", hint: "09:30", required: false },
  { name: "speed", label: "Speed", hint: "1", required: false },
] as const;

type Name = (typeof INPUTS)[number]["name"];

export class SessionForm {
  readonly #dialog = element("session-form", HTMLDialogElement);
  readonly #inputs = new Map<Name, HTMLInputElement>();
  readonly #sessions = make("select", { id: "session-choice" });
  readonly #fault = make("p", { class: "fault", role: "alert" });
  readonly #search: string;
  /** Whether the stream wants to be told where its session comes from. */
  readonly #asksSource: boolean;
  #entries: readonly Session[] = [];
  #source = "";

  constructor(search: string, asksSource: boolean, go: (search: string) => void) {
    this.#search = search;
    this.#asksSource = asksSource;
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
      make("div", { class: "actions" }, cancel, make("button", { class: "primary" }, "Open")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      go(this.query());
    });
    this.#sessions.addEventListener("change", () => this.#choose());
    this.#dialog.append(
      make("h2", { id: "session-title" }, "Which session?"),
      make("p", {}, "What this server can replay, or any session that it knows how to find."),
      form,
    );
  }

  /** Opens the form and asks the server what there is. */
  async open(): Promise<void> {
    if (!this.#dialog.open) this.#dialog.showModal();
    try {
      this.#entries = await fetchSessions();
      this.#fault.textContent = "";
    } catch {
      this.#fault.textContent = "The server does not say what it can stream. Is it running?";
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

  /** Fills what is empty with what the server streams by itself. */
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
    const values = Object.fromEntries(
      [...this.#inputs].map(([name, input]) => [name, input.value.trim()]),
    );
    return withValues(this.#search, {
      ...values,
      ...(this.#asksSource ? { source: this.#source } : {}),
    });
  }

  #choose(): void {
    const entry = this.#entries[Number(this.#sessions.value)];
    if (this.#sessions.value === "" || entry === undefined) return;
    const values: Readonly<Partial<Record<Name, string>>> = {
      product_type: entry.productType,
      symbol: entry.symbol,
      dt: entry.dt,
    };
    for (const [name, input] of this.#inputs) input.value = values[name] ?? input.value;
    this.#source = entry.source;
  }
}
