/** Messages across the page, one of each kind at a time. Screen readers hear them as alerts. */
import { element, make } from "./elements.ts";

export type Level = "error" | "warning" | "note";

export interface Banner {
  readonly level: Level;
  readonly title: string;
  /** The code of an error, as the server names it. */
  readonly code?: string;
  readonly text: string;
  readonly hint?: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

/** What a banner is about. A later one about the same thing replaces it. */
export type Topic = "server" | "link" | "frame" | "book" | "graphics" | "seek" | "session" | "rows";

export class Banners {
  readonly #list = element("banners", HTMLDivElement);
  readonly #shown = new Map<Topic, { readonly node: HTMLElement; readonly words: string }>();

  show(topic: Topic, banner: Banner): void {
    const words = `${banner.level} ${banner.title} ${banner.code ?? ""} ${banner.text} ${banner.hint ?? ""}`;
    if (this.#shown.get(topic)?.words === words) return;
    const node = make(
      "div",
      { class: "banner", "data-level": banner.level, "data-topic": topic },
      make("b", {}, banner.title),
      ...(banner.code === undefined ? [] : [make("code", {}, banner.code)]),
      make("span", {}, banner.text),
    );
    if (banner.hint) node.append(make("span", { class: "hint" }, banner.hint));
    const { action } = banner;
    if (action) {
      const button = make("button", { type: "button" }, action.label);
      button.addEventListener("click", action.run);
      node.append(button);
    }
    const before = this.#shown.get(topic)?.node;
    if (before) before.replaceWith(node);
    else this.#list.append(node);
    this.#shown.set(topic, { node, words });
  }

  clear(topic: Topic): void {
    this.#shown.get(topic)?.node.remove();
    this.#shown.delete(topic);
  }
}
