/**
 * What every page of the instrument does in the same way: it shows how the stream goes, takes
 * commands by key, pointer and button, and draws when there is something new.
 *
 * What a message means and how it is drawn is decided by the page's own instrument.
 */
import { Banners } from "./banners.ts";
import { shortcutsOf } from "./commands.ts";
import { element, setText } from "./elements.ts";
import { listenToAxis, listenToPicture } from "./gestures.ts";
import { LinkBanners } from "./link-banners.ts";
import { Playback, type Source } from "./playback.ts";
import { Readings } from "./readings.ts";
import { SessionForm } from "./session-form.ts";
import { helpDialog, listenToKeys } from "./shortcuts.ts";
import { savePng, type Snapshot } from "./snapshot.ts";
import { TransportControls } from "./transport.ts";
import { NoWebGl2 } from "../draw/graphics.ts";
import type { LinkEvent, LinkState } from "../link/connection.ts";
import { Counters } from "../state/counters.ts";
import { Meter } from "../state/meter.ts";
import type { Point, Viewport } from "../state/viewport.ts";
import type { Batch, GridUpdate, RuntimeConfig, ServerMessage, Status } from "../wire/messages.ts";

/** What a page is, beside what all pages are. */
export interface Plan extends Source {
  /** What to start if nothing answers. */
  readonly server: string;
  readonly view: Viewport;
}

/** The part of a page that is its own. */
export interface Instrument {
  takeConfig(config: RuntimeConfig): void;
  takeUpdate(update: GridUpdate | Batch): void;
  takeStatus(status: Status): void;
  /** The connection begins anew: what comes next does not follow on what came last. */
  interrupted(): void;
  /** Draws what is new, with the crosshair there; everything if `isWhole`. */
  draw(cross: Point | null, isWhole: boolean): void;
  stepField(by: 1 | -1): void;
  /** `null` while there is nothing to save. */
  snapshot(): Snapshot | null;
  /** Returns the picture in words, for who does not see it; called each second. */
  describe(): string | null;
}

/** How often the foot of the page is written anew. */
const FOOT_MS = 1000;

export class Desk {
  readonly banners = new Banners();
  readonly readings = new Readings();
  readonly counters = new Counters();
  readonly #meter = new Meter();
  readonly #picture = element("picture", HTMLDivElement);
  readonly #stage = element("stage", HTMLElement);
  readonly #view: Viewport;
  readonly #transport: TransportControls;
  readonly #form: SessionForm;
  readonly #linkBanners: LinkBanners;
  readonly #playback: Playback;
  #instrument: Instrument | null = null;
  #config: RuntimeConfig | null = null;
  #link: LinkState["kind"] = "connecting";
  #cross: Point | null = null;
  #isScheduled = false;
  #hasUpdate = false;

