/** The page of vacuum and pressure: joins stream, state, drawing and controls. */
import { Banners } from "../controls/banners.ts";
import { shortcutsOf } from "../controls/commands.ts";
import { element, setText } from "../controls/elements.ts";
import { listenToAxis, listenToPicture } from "../controls/gestures.ts";
import { LinkBanners } from "../controls/link-banners.ts";
import { LookControls } from "../controls/look.ts";
import { Readings } from "../controls/readings.ts";
import { Readout } from "../vacuum-pressure/controls/readout.ts";
import { SessionForm } from "../controls/session-form.ts";
import { helpDialog, listenToKeys } from "../controls/shortcuts.ts";
import { SignalsPanel } from "../vacuum-pressure/controls/signals-panel.ts";
import { savePng } from "../controls/snapshot.ts";
import { TransportControls } from "../controls/transport.ts";
import { NoWebGl2 } from "../vacuum-pressure/draw/heatmap.ts";
import { Stage } from "../vacuum-pressure/draw/stage.ts";
import type { LinkEvent, LinkState } from "../link/connection.ts";
import { isComplete, streamUrl } from "../link/query.ts";
import { Stream } from "../link/stream.ts";
import { easternClock, secondsOf } from "../market/eastern.ts";
import { formatPrice } from "../market/price.ts";
import { Counters } from "../state/counters.ts";
import { drawable, History } from "../vacuum-pressure/state/history.ts";
import { Meter } from "../state/meter.ts";
import { signalsOf, type Signals } from "../vacuum-pressure/state/signals.ts";
import { Trades } from "../vacuum-pressure/state/trades.ts";
import { Trail } from "../vacuum-pressure/state/trail.ts";
import { Viewport, type Point } from "../state/viewport.ts";
import type { GridUpdate, RuntimeConfig, ServerMessage } from "../wire/messages.ts";

const STREAM_PATH = "/v1/vacuum-pressure/stream";

const GRID_ROWS = 101;

/** How often the foot of the page is written anew. */
const FOOT_MS = 1000;

const picture = element("picture", HTMLDivElement);
const stageElement = element("stage", HTMLElement);
const view = new Viewport(GRID_ROWS);
const meter = new Meter();
const counters = new Counters();
const banners = new Banners();
const readings = new Readings();
const readout = new Readout();
const panel = new SignalsPanel();
const look = new LookControls(schedule);
const canvases = {
  heat: element("heat", HTMLCanvasElement),
  lines: element("lines", HTMLCanvasElement),
  profile: element("profile", HTMLCanvasElement),
  axis: element("axis", HTMLCanvasElement),
  times: element("times", HTMLCanvasElement),
  sparkline: element("sparkline", HTMLCanvasElement),
  legend: element("legend-scale", HTMLCanvasElement),
};
const stage = new Stage(canvases, resized);
const stream = new Stream(listen);
const transport = new TransportControls((message) => stream.send(message));
const sessionForm = new SessionForm(location.search, (search) => location.assign(search || "?"));
const linkBanners = new LinkBanners(banners, () => stream.retry(), openForm);

let config: RuntimeConfig | null = null;
let history: History | null = null;
let trades = new Trades();
let net = new Trail();
let grid: GridUpdate | null = null;
let signals: Signals | null = null;
let cross: Point | null = null;
let isScheduled = false;

// --- What comes in ---

function listen(event: LinkEvent): void {
  const start = performance.now();
  switch (event.type) {
    case "link":
      takeLink(event.state);
      break;
    case "message":
      takeMessage(event.message);
      break;
    case "malformed":
      counters.malformed += 1n;
      linkBanners.showMalformed(event.reason);
      break;
  }
  meter.spend(performance.now() - start);
  schedule();
}

