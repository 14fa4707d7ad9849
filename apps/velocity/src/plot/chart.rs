//! The picture of a surface: the field in colours, the spot as a line over it, axes, a scale.

use vp_market::{EasternTime, Instrument, Price};
use vp_velocity::gold::Field;

use super::axis::{marks, price_steps, time_steps};
use super::canvas::{Anchor, Canvas, Colour, Font};
use super::palette::{self, Palette};
use super::surface::{PlotColumn, PlotSurface};
use vp_cli::report::Count;

const GROUND: Colour = [24, 26, 32];
/// Where there is no window, or no cell.
const NOTHING: Colour = [38, 40, 48];
const TEXT: Colour = [208, 212, 220];
const FAINT: Colour = [128, 134, 146];
const SPOT: Colour = [255, 255, 255];
const SHADOW: Colour = [0, 0, 0];

/// Pixels around the field: left, top, right, bottom.
const MARGINS: [i32; 4] = [104, 76, 150, 64];
/// Pixels that a mark of the axis of prices, and one of times, needs.
const PRICE_ROOM: i32 = 48;
const TIME_ROOM: i32 = 90;
/// Marks of the scale of colours.
const SCALE_MARKS: i32 = 8;

/// The layout of a picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chart {
    size: (u32, u32),
    left: i32,
    top: i32,
    right: i32,
    bottom: i32,
}

impl Chart {
    pub(super) fn new(width: u32, height: u32) -> Self {
        let [left, top, right, bottom] = MARGINS;
        Self {
            size: (width, height),
            left,
            top,
            right: width.cast_signed() - right,
            bottom: height.cast_signed() - bottom,
        }
    }

    /// Returns how many columns there is room for.
    pub(super) fn columns(&self) -> u32 {
        (self.right - self.left).unsigned_abs()
    }

    /// Draws a surface; `None` if it has no value.
    pub(super) fn draw(
        &self,
        surface: &PlotSurface,
        instrument: &Instrument,
        field: Field,
    ) -> Option<Canvas> {
        let prices = Prices::of(self, surface, instrument)?;
        let mut canvas = Canvas::new(self.size.0, self.size.1, GROUND);
        let values = surface.columns().iter().flat_map(PlotColumn::means);
        let palette = Palette::of(values.map(|(_, value)| value));
        self.draw_field(&mut canvas, surface, &palette, &prices);
        self.draw_spot(&mut canvas, surface, &prices);
        self.draw_title(&mut canvas, surface, instrument, field);
        self.draw_prices(&mut canvas, &prices, instrument);
        self.draw_times(&mut canvas, surface);
        self.draw_scale(&mut canvas, &palette);
        Some(canvas)
    }

    /// Returns the pixels from left to right that a column takes.
    fn span_of(&self, column: usize, column_count: usize) -> (i32, i32) {
        let edge = |column: usize| {
            let width = i64::from(self.right - self.left);
            let offset = width * as_i64(column) / as_i64(column_count);
            self.left + narrowed(offset)
        };
        (edge(column), edge(column + 1))
    }

    fn draw_field(
        &self,
        canvas: &mut Canvas,
        surface: &PlotSurface,
        palette: &Palette,
        prices: &Prices,
    ) {
        let area = [self.left, self.top, self.right, self.bottom];
        canvas.fill(area, NOTHING);
        let height = (self.bottom - self.top).unsigned_abs() as usize;
        let mut shown: Vec<Option<f64>> = Vec::new();
        for (place, column) in surface.columns().iter().enumerate() {
            shown.clear();
            shown.resize(height, None);
            for (price, value) in column.means() {
                let (from, to) = prices.span_of(price);
                for y in from.max(self.top)..to.min(self.bottom) {
                    let pixel = &mut shown[(y - self.top).unsigned_abs() as usize];
                    // Where several prices share a pixel, the most extreme one is drawn.
                    let is_seen = pixel.is_none_or(|other| palette.stands_out(value, other));
                    if is_seen {
                        *pixel = Some(value);
                    }
                }
            }
            let (left, right) = self.span_of(place, surface.columns().len());
            for (y, value) in (self.top..).zip(&shown) {
                if let Some(value) = value {
                    canvas.fill([left, y, right, y + 1], palette.colour(*value));
                }
            }
        }
    }

    fn draw_spot(&self, canvas: &mut Canvas, surface: &PlotSurface, prices: &Prices) {
        for (width, colour) in [(4, SHADOW), (2, SPOT)] {
            let mut before = None;
            for (place, column) in surface.columns().iter().enumerate() {
                let (left, right) = self.span_of(place, surface.columns().len());
                let Some(spot) = column.spot else {
                    before = None;
                    continue;
                };
                let y = prices.middle_of(spot);
                let from = before.map_or((left, y), |y| (left, y));
                canvas.line(from, (left, y), width, colour);
                canvas.line((left, y), (right, y), width, colour);
                before = Some(y);
            }
        }
    }

    fn draw_title(
        &self,
        canvas: &mut Canvas,
        surface: &PlotSurface,
        instrument: &Instrument,
        field: Field,
    ) {
        let title = format!(
            "{}  {}  {}",
            instrument.symbol,
            surface.date(),
            field.name()
        );
        let title_at = (self.left, 26);
        canvas.text(&title, title_at, Anchor::Left, Font::Title, TEXT);
        let explanation = format!(
            "{} ET, {} windows of 1 s; asks above the spot, bids below",
            surface.hours(),
            Count(surface.window_count())
        );
        canvas.text(
            &explanation,
            (self.left, 52),
            Anchor::Left,
            Font::Label,
            FAINT,
        );
    }

