/** What is cut off, hidden or written over on a page: measured, not judged by eye. */
import type { Page } from "@playwright/test";

/** The sizes that every page must fit: a laptop, a large screen at 200 %, a phone held upright. */
export const SIZES = [
  { name: "1280×720", width: 1280, height: 720, scale: 1 },
  { name: "1920×1080 at 200 %", width: 960, height: 540, scale: 2 },
  { name: "390×844", width: 390, height: 844, scale: 1 },
] as const;

/** Returns a sentence for everything that is wrong with what is visible; of an open dialog alone. */
export function faultsOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const SLACK_PX = 1;
    const faults: string[] = [];
    const root: ParentNode = document.querySelector("dialog[open]") ?? document;
    const [width, height] = [window.innerWidth, window.innerHeight];

    interface Thing {
      readonly node: Element;
      readonly name: string;
      readonly box: DOMRect;
    }

    const isVisible = (node: Element): boolean =>
      node.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
      (root !== document || node.closest("dialog") === null) &&
      // Read out, but not shown.
      node.closest(".unseen") === null;

    const nameOf = (node: Element): string =>
      `${node.tagName.toLowerCase()}${node.id === "" ? "" : `#${node.id}`}${node.className ? `.${String(node.className)}` : ""}`;

    const controls: Thing[] = [...root.querySelectorAll("button, select, input, canvas")]
      .filter(isVisible)
      .map((node) => ({ node, name: nameOf(node), box: node.getBoundingClientRect() }));

    const texts: Thing[] = [];
    const walker = document.createTreeWalker(root === document ? document.body : (root as Element), NodeFilter.SHOW_TEXT);
    for (let text = walker.nextNode(); text !== null; text = walker.nextNode()) {
      const parent = text.parentElement;
      const words = text.textContent?.trim() ?? "";
      if (parent === null || words === "" || !isVisible(parent)) continue;
      if (parent.closest("option, select, script, style") !== null) continue;
      if (getComputedStyle(parent).fontSize === "0px") continue;
      const range = document.createRange();
      range.selectNodeContents(text);
      for (const box of range.getClientRects()) {
        if (box.width > 0) texts.push({ node: parent, name: `“${words}” in ${nameOf(parent)}`, box });
      }
    }

    for (const { name, box } of [...controls, ...texts]) {
      if (box.width === 0 || box.height === 0) continue;
      const isInside =
        box.left >= -SLACK_PX && box.top >= -SLACK_PX && box.right <= width + SLACK_PX && box.bottom <= height + SLACK_PX;
      if (!isInside) faults.push(`${name} is off the screen: ${JSON.stringify(box)}`);
    }

    // What an ancestor cuts off.
    for (const { node, name, box } of [...controls, ...texts]) {
      for (let around: Element | null = node; around !== null; around = around.parentElement) {
        const style = getComputedStyle(around);
        const clips = style.overflowX !== "visible" || /paint|strict|content/.test(style.contain);
        if (!clips || around === document.body || around === document.documentElement) continue;
        const edge = around.getBoundingClientRect();
        const isCut =
          box.left < edge.left - SLACK_PX || box.right > edge.right + SLACK_PX ||
          box.top < edge.top - SLACK_PX || box.bottom > edge.bottom + SLACK_PX;
        if (isCut) faults.push(`${name} is cut off by ${nameOf(around)}`);
      }
    }

    // A select cuts its text off without a trace; its arrow takes about 20 pixels.
    const pen = document.createElement("canvas").getContext("2d");
    for (const { node, name } of controls) {
      if (!(node instanceof HTMLSelectElement) || pen === null) continue;
      pen.font = getComputedStyle(node).font;
      const needed = pen.measureText(node.selectedOptions[0]?.text ?? "").width + 20;
      if (needed > node.clientWidth + SLACK_PX) faults.push(`${name} cuts its choice off: ${needed} of ${node.clientWidth}`);
    }

    // Prices on the axis are drawn: its canvas must be as wide as they are.
    const axis = root.querySelector("#axis");
    if (axis !== null && pen !== null) {
      pen.font = '11px "DejaVu Sans Mono", monospace';
      const prices = (axis.ariaLabel ?? "").match(/−?[\d,]+\.?\d*/g) ?? [];
      for (const price of prices) {
        const needed = 8 + pen.measureText(price).width;
        if (needed > axis.clientWidth) faults.push(`the axis cuts ${price} off: ${needed} of ${axis.clientWidth}`);
      }
    }

    const overlaps = (one: DOMRect, next: DOMRect): boolean =>
      Math.min(one.right, next.right) - Math.max(one.left, next.left) > SLACK_PX &&
      Math.min(one.bottom, next.bottom) - Math.max(one.top, next.top) > SLACK_PX;
    const things = [...controls, ...texts];
    things.forEach((one, index) => {
      for (const next of things.slice(index + 1)) {
        if (one.node === next.node || one.node.contains(next.node) || next.node.contains(one.node)) continue;
        // The legend and the readout lie on the picture; the picture's canvases lie on one another.
        const lies = [one, next].some(({ node }) => node instanceof HTMLCanvasElement && node.closest("#picture") !== null);
        if (!lies && overlaps(one.box, next.box)) faults.push(`${one.name} lies on ${next.name}`);
      }
    });
    return faults;
  });
}