function takeLink(link: LinkState): void {
  readings.setLink(link);
  linkBanners.setLink(link);
  stageElement.dataset["stale"] = String(link.kind === "stale" || link.kind === "waiting");
  if (link.kind === "connecting") {
    counters.reconnected();
    history?.break();
  }
  if (link.kind === "refused") {
    setText(element("waiting", HTMLElement), "The server refused this stream.");
    if (!isComplete(location.search)) openForm();
  }
  const isOrderly = link.kind === "open" && config?.shared !== true;
  transport.enable(isOrderly, link.kind === "open" ? "A shared replay takes no orders" : "");
}

function takeMessage(message: ServerMessage): void {
  switch (message.type) {
    case "runtime_config":
      takeConfig(message);
      break;
    case "grid_update":
      takeGrid(message);
      break;
    case "status":
      readings.setStatus(message);
      transport.setPhase(message.phase);
      break;
    case "error":
      linkBanners.showError(message);
      break;
  }
}

function takeConfig(next: RuntimeConfig): void {
  const isOther = config !== null && (config.symbol !== next.symbol || config.dt !== next.dt);
  if (history === null || isOther || !history.fits(next)) {
    history = new History(next);
    trades = new Trades();
    net = new Trail();
    view.follow();
    view.resize(view.width, view.height, next.gridRows);
    look.setFields(drawable(next.fields));
  }
  config = next;
  readings.setConfig(next);
  transport.setConfig(next);
  transport.enable(!next.shared, next.shared ? "A shared replay takes no orders" : "");
  sessionForm.setDefaults(next);
}

function takeGrid(update: GridUpdate): void {
  if (history === null) return;
  const seconds = secondsOf(update.tsNs);
  const since = grid === null ? seconds : secondsOf(grid.tsNs);
  trades.push(update.trades, history.fine.count, history.bucketInt, since, seconds);
  counters.take(update);
  history.push(update);
  signals = signalsOf(update.columns);
  if (signals !== null) net.push(seconds, signals.net);
  if (grid === null) {
    element("waiting", HTMLElement).hidden = true;
    performance.mark("first-grid");
  }
  if (update.bookValid) banners.clear("book");
  else {
    banners.show("book", {
      level: "warning",
      title: "Book not valid",
      text: "Records are missing or doubtful, so depth may be wrong until the next snapshot.",
    });
  }
  grid = update;
}

// --- What goes out ---

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    const start = performance.now();
    draw();
    meter.spend(performance.now() - start);
    meter.lap();
  });
}

function draw(): void {
  const head = history === null || history.fine.count === 0 ? null : history.fine.head(history.fine.count - 1);
  if (history !== null) {
    view.advance(history.fine.count, head === null || Number.isNaN(head.spot) ? null : head.spot);
  }
  const decimals = config?.priceDecimals ?? 2;
  const chosen = look.look;
  stage.draw({ history, trades, net, view, look: chosen, overlays: look.overlays, decimals, cross });
  if (grid !== null && config !== null) {
    readings.setGrid(grid, config, counters);
    panel.show(signals);
  }
  const cell =
    cross === null || history === null || view.centre === null
      ? null
      : history.cell(view.columnAt(cross.x), view.bucketAt(cross.y));
  if (cell === null || cross === null || history === null) readout.hide();
  else readout.show(cell, history.bucketInt, decimals, cross, view.width);
  element("follow", HTMLButtonElement).ariaPressed = String(view.isFollowing);
}

function resized(): void {
  view.resize(stage.width, stage.height, config?.gridRows ?? GRID_ROWS);
  schedule();
}

function writeFoot(): void {
  const chosen = look.look;
  if (history !== null && history.fine.count > 0 && chosen !== null) {
    const { low, high } = stage.legendOf(history, chosen);
    element("legend", HTMLElement).hidden = false;
    setText(element("legend-low", HTMLElement), `${chosen.field.label}  ${low}`);
    setText(element("legend-high", HTMLElement), high);
    const megabytes = (history.bytes / 1e6).toFixed(0);
    setText(element("memory", HTMLElement), `history ${megabytes} MB, fixed`);
  }
  if (meter.count > 0) {
    const worst = meter.quantile(0.95).toFixed(1);
    setText(element("frame", HTMLElement), `own work p95 ${worst} ms`);
  }
  if (grid !== null && config !== null) {
    const spot = grid.spotRefPriceInt === null ? "none" : formatPrice(grid.spotRefPriceInt, config.priceDecimals);
    picture.ariaLabel =
      `Heatmap of ${config.symbol} at ${easternClock(secondsOf(grid.tsNs))} Eastern, ` +
      `spot ${spot}, regime ${signals?.regime ?? "unknown"}`;
  }
}