  constructor(plan: Plan) {
    this.#view = plan.view;
    this.#playback = new Playback(plan, {
      listen: (event) => this.#listen(event),
      missed: (reason) => this.#linkBanners.showSeek(reason),
      speed: (speed) => this.readings.setSpeed(speed),
      empty: () => this.#showEmpty(),
    });
    this.#transport = new TransportControls((message) => this.#playback.ask(message));
    this.#form = new SessionForm(location.search, plan.asksSource, (search) => this.go(search));
    this.#linkBanners = new LinkBanners(this.banners, plan.server, {
      retry: () => this.#playback.retry(),
      playAgain: () => this.#playback.playAgain(),
      choose: () => this.#openForm(),
    });
  }

  /** Opens the page with another query string. */
  go(search: string): void {
    location.assign(search || "?");
  }

  /** Draws with the next picture of the display. */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      const start = performance.now();
      this.#draw(false);
      this.#meter.spend(performance.now() - start);
      this.#meter.lap();
    });
  }

  /** Says across the page whether the book can be trusted. */
  showBook(isValid: boolean): void {
    if (isValid) this.banners.clear("book");
    else {
      this.banners.show("book", {
        level: "warning",
        title: "Book not valid",
        text: "Records are missing or doubtful, so depth may be wrong until the next snapshot.",
      });
    }
  }

  /** Opens what the graphics processor draws, or says why there is nothing to see. */
  openGraphics(open: (lost: (isLost: boolean) => void) => void): void {
    try {
      open((isLost) => {
        if (isLost) {
          this.banners.show("graphics", {
            level: "warning",
            title: "Graphics lost",
            text: "The graphics processor dropped the heatmap. It recovers automatically.",
          });
        } else this.banners.clear("graphics");
        this.schedule();
      });
    } catch (error) {
      if (!(error instanceof NoWebGl2)) throw error;
      this.banners.show("graphics", {
        level: "error",
        title: "No heatmap",
        text: `${error.message}.`,
        hint: "Everything else works. Turn on hardware acceleration, or use a current browser.",
      });
    }
  }

  /** Begins to listen to the user and to the server. */
  begin(instrument: Instrument, priceAxis: HTMLElement, timeAxis: HTMLElement): void {
    this.#instrument = instrument;
    this.#listenToUser(instrument, priceAxis, timeAxis);
    setInterval(() => this.#writeFoot(instrument), FOOT_MS);
    this.#playback.begin();
  }

  // --- What comes in ---

  #listen(event: Exclude<LinkEvent, { readonly type: "first" }>): void {
    const start = performance.now();
    switch (event.type) {
      case "link":
        this.#takeLink(event.state);
        break;
      case "message":
        this.#takeMessage(event.message);
        break;
      case "malformed":
        this.counters.malformed += 1n;
        this.#linkBanners.showMalformed(event.reason);
        break;
    }
    this.#meter.spend(performance.now() - start);
    this.schedule();
  }

  #takeLink(link: LinkState): void {
    this.#link = link.kind;
    this.readings.setLink(link);
    this.#linkBanners.setLink(link);
    this.#stage.dataset["stale"] = String(["stale", "waiting", "failed"].includes(link.kind));
    if (link.kind === "connecting") {
      this.counters.reconnected();
      this.#instrument?.interrupted();
    }
    if (link.kind === "refused") {
      setText(element("waiting", HTMLElement), "The server refused this stream.");
    }
    if (link.kind === "ended") this.#transport.setPhase("ended");
    this.#enableTransport();
  }

  /** A shared replay cannot be controlled. One that has ended can be played again. */
  #enableTransport(): void {
    const isThere = ["open", "stale", "ended"].includes(this.#link);
    const isShared = this.#config?.shared === true;
    const reason = isShared ? "A shared replay cannot be controlled" : "";
    this.#transport.enable(isThere && !isShared, reason);
  }

  #takeMessage(message: ServerMessage): void {
    switch (message.type) {
      case "runtime_config":
        this.#instrument?.takeConfig(message);
        this.#config = message;
        this.readings.setConfig(message);
        this.#transport.setConfig(message);
        this.#enableTransport();
        this.#form.setDefaults(message);
        break;
      case "grid_update":
        this.#takeUpdate(message, message.tsNs);
        break;
      case "batch":
        this.#takeUpdate(message, message.windowEndTsNs);
        break;
      case "status":
        this.readings.setStatus(message);
        this.#transport.setPhase(message.phase);
        this.#instrument?.takeStatus(message);
        break;
      case "error":
        this.#linkBanners.showError(message);
        break;
    }
  }

  #takeUpdate(update: GridUpdate | Batch, tsNs: bigint): void {
    this.counters.take(update);
    if (!this.#playback.takesUpdate(tsNs)) return;
    this.#instrument?.takeUpdate(update);
    if (this.#hasUpdate) return;
    this.#hasUpdate = true;
    element("waiting", HTMLElement).hidden = true;
    performance.mark("first-grid");
  }

  #showEmpty(): void {
    setText(element("waiting", HTMLElement), "Nothing to show yet.");
    this.banners.show("session", {
      level: "note",
      title: "No session is ready",
      text: "The lake has no date with silver and gold that matches this address.",
      hint: "velocity run makes the missing layers.",
      action: { label: "Choose a session", run: () => this.#openForm() },
    });
  }

  // --- What goes out ---

  #draw(isWhole: boolean): void {
    this.#instrument?.draw(this.#cross, isWhole);
    element("follow", HTMLButtonElement).ariaPressed = String(this.#view.isFollowing);
  }

  #writeFoot(instrument: Instrument): void {
    if (this.#meter.count > 0) {
      const worst = this.#meter.quantile(0.95).toFixed(1);
      setText(element("frame", HTMLElement), `frame time p95 ${worst} ms`);
    }
    const words = instrument.describe();
    if (words !== null) this.#picture.ariaLabel = words;
  }

  #savePng(instrument: Instrument): void {
    // What the graphics processor drew is gone after the frame, so it is drawn and copied in one go.
    this.#draw(true);
    const snapshot = instrument.snapshot();
    if (snapshot !== null) savePng(this.#stage, snapshot);
  }

  // --- What the user does ---

  #openForm(): void {
    void this.#form.open();
  }

  #point(at: Point | null): void {
    this.#cross = at;
    this.schedule();
  }

  /** Moves the crosshair by cells, from the middle of the picture if there was none. */
  #moveCross(columns: number, buckets: number): void {
    const view = this.#view;
    const from = this.#cross ?? { x: Math.round(view.width / 2), y: Math.round(view.height / 2) };
    const stepX = Math.max(1 / view.columnsPerPixel, 1);
    const stepY = Math.max(view.pixelsPerBucket, 1);
    this.#point({
      x: Math.min(Math.max(from.x + columns * stepX, 0), view.width - 1),
      y: Math.min(Math.max(from.y - buckets * stepY, 0), view.height - 1),
    });
  }

  #listenToUser(instrument: Instrument, priceAxis: HTMLElement, timeAxis: HTMLElement): void {
    const view = this.#view;
    /** Changes the view, and draws it. */
    const changing =
      <A extends readonly unknown[]>(change: (...given: A) => void) =>
      (...given: A): void => {
        change(...given);
        this.schedule();
      };
    const follow = changing(() => view.follow());
    const png = (): void => this.#savePng(instrument);
    const shortcuts = shortcutsOf({
      togglePause: () => this.#transport.togglePause(),
      restart: () => this.#transport.restart(),
      focusSeek: () => this.#transport.focusSeek(),
      follow,
      pan: changing((dx, dy) => view.pan(dx, dy)),
      moveCross: (columns, buckets) => this.#moveCross(columns, buckets),
      hideCross: () => this.#point(null),
      zoom: changing((factor) => {
        const at = this.#cross ?? { x: view.width / 2, y: view.height / 2 };
        view.zoomTime(factor, at.x);
        view.zoomPrice(factor, at.y);
      }),
      resetZoom: changing(() => view.reset()),
      stepField: (by) => instrument.stepField(by),
      savePng: png,
      help: () => help.showModal(),
    });
    const help = helpDialog(shortcuts);
    listenToKeys(shortcuts);
    listenToPicture(this.#picture, view, {
      moved: () => this.schedule(),
      pointed: (at) => this.#point(at),
    });
    listenToAxis(priceAxis, changing((factor, { y }) => view.zoomPrice(factor, y)));
    listenToAxis(timeAxis, changing((factor, { x }) => view.zoomTime(factor, x)));
    element("follow", HTMLButtonElement).addEventListener("click", follow);
    element("png", HTMLButtonElement).addEventListener("click", png);
    element("session", HTMLButtonElement).addEventListener("click", () => this.#openForm());
    element("help", HTMLButtonElement).addEventListener("click", () => help.showModal());
  }
}
