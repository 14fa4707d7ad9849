/** The page of vacuum and pressure: joins its state and its drawing with the desk. */
import { Desk, type Instrument } from "../controls/desk.ts";
import { element, setText } from "../controls/elements.ts";
import { LookControls } from "../controls/look.ts";
import { PALETTES } from "../draw/palette.ts";
import type { LegendEntry, Snapshot } from "../controls/snapshot.ts";
import { easternClock, secondsOf } from "../market/eastern.ts";
import { formatPrice } from "../market/price.ts";
import { floorOf, Viewport, type Point } from "../state/viewport.ts";
import { MarketReadings } from "../vacuum-pressure/controls/market-readings.ts";
import { RowWidth } from "../vacuum-pressure/controls/row-width.ts";
import { Readout } from "../vacuum-pressure/controls/readout.ts";
import { SignalsPanel } from "../vacuum-pressure/controls/signals-panel.ts";
import { stylesOf } from "../vacuum-pressure/draw/fields.ts";
import { Stage } from "../vacuum-pressure/draw/stage.ts";
import { drawable, History } from "../vacuum-pressure/state/history.ts";
import { signalsOf, type Signals } from "../vacuum-pressure/state/signals.ts";
import { Trades } from "../vacuum-pressure/state/trades.ts";
import { Trail } from "../vacuum-pressure/state/trail.ts";
import type { Batch, GridConfig, GridUpdate, RuntimeConfig, Status } from "../wire/messages.ts";

const GRID_ROWS = 101;

const view = new Viewport(GRID_ROWS);
const desk = new Desk({
  streamPath: "/v1/vacuum-pressure/stream",
  server: "vp-live",
  opensNewest: false,
  asksSource: true,
  view,
});
const canvases = {
  heat: element("heat", HTMLCanvasElement),
  lines: element("lines", HTMLCanvasElement),
  profile: element("profile", HTMLCanvasElement),
  axis: element("axis", HTMLCanvasElement),
  times: element("times", HTMLCanvasElement),
  sparkline: element("sparkline", HTMLCanvasElement),
  legend: element("legend-scale", HTMLCanvasElement),
};