// --- What the user does ---

function openForm(): void {
  void sessionForm.open();
}

function follow(): void {
  view.follow();
  schedule();
}

function zoom(factor: number): void {
  const at = cross ?? { x: view.width / 2, y: view.height / 2 };
  view.zoomTime(factor, at.x);
  view.zoomPrice(factor, at.y);
  schedule();
}

function pan(dx: number, dy: number): void {
  view.pan(dx, dy);
  schedule();
}

function point(at: Point | null): void {
  cross = at;
  schedule();
}

/** Moves the crosshair by cells, from the middle of the picture if there was none. */
function moveCross(columns: number, buckets: number): void {
  const from = cross ?? { x: Math.round(view.width / 2), y: Math.round(view.height / 2) };
  const stepX = Math.max(1 / view.columnsPerPixel, 1);
  point({
    x: Math.min(Math.max(from.x + columns * stepX, 0), view.width - 1),
    y: Math.min(Math.max(from.y - buckets * view.pixelsPerBucket, 0), view.height - 1),
  });
}

function png(): void {
  if (config === null || grid === null) return;
  // What the graphics processor drew is gone after the frame, so it is drawn and copied in one go.
  draw();
  const time = easternClock(secondsOf(grid.tsNs));
  const { profile, heat, lines, axis, times } = canvases;
  savePng(
    stageElement,
    [profile, heat, lines, axis, times],
    `${config.symbol}  ${config.dt}  ${time} ET  ${look.look?.field.label ?? ""}`,
    `${config.symbol}-${config.dt}-${time.replaceAll(":", "")}.png`,
  );
}

const shortcuts = shortcutsOf({
  togglePause: () => transport.togglePause(),
  restart: () => transport.restart(),
  focusSeek: () => transport.focusSeek(),
  follow,
  pan,
  moveCross,
  hideCross: () => point(null),
  zoom,
  resetZoom: () => {
    view.reset();
    schedule();
  },
  stepField: (by) => look.stepField(by),
  savePng: png,
  help: () => help.showModal(),
});

const help = helpDialog(shortcuts);
listenToKeys(shortcuts);
listenToPicture(picture, view, { moved: schedule, pointed: point });
listenToAxis(canvases.axis, (factor, { y }) => {
  view.zoomPrice(factor, y);
  schedule();
});
listenToAxis(canvases.times, (factor, { x }) => {
  view.zoomTime(factor, x);
  schedule();
});
element("follow", HTMLButtonElement).addEventListener("click", follow);
element("png", HTMLButtonElement).addEventListener("click", png);
element("session", HTMLButtonElement).addEventListener("click", openForm);
element("help", HTMLButtonElement).addEventListener("click", () => help.showModal());

try {
  stage.openHeatmap((isLost) => {
    if (isLost) {
      banners.show("graphics", {
        level: "warning",
        title: "Graphics lost",
        text: "The graphics processor dropped the heatmap. It comes back by itself.",
      });
    } else banners.clear("graphics");
    schedule();
  });
} catch (error) {
  if (!(error instanceof NoWebGl2)) throw error;
  banners.show("graphics", {
    level: "error",
    title: "No heatmap",
    text: `${error.message}.`,
    hint: "Everything else works. Turn on hardware acceleration, or use a current browser.",
  });
}
setInterval(writeFoot, FOOT_MS);
stream.connect(streamUrl(location, STREAM_PATH));
if (!isComplete(location.search)) openForm();