    fn draw_prices(&self, canvas: &mut Canvas, prices: &Prices, instrument: &Instrument) {
        let most = i64::from((self.bottom - self.top) / PRICE_ROOM);
        let tick = instrument.product.tick.nanos();
        let decimals = instrument.product.price_decimals() as usize;
        for price in marks(prices.low, prices.high, most, price_steps(tick)) {
            let y = prices.middle_of(price);
            canvas.line((self.left - 6, y), (self.left - 1, y), 1, FAINT);
            let text = Price::from_nanos(price).map(|price| format!("{price:.decimals$}"));
            let text = text.unwrap_or_default();
            canvas.text(&text, (self.left - 10, y), Anchor::Right, Font::Label, TEXT);
        }
    }

    fn draw_times(&self, canvas: &mut Canvas, surface: &PlotSurface) {
        let (begin, end) = surface.times();
        let most = i64::from((self.right - self.left) / TIME_ROOM);
        let width = i128::from(self.right - self.left);
        let times = marks(begin, end, most, time_steps());
        let are_minutes = times.iter().all(|time| time % 60_000_000_000 == 0);
        for time in times {
            let share = i128::from(time - begin) * width / i128::from((end - begin).max(1));
            let x = self.left + i32::try_from(share).unwrap_or(0);
            canvas.line((x, self.bottom), (x, self.bottom + 5), 1, FAINT);
            let clock = EasternTime::from_ns(time.unsigned_abs()).clock();
            let text = clock.to_string();
            let short = text.strip_suffix(":00").filter(|_| are_minutes);
            let text = short.unwrap_or(&text);
            canvas.text(
                text,
                (x, self.bottom + 18),
                Anchor::Centre,
                Font::Label,
                TEXT,
            );
        }
        let middle = (i32::midpoint(self.left, self.right), self.bottom + 44);
        canvas.text("Eastern time", middle, Anchor::Centre, Font::Label, FAINT);
    }

    fn draw_scale(&self, canvas: &mut Canvas, palette: &Palette) {
        let (left, right) = (self.right + 24, self.right + 44);
        let height = self.bottom - self.top;
        for y in self.top..self.bottom {
            let share = f64::from(self.bottom - 1 - y) / f64::from(height - 1);
            let colour = palette.colour(palette.value_at(share));
            canvas.fill([left, y, right, y + 1], colour);
        }
        for mark in 0..=SCALE_MARKS {
            let y = self.bottom - 1 - (height - 1) * mark / SCALE_MARKS;
            canvas.line((right, y), (right + 5, y), 1, FAINT);
            let share = f64::from(mark) / f64::from(SCALE_MARKS);
            let text = short(palette.value_at(share));
            canvas.text(&text, (right + 10, y), Anchor::Left, Font::Label, TEXT);
        }
        let note = format!("{} % lie within", palette::HELD_PERCENT);
        let at = (self.size.0.cast_signed() - 12, self.bottom + 44);
        canvas.text(&note, at, Anchor::Right, Font::Label, FAINT);
    }
}

/// The axis of prices: each price is the middle of a cell of one step.
#[derive(Clone, Copy, Debug)]
struct Prices {
    low: i64,
    high: i64,
    step: i64,
    top: i32,
    bottom: i32,
}

impl Prices {
    fn of(chart: &Chart, surface: &PlotSurface, instrument: &Instrument) -> Option<Self> {
        let (low, high) = surface.prices()?;
        Some(Self {
            low,
            high,
            step: instrument.product.bucket.nanos(),
            top: chart.top,
            bottom: chart.bottom,
        })
    }

    /// Returns the pixels from above to below that the cell of a price takes; at least one.
    fn span_of(&self, price: i64) -> (i32, i32) {
        let (price, step) = (i128::from(price), i128::from(self.step));
        let from = self.y_of_half_steps(2 * price + step);
        let to = self.y_of_half_steps(2 * price - step);
        (from, to.max(from + 1))
    }

    fn middle_of(&self, price: i64) -> i32 {
        self.y_of_half_steps(2 * i128::from(price))
    }

    /// Returns where twice a price lies.
    fn y_of_half_steps(&self, doubled: i128) -> i32 {
        let lowest = 2 * i128::from(self.low) - i128::from(self.step);
        let highest = 2 * i128::from(self.high) + i128::from(self.step);
        let height = i128::from(self.bottom - self.top);
        let offset = (doubled - lowest) * height / (highest - lowest);
        self.bottom - i32::try_from(offset).unwrap_or(0)
    }
}

/// Writes a value with three digits that count.
fn short(value: f64) -> String {
    let size = value.abs();
    if size <= 0.0 {
        return "0".into();
    }
    if !(1e-3..1e5).contains(&size) {
        return format!("{value:.2e}");
    }
    let decimals = match size {
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        0.1.. => 3,
        _ => 4,
    };
    format!("{value:.decimals$}")
}

fn as_i64(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn narrowed(pixels: i64) -> i32 {
    i32::try_from(pixels).unwrap_or(i32::MAX)
}
