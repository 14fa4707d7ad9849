/** The velocity page: joins its state and its drawing with the desk. */
import { Desk, type Instrument } from "../controls/desk.ts";
import { element, setText } from "../controls/elements.ts";
import { LookControls } from "../controls/look.ts";
import type { Snapshot } from "../controls/snapshot.ts";
import { easternClock, secondsOf } from "../market/eastern.ts";
import { formatPrice } from "../market/price.ts";
import { floorOf, Viewport, type Point } from "../state/viewport.ts";
import { Legend } from "../velocity/controls/legend.ts";
import { OutlookPanel } from "../velocity/controls/outlook-panel.ts";
import { Readout } from "../velocity/controls/readout.ts";
import { SessionPicker } from "../velocity/controls/session-picker.ts";
import { aheadOf, horizonAt, type Outlook } from "../velocity/draw/ahead.ts";
import { stylesOf } from "../velocity/draw/fields.ts";
import { SURFACE_PALETTES } from "../velocity/draw/palettes.ts";
import { OVERLAYS, Stage } from "../velocity/draw/stage.ts";
import { coneOf, forecastOf, stepAt, Wander } from "../velocity/state/forecast.ts";
import { COLUMNS_KEPT, quantities, snapOf, spotOf, SurfaceHistory } from "../velocity/state/surfaces.ts";
import type { Batch, GridUpdate, RuntimeConfig, SurfacesConfig } from "../wire/messages.ts";

/** Rows before the first config says how many there are. */
const ROWS = 401;

const view = new Viewport(ROWS, {
  columns: COLUMNS_KEPT,
  ahead: 0.3,
  // A forecast reaches 80 ticks, and a wall 64: both stay in sight.
  edgeRows: 100,
  columnsPerPixel: { min: 1 / 24, max: 8 },
  pixelsPerBucket: { min: 0.25, max: 64 },
});
const desk = new Desk({
  streamPath: "/v1/velocity/stream",
  server: "velocity serve",
  opensNewest: true,
  asksSource: false,
  view,
});
const canvases = {
  heat: element("heat", HTMLCanvasElement),
  lines: element("lines", HTMLCanvasElement),
  profile: element("profile", HTMLCanvasElement),
  axis: element("axis", HTMLCanvasElement),
  times: element("times", HTMLCanvasElement),
};

