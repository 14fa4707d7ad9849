/** The page as a person sees it: its texts, its colours, and how to wait for them. */
import { expect, type Locator, type Page } from "@playwright/test";

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

  /** Waits until so many updates have come. */
  async updates(atLeast: number): Promise<void> {
    await expect.poll(() => this.count("updates"), { timeout: 30_000 }).toBeGreaterThanOrEqual(atLeast);
  }

  async state(words: string | RegExp): Promise<void> {
    await expect(this.at("state")).toHaveText(words);
  }

  banner(topic: string): Locator {
    return this.page.locator(`[data-topic="${topic}"]`);
  }

  /** Returns how many colours the heatmap has, and a fingerprint of what it shows. */
  async picture(): Promise<{ colours: number; fingerprint: number }> {
    const shot = await this.at("picture").screenshot();
    return this.page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = canvas.getContext("2d");
      if (context === null) throw new Error("no canvas");
      context.drawImage(bitmap, 0, 0);
      const pixels = new Uint32Array(
        context.getImageData(0, 0, bitmap.width, bitmap.height).data.buffer,
      );
      let fingerprint = 0;
      for (const pixel of pixels) fingerprint = (Math.imul(fingerprint, 31) + pixel) | 0;
      return { colours: new Set(pixels).size, fingerprint };
    }, shot.toString("base64"));
  }

  /** Waits until what was done is on the screen. */
  async drawn(): Promise<void> {
    await this.page.evaluate(
      () => new Promise<number>((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
  }

  /** Pauses the replay and waits until nothing moves any more. */
  async pause(): Promise<void> {
    await this.at("play").click();
    await this.state("paused");
    await expect(this.at("play")).toHaveText("Play");
    // A grid that was under way arrives with the news.
    await this.page.waitForTimeout(500);
  }
}

/** Writes a price as the page should, from its integer alone. */
export function price(int: number | bigint): string {
  const cents = BigInt(int) / 10_000_000n;
  const whole = (cents / 100n).toLocaleString("en-US");
  return `${whole}.${(cents % 100n).toString().padStart(2, "0")}`;
}
