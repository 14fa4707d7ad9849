/** The keyboard: one table of what each key does, which is also what the help shows. */
import { element, make } from "./elements.ts";

export interface Shortcut {
  /** The values of `KeyboardEvent.key` that it answers to; letters in lower case. */
  readonly keys: readonly string[];
  readonly withShift?: boolean;
  readonly shown: readonly string[];
  readonly does: string;
  readonly run: (key: string) => void;
}

/** What the pointer does, for the help. */
const POINTER: readonly (readonly [string, string])[] = [
  ["Wheel", "zoom price at the cursor"],
  ["Shift + wheel", "zoom time"],
  ["Ctrl or ⌘ + wheel", "zoom both"],
  ["Drag", "pan"],
  ["Double click", "follow again"],
];

/** Listens on the whole page, but for keys that an input or a button wants itself. */
export function listenToKeys(shortcuts: readonly Shortcut[]): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTaken(event)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const hit = shortcuts.find(
      ({ keys, withShift }) =>
        keys.includes(key) && (withShift === undefined || withShift === event.shiftKey),
    );
    if (hit === undefined) return;
    event.preventDefault();
    hit.run(key);
  });
}

/** Fills the dialog with the table; it is opened by its button and by `?`. */
export function helpDialog(shortcuts: readonly Shortcut[]): HTMLDialogElement {
  const dialog = element("help-panel", HTMLDialogElement);
  const body = make("tbody");
  for (const { shown, does } of shortcuts) {
    const keys = shown.flatMap((key, index) => [...(index > 0 ? [" "] : []), make("kbd", {}, key)]);
    body.append(make("tr", {}, make("td", {}, ...keys), make("td", {}, does)));
  }
  for (const [gesture, does] of POINTER) {
    body.append(make("tr", {}, make("td", {}, gesture), make("td", {}, does)));
  }
  const close = make("button", { value: "close" }, "Close");
  dialog.append(
    make("h2", { id: "help-title" }, "Keyboard and pointer"),
    make("table", {}, body),
    make("form", { method: "dialog" }, make("div", { class: "actions" }, close)),
  );
  return dialog;
}

function isTaken(event: KeyboardEvent): boolean {
  const { target } = event;
  if (document.querySelector("dialog[open]") !== null) return true;
  if (target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement) return true;
  if (target instanceof HTMLInputElement) return target.type !== "checkbox" || event.key === " ";
  return target instanceof HTMLButtonElement && (event.key === " " || event.key === "Enter");
}
