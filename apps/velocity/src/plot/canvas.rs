//! A picture in memory: pixels, lines, texts, and the PNG that comes of it.

use std::convert::Infallible;
use std::io::{self, Write};

use embedded_graphics::Pixel;
use embedded_graphics::mono_font::iso_8859_1::{FONT_9X15, FONT_10X20};
use embedded_graphics::mono_font::{MonoFont, MonoTextStyle};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::{DrawTarget, Drawable, OriginDimensions, Point, RgbColor, Size};
use embedded_graphics::primitives::{Line, Primitive, PrimitiveStyle};
use embedded_graphics::text::{Alignment, Baseline, Text, TextStyleBuilder};

/// A colour: red, green, blue.
pub(super) type Colour = [u8; 3];

/// Which of the two sizes a text has.
#[derive(Clone, Copy, Debug)]
pub(super) enum Font {
    Label,
    Title,
}

impl Font {
    const fn mono(self) -> &'static MonoFont<'static> {
        match self {
            Self::Label => &FONT_9X15,
            Self::Title => &FONT_10X20,
        }
    }
}

/// The position of a text relative to its point; always centred upon it from above to below.
#[derive(Clone, Copy, Debug)]
pub(super) enum Anchor {
    Left,
    Centre,
    Right,
}

/// A picture.
#[derive(Debug)]
pub(super) struct Canvas {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl Canvas {
    /// Returns a picture of one colour.
    pub(super) fn new(width: u32, height: u32, ground: Colour) -> Self {
        let count = width as usize * height as usize;
        Self {
            width,
            height,
            pixels: ground.repeat(count),
        }
    }

    /// Returns the colour of a pixel.
    #[cfg(test)]
    pub(super) fn pixel(&self, x: i32, y: i32) -> Option<Colour> {
        let place = self.place(x, y)?;
        self.pixels[place..place + 3].try_into().ok()
    }

    /// Colours a pixel; what lies outside is left out.
    pub(super) fn set(&mut self, x: i32, y: i32, colour: Colour) {
        if let Some(place) = self.place(x, y) {
            self.pixels[place..place + 3].copy_from_slice(&colour);
        }
    }

    /// Colours a rectangle, `right` and `bottom` not included.
    pub(super) fn fill(&mut self, [left, top, right, bottom]: [i32; 4], colour: Colour) {
        for y in top..bottom {
            for x in left..right {
                self.set(x, y, colour);
            }
        }
    }

    /// Draws a line of that width.
    pub(super) fn line(&mut self, from: (i32, i32), to: (i32, i32), width: u32, colour: Colour) {
        let style = PrimitiveStyle::with_stroke(rgb(colour), width);
        let line = Line::new(from.into(), to.into()).into_styled(style);
        let Ok(()) = line.draw(self);
    }

    /// Writes a text.
    pub(super) fn text(
        &mut self,
        text: &str,
        at: (i32, i32),
        anchor: Anchor,
        font: Font,
        colour: Colour,
    ) {
        let alignment = match anchor {
            Anchor::Left => Alignment::Left,
            Anchor::Centre => Alignment::Center,
            Anchor::Right => Alignment::Right,
        };
        let style = TextStyleBuilder::new()
            .alignment(alignment)
            .baseline(Baseline::Middle)
            .build();
        let font = MonoTextStyle::new(font.mono(), rgb(colour));
        let Ok(_) = Text::with_text_style(text, at.into(), font, style).draw(self);
    }

    /// Writes the picture as a PNG.
    pub(super) fn write_png(&self, output: impl Write) -> io::Result<()> {
        let mut encoder = png::Encoder::new(output, self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.pixels)?;
        writer.finish()?;
        Ok(())
    }

    fn place(&self, x: i32, y: i32) -> Option<usize> {
        let (x, y) = (u32::try_from(x).ok()?, u32::try_from(y).ok()?);
        let is_inside = x < self.width && y < self.height;
        is_inside.then_some((y as usize * self.width as usize + x as usize) * 3)
    }
}

impl OriginDimensions for Canvas {
    fn size(&self) -> Size {
        Size::new(self.width, self.height)
    }
}

impl DrawTarget for Canvas {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(
        &mut self,
        pixels: I,
    ) -> Result<(), Infallible> {
        for Pixel(Point { x, y }, colour) in pixels {
            self.set(x, y, [colour.r(), colour.g(), colour.b()]);
        }
        Ok(())
    }
}

fn rgb([red, green, blue]: Colour) -> Rgb888 {
    Rgb888::new(red, green, blue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_is_in_the_file() {
        let mut canvas = Canvas::new(40, 30, [1, 2, 3]);
        canvas.fill([0, 0, 2, 2], [9, 9, 9]);
        canvas.set(39, 29, [7, 8, 9]);
        canvas.set(40, 30, [0, 0, 0]);
        canvas.set(-1, 0, [0, 0, 0]);
        canvas.line((5, 5), (5, 9), 1, [4, 4, 4]);
        let mut bytes = Vec::new();
        canvas.write_png(&mut bytes).unwrap();

        let mut reader = png::Decoder::new(io::Cursor::new(bytes))
            .read_info()
            .unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.height), (40, 30));
        assert_eq!(pixels, canvas.pixels);
        assert_eq!(canvas.pixel(1, 1), Some([9, 9, 9]));
        assert_eq!(canvas.pixel(2, 2), Some([1, 2, 3]));
        assert_eq!(canvas.pixel(39, 29), Some([7, 8, 9]));
        assert_eq!(canvas.pixel(5, 7), Some([4, 4, 4]));
    }
}
