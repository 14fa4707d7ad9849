/** The controls of a replay: pause, restart, speed, seek. They ask; the desk and the server decide. */
import { element, make, setText } from "./elements.ts";
import { speedWords } from "./state-words.ts";
import { timeOf } from "../link/entry.ts";
import type { ClientMessage, Phase, RuntimeConfig } from "../wire/messages.ts";

const SPEEDS = [0.25, 0.5, 1, 2, 5, 10, 20, 50, 0] as const;

const TIME = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/;

export class TransportControls {
  readonly #play = element("play", HTMLButtonElement);
  readonly #restart = element("restart", HTMLButtonElement);
  readonly #speed = element("speed", HTMLSelectElement);
  readonly #seek = element("seek", HTMLFormElement);
  readonly #time = element("seek-time", HTMLInputElement);
  readonly #go = this.#seek.querySelector("button");
  readonly #send: (message: ClientMessage) => void;
  #isPaused = false;
  #isEnabled = false;

  constructor(send: (message: ClientMessage) => void) {
    this.#send = send;
    for (const speed of SPEEDS) this.#offer(speed);
    this.#play.addEventListener("click", () => this.togglePause());
    this.#restart.addEventListener("click", () => this.restart());
    this.#speed.addEventListener("change", () =>
      this.#ask({ type: "speed", value: Number(this.#speed.value) }),
    );
    this.#time.addEventListener("input", () => this.#time.setCustomValidity(""));
    this.#seek.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#seekTo(timeOf(this.#time.value));
    });
    this.enable(false);
  }

  togglePause(): void {
    this.#ask({ type: this.#isPaused ? "resume" : "pause" });
  }

  restart(): void {
    this.#ask({ type: "restart" });
  }

  focusSeek(): void {
    this.#time.focus();
    this.#time.select();
  }

  /** A shared replay cannot be controlled, and neither can one that is not connected. */
  enable(isEnabled: boolean, reason = ""): void {
    this.#isEnabled = isEnabled;
    for (const control of [this.#play, this.#restart, this.#speed, this.#time, this.#go]) {
      if (control === null) continue;
      control.disabled = !isEnabled;
      control.title = reason;
    }
  }

  setConfig(config: RuntimeConfig): void {
    if (![...this.#speed.options].some(({ value }) => Number(value) === config.speed)) {
      this.#offer(config.speed);
    }
    this.#speed.value = String(config.speed);
  }

  setPhase(phase: Phase): void {
    this.#isPaused = phase === "paused" || phase === "ended";
    setText(this.#play, this.#isPaused ? "Play" : "Pause");
  }

  #offer(speed: number): void {
    this.#speed.append(make("option", { value: String(speed) }, speedWords(speed)));
  }

  #seekTo(time: string): void {
    if (TIME.test(time)) {
      this.#ask({ type: "seek", start_time: time });
      this.#time.blur();
    } else {
      this.#time.setCustomValidity("Enter a time of day, such as 10:15 or 10:15:30");
      this.#time.reportValidity();
    }
  }

  #ask(message: ClientMessage): void {
    if (this.#isEnabled) this.#send(message);
  }
}