class Velocity implements Instrument {
  readonly #readout = new Readout();
  readonly #panel = new OutlookPanel();
  readonly #legend = new Legend();
  readonly #picker = new SessionPicker((search) => desk.go(search));
  readonly #look = new LookControls(
    {
      kept: "spymaster.velocity.look",
      palettes: SURFACE_PALETTES,
      stylesOf,
      overlays: OVERLAYS,
    },
    () => desk.schedule(),
  );
  readonly #stage = new Stage(canvases, () => this.#resized());
  #config: SurfacesConfig | null = null;
  #history: SurfaceHistory | null = null;
  #wander = new Wander();
  #outlook: Outlook | null = null;
  #batch: Batch | null = null;

  constructor() {
    desk.openGraphics((lost) => this.#stage.openSurface(lost));
    void this.#picker.load();
  }

  takeConfig(next: RuntimeConfig): void {
    if (next.format !== "surfaces") return;
    const config = this.#config;
    const isOther = config !== null && (config.symbol !== next.symbol || config.dt !== next.dt);
    if (this.#history === null || isOther || !this.#history.fits(next)) {
      this.#history = new SurfaceHistory(next);
      this.#wander = new Wander();
      view.follow();
      view.resize(view.width, view.height, this.#history.rows);
      this.#look.setFields(quantities(next));
      const megabytes = (this.#history.bytes / 1e6).toFixed(0);
      setText(element("memory", HTMLElement), `history ${megabytes} MB, fixed`);
    }
    view.floor = floorOf(next.productType);
    this.#config = next;
    this.#panel.setConfig(next);
    this.#picker.show(next);
  }

  takeUpdate(batch: GridUpdate | Batch): void {
    const history = this.#history;
    if (history === null || batch.type !== "batch") return;
    history.push(batch);
    const head = history.head(history.count - 1);
    this.#wander.push(head.seconds, head.spot, head.isBreak);
    const forecast = forecastOf(batch.surfaces.forecast);
    this.#outlook =
      forecast === null || Number.isNaN(head.spot)
        ? null
        : { forecast, cone: coneOf(forecast, this.#wander.perRootSecond), spot: head.spot };
    desk.showBook(head.isValid);
    this.#batch = batch;
  }

  takeStatus(): void {
    // The top bar and the foot say it all.
  }

  interrupted(): void {
    this.#history?.break();
  }

  draw(cross: Point | null, isWhole: boolean): void {
    const [config, history, outlook] = [this.#config, this.#history, this.#outlook];
    if (config === null || history === null) return;
    const spot = history.count === 0 ? NaN : history.head(history.count - 1).spot;
    view.advance(history.count, Number.isNaN(spot) ? null : spot);
    const decimals = config.priceDecimals;
    const { look } = this.#look;
    const shows = {
      spot: this.#look.shows("spot"),
      strikes: this.#look.shows("strikes"),
      forecast: this.#look.shows("forecast"),
    };
    const { horizonS } = config;
    this.#stage.draw({ history, outlook, horizonS, view, look, shows, decimals, cross }, isWhole);
    if (look !== null) this.#legend.show(look, history.strikes.hasCome);
    if (this.#batch !== null) {
      const { windowEndTsNs } = this.#batch;
      desk.readings.setMoment(windowEndTsNs, spotOf(this.#batch), decimals, desk.counters);
      this.#panel.setSnap(snapOf(this.#batch).midPrice, decimals, this.#wander.perRootSecond);
      this.#panel.show(outlook, history.bucketInt, decimals);
    }
    this.#readOut(history, config, cross);
  }

  stepField(by: 1 | -1): void {
    this.#look.stepField(by);
  }

  snapshot(): Snapshot | null {
    const config = this.#config;
    if (config === null || this.#batch === null) return null;
    const time = easternClock(secondsOf(this.#batch.windowEndTsNs));
    const { profile, heat, lines, axis, times } = canvases;
    return {
      canvases: [profile, heat, lines, axis, times],
      caption: `${config.symbol}  ${config.dt}  ${time} ET  ${this.#look.look?.field.label ?? ""}`,
      legend: this.#legend.entries,
      name: `${config.symbol}-${config.dt}-${time.replaceAll(":", "")}-velocity`,
    };
  }

  describe(): string | null {
    const config = this.#config;
    if (config === null || this.#batch === null) return null;
    const spot = spotOf(this.#batch);
    const delta = this.#outlook?.cone.at(-1)?.delta;
    return (
      `Surface of ${config.symbol} at ${easternClock(secondsOf(this.#batch.windowEndTsNs))} Eastern, ` +
      `spot ${spot === null ? "none" : formatPrice(spot, config.priceDecimals)}, ` +
      `forecast ${delta === undefined ? "none" : `${delta} ticks in ${config.horizonS} seconds`}`
    );
  }

  #readOut(history: SurfaceHistory, config: SurfacesConfig, cross: Point | null): void {
    if (cross === null || view.centre === null) {
      this.#readout.hide();
      return;
    }
    const { bucketInt } = history;
    const decimals = config.priceDecimals;
    const horizon = horizonAt(aheadOf(view, history.count, config.horizonS), cross.x);
    const outlook = this.#look.shows("forecast") ? this.#outlook : null;
    if (horizon !== null) {
      const step = outlook === null ? null : stepAt(outlook.cone, horizon);
      if (step === null || outlook === null) this.#readout.hide();
      else this.#readout.showStep(step, outlook.spot, bucketInt, decimals, cross, view.width);
      return;
    }
    const cell = history.cell(view.columnAt(cross.x), view.bucketAt(cross.y));
    if (cell === null) this.#readout.hide();
    else this.#readout.showCell(cell, bucketInt, decimals, cross, view.width);
  }

  #resized(): void {
    view.resize(this.#stage.width, this.#stage.height, this.#history?.rows ?? ROWS);
    desk.schedule();
  }
}

desk.begin(new Velocity(), canvases.axis, canvases.times);