class VacuumPressure implements Instrument {
  readonly #market = new MarketReadings();
  readonly #readout = new Readout();
  readonly #panel = new SignalsPanel();
  readonly #look = new LookControls(
    {
      kept: "spymaster.look",
      palettes: PALETTES,
      stylesOf,
      overlays: ["trail", "quotes", "trades"],
    },
    () => desk.schedule(),
  );
  readonly #rowWidth = new RowWidth(desk.banners, (search) => desk.go(search));
  readonly #stage = new Stage(canvases, () => this.#resized());
  #config: GridConfig | null = null;
  #history: History | null = null;
  #trades = new Trades();
  #net = new Trail();
  #grid: GridUpdate | null = null;
  #signals: Signals | null = null;

  constructor() {
    desk.openGraphics((lost) => this.#stage.openHeatmap(lost));
  }

  takeConfig(next: RuntimeConfig): void {
    if (next.format !== "dense_grid") return;
    const config = this.#config;
    const isOther = config !== null && (config.symbol !== next.symbol || config.dt !== next.dt);
    if (this.#history === null || isOther || !this.#history.fits(next)) {
      this.#history = new History(next);
      this.#trades = new Trades();
      this.#net = new Trail();
      view.follow();
      view.resize(view.width, view.height, next.gridRows);
      this.#look.setFields(drawable(next.fields));
    }
    view.floor = floorOf(next.productType);
    this.#rowWidth.setConfig(next);
    this.#config = next;
  }

  takeUpdate(update: GridUpdate | Batch): void {
    const history = this.#history;
    if (history === null || update.type !== "grid_update") return;
    const seconds = secondsOf(update.tsNs);
    const since = this.#grid === null ? seconds : secondsOf(this.#grid.tsNs);
    this.#trades.push(update.trades, history.fine.count, history.bucketInt, since, seconds);
    history.push(update);
    this.#signals = signalsOf(update.columns);
    if (this.#signals !== null) this.#net.push(seconds, this.#signals.net);
    desk.showBook(update.bookValid);
    this.#rowWidth.takeSpot(update.spotRefPriceInt);
    this.#grid = update;
  }

  takeStatus(status: Status): void {
    this.#market.setStatus(status);
  }

  interrupted(): void {
    this.#history?.break();
  }

  draw(cross: Point | null): void {
    const history = this.#history;
    if (history !== null) {
      const { fine } = history;
      const spot = fine.count === 0 ? NaN : fine.head(fine.count - 1).spot;
      view.advance(fine.count, Number.isNaN(spot) ? null : spot);
    }
    const decimals = this.#config?.priceDecimals ?? 2;
    const { look } = this.#look;
    const overlays = {
      trail: this.#look.shows("trail"),
      quotes: this.#look.shows("quotes"),
      trades: this.#look.shows("trades"),
    };
    this.#stage.draw({
      history,
      trades: this.#trades,
      net: this.#net,
      view,
      look,
      overlays,
      decimals,
      cross,
    });
    if (this.#grid !== null) {
      const { tsNs, spotRefPriceInt } = this.#grid;
      desk.readings.setMoment(tsNs, spotRefPriceInt, decimals, desk.counters);
      this.#market.setGrid(this.#grid, decimals);
      this.#panel.show(this.#signals);
    }
    const cell =
      cross === null || history === null || view.centre === null
        ? null
        : history.cell(view.columnAt(cross.x), view.bucketAt(cross.y));
    if (cell === null || cross === null || history === null) this.#readout.hide();
    else this.#readout.show(cell, history.bucketInt, decimals, cross, view.width);
  }

  stepField(by: 1 | -1): void {
    this.#look.stepField(by);
  }

  snapshot(): Snapshot | null {
    const config = this.#config;
    if (config === null || this.#grid === null) return null;
    const time = easternClock(secondsOf(this.#grid.tsNs));
    const { profile, heat, lines, axis, times } = canvases;
    return {
      canvases: [profile, heat, lines, axis, times],
      caption: `${config.symbol}  ${config.dt}  ${time} ET  ${this.#look.look?.field.label ?? ""}`,
      legend: this.#legendEntries(),
      name: `${config.symbol}-${config.dt}-${time.replaceAll(":", "")}`,
    };
  }

  describe(): string | null {
    this.#writeLegend();
    if (this.#grid === null || this.#config === null) return null;
    const { tsNs, spotRefPriceInt } = this.#grid;
    const spot =
      spotRefPriceInt === null ? "none" : formatPrice(spotRefPriceInt, this.#config.priceDecimals);
    return (
      `Heatmap of ${this.#config.symbol} at ${easternClock(secondsOf(tsNs))} Eastern, ` +
      `spot ${spot}, regime ${this.#signals?.regime ?? "unknown"}`
    );
  }

  /** Returns the scale of the field, as it is on the page, and the lines that are shown. */
  #legendEntries(): LegendEntry[] {
    this.#writeLegend();
    const { palette } = this.#look;
    const text = (id: string): string => element(id, HTMLElement).textContent ?? "";
    const [low, high] = [text("legend-low"), text("legend-high")];
    const line = (colour: string, words: string): LegendEntry => ({ kind: "line", colour, words });
    return [
      { kind: "scale", low, high, strip: canvases.legend },
      ...(this.#look.shows("trail") ? [line(palette.trail, "mid")] : []),
      ...(this.#look.shows("quotes") ? [line(palette.up, "best bid"), line(palette.down, "best ask")] : []),
    ];
  }

  #writeLegend(): void {
    const history = this.#history;
    const { look } = this.#look;
    if (history === null || history.fine.count === 0 || look === null) return;
    const { low, high } = this.#stage.legendOf(history, look);
    element("legend", HTMLElement).hidden = false;
    setText(element("legend-low", HTMLElement), `${look.field.label}  ${low}`);
    setText(element("legend-high", HTMLElement), high);
    const megabytes = (history.bytes / 1e6).toFixed(0);
    setText(element("memory", HTMLElement), `history ${megabytes} MB, fixed`);
  }

  #resized(): void {
    view.resize(this.#stage.width, this.#stage.height, this.#config?.gridRows ?? GRID_ROWS);
    desk.schedule();
  }
}

desk.begin(new VacuumPressure(), canvases.axis, canvases.times);
