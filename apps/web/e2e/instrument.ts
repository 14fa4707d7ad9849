/** The page as a person sees it: its texts, its colours, and how to wait for them. */
import { expect, type Locator, type Page } from "@playwright/test";

/** What is on the screen, row by row; a pixel is red, green, blue and opacity from its lowest byte. */
export interface Shot {
  readonly width: number;
  readonly pixels: Uint32Array;
}

export class Instrument {
  constructor(readonly page: Page) {}

  at(id: string): Locator {
    return this.page.locator(`#${id}`);
  }

  async text(id: string): Promise<string> {
    return (await this.at(id).textContent()) ?? "";
  }

  async count(id: string): Promise<number> {
    return Number((await this.text(id)).replaceAll(",", ""));
  }

  /** Waits until so many updates have come. It looks often: the session goes on meanwhile. */
  async updates(atLeast: number): Promise<void> {
    await expect.poll(() => this.count("updates"), { intervals: [100] }).toBeGreaterThanOrEqual(atLeast);
  }

  async state(words: string | RegExp): Promise<void> {
    await expect(this.at("state")).toHaveText(words);
  }

  /** Waits until the replay plays, whatever its source and speed. */
  async playing(): Promise<void> {
    await expect(this.at("state")).toHaveAttribute("data-kind", "live");
    await expect(this.at("state")).toHaveText(/^(REPLAY|SYNTHETIC) (max|[\d.]+×)$/);
  }

  banner(topic: string): Locator {
    return this.page.locator(`[data-topic="${topic}"]`);
  }

  /** Returns how many colours the heatmap has, and a fingerprint of what it shows. */
  async picture(): Promise<{ colours: number; fingerprint: number }> {
    const { pixels } = await this.shot();
    let fingerprint = 0;
    for (const pixel of pixels) fingerprint = (Math.imul(fingerprint, 31) + pixel) | 0;
    return { colours: new Set(pixels).size, fingerprint };
  }

  /** Returns the picture as it is on the screen, its lines included. */
  async shot(): Promise<Shot> {
    await this.drawn();
    const png = await this.at("picture").screenshot();
    const { width, base64 } = await this.page.evaluate(async (encoded) => {
      const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = canvas.getContext("2d");
      if (context === null) throw new Error("no canvas");
      context.drawImage(bitmap, 0, 0);
      const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
      let letters = "";
      // Not all at once: a call takes only so many arguments.
      for (let at = 0; at < data.length; at += 32_768) {
        letters += String.fromCharCode(...data.subarray(at, at + 32_768));
      }
      return { width: bitmap.width, base64: btoa(letters) };
    }, png.toString("base64"));
    const bytes = Uint8Array.from(Buffer.from(base64, "base64"));
    return { width, pixels: new Uint32Array(bytes.buffer) };
  }

  /** Waits until what was done is on the screen. */
  async drawn(): Promise<void> {
    await this.page.evaluate(
      () => new Promise<number>((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
  }

  /** Connects at once, unless the page has reconnected before the button can be pressed. */
  async reconnect(): Promise<void> {
    const button = this.banner("link").getByRole("button");
    await Promise.race([button.click(), this.playing()]);
    await this.playing();
  }

  /** Pauses the replay, unless it has ended by then, and waits until nothing moves any more. */
  async pauseOrEnd(): Promise<void> {
    await Promise.race([this.at("play").click(), this.state("ENDED")]);
    await this.state(/^(PAUSED|ENDED)$/);
    await this.rest();
  }

  /** Pauses the replay and waits until nothing moves any more. */
  async pause(): Promise<void> {
    await this.at("play").click();
    await this.state("PAUSED");
    await expect(this.at("play")).toHaveText("Play");
    await this.rest();
  }

  /** Waits until no update is under way any more: some may arrive after the news of a pause. */
  async rest(): Promise<void> {
    let [before, times] = [NaN, 0];
    while (times < 4) {
      await this.drawn();
      const now = await this.count("updates");
      times = now === before ? times + 1 : 0;
      before = now;
      await this.page.waitForTimeout(250);
    }
  }
}

/** Writes a price as the page should, from its integer alone. */
export function price(int: number | bigint): string {
  const cents = BigInt(int) / 10_000_000n;
  const whole = (cents / 100n).toLocaleString("en-US");
  return `${whole}.${(cents % 100n).toString().padStart(2, "0")}`;
}

/** Returns the pixels of a shot from the top down, at that many pixels from its left. */
export function columnOf({ width, pixels }: Shot, x: number): number[] {
  return Array.from({ length: pixels.length / width }, (_, y) => pixels[y * width + x] ?? 0);
}

/** Returns whether a pixel has about the colour `#rrggbb`. */
export function isLike(pixel: number, hex: string): boolean {
  const wanted = Number.parseInt(hex.slice(1), 16);
  return [0, 8, 16].every((shift) => Math.abs(((pixel >> shift) & 255) - ((wanted >> (16 - shift)) & 255)) < 48);
}
