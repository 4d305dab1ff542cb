//! Charts by plotters, taken down as marks.
//!
//! plotters places axes, ticks and shapes; [`Recorder`] is the paper it draws on. Colours are names here: red is an ink's
//! number, green its dash. plotters counts in whole pixels, so the paper is larger than the drawing by [`FINE`].

use std::convert::Infallible;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontStyle,
    FontTransform,
};

use crate::report::model::{Anchor, Dash, Drawing, Ink, Mark};

/// Pixels of the paper in one pixel of the drawing.
pub(super) const FINE: i32 = 20;
/// Letters of a name within a picture.
pub(super) const NAME: usize = 24;
/// The size of words.
pub(super) const SIZE: f64 = 12.0;

/// The paper, or a part of it.
pub(super) type Area<'a> = DrawingArea<Recorder<'a>, Shift>;
/// What drawing ends with; it cannot fail.
pub(super) type Drawn = Result<(), DrawingAreaErrorKind<Infallible>>;

/// Takes down what is drawn.
pub(super) struct Recorder<'a> {
    marks: &'a mut Vec<Mark>,
    size: (u32, u32),
}

/// A drawing of this size.
pub(super) fn draw(width: f64, height: f64, paint: impl FnOnce(&Area<'_>) -> Drawn) -> Drawing {
    let mut marks = Vec::new();
    let size = (fine(width) as u32, fine(height) as u32);
    {
        let area = Recorder { marks: &mut marks, size }.into_drawing_area();
        // Nothing here can fail: there is no file, and coordinates that do not fit are clipped.
        let _ = paint(&area);
        let _ = area.present();
    }
    Drawing { width, height, marks }
}

/// A length of the drawing on the paper.
pub(super) fn fine(length: f64) -> i32 {
    (length * f64::from(FINE)).round() as i32
}

/// A line thickness on the paper.
pub(super) fn thick(width: f64) -> u32 {
    fine(width).unsigned_abs()
}

/// The name of an ink as a colour.
pub(super) fn ink(ink: Ink) -> RGBColor {
    let at = Ink::all().position(|other| other == ink).unwrap_or(0);
    RGBColor(at as u8, 0, 0)
}

/// The same for lines of long pieces.
pub(super) fn dashed(of: Ink) -> RGBColor {
    RGBColor(ink(of).0, 1, 0)
}

/// The same for dotted lines.
pub(super) fn dotted(of: Ink) -> RGBColor {
    RGBColor(ink(of).0, 2, 0)
}

/// A line of this ink.
pub(super) fn line(colour: RGBColor, width: f64) -> ShapeStyle {
    Color::stroke_width(&colour, thick(width))
}

/// Words of this ink and size, at this place.
pub(super) fn words(of: Ink, size: f64, h: HPos, v: VPos) -> TextStyle<'static> {
    let font = ("sans-serif", f64::from(fine(size))).into_font();
    TextStyle { font, color: ink(of).to_backend_color(), pos: Pos::new(h, v) }
}

/// The same, bold.
pub(super) fn bold(of: Ink, size: f64, h: HPos, v: VPos) -> TextStyle<'static> {
    let font = ("sans-serif", f64::from(fine(size))).into_font().style(FontStyle::Bold);
    TextStyle { font, color: ink(of).to_backend_color(), pos: Pos::new(h, v) }
}

/// A name as long as a picture has room for.
pub(super) fn cut(name: &str, most: usize) -> String {
    if name.chars().count() <= most {
        return name.to_owned();
    }
    let start: String = name.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", start.trim_end())
}

/// How wide words are, about.
pub(super) fn width_of(text: &str, size: f64) -> f64 {
    0.6 * size * unicode_width::UnicodeWidthStr::width(text) as f64
}

/// The widest of several.
pub(super) fn widest<'t>(texts: impl IntoIterator<Item = &'t str>, size: f64) -> f64 {
    texts.into_iter().map(|text| width_of(text, size)).fold(0.0, f64::max)
}

fn coarse(at: BackendCoord) -> [f64; 2] {
    [f64::from(at.0) / f64::from(FINE), f64::from(at.1) / f64::from(FINE)]
}

fn ink_of(color: BackendColor) -> (Ink, Dash) {
    let ink = Ink::all().nth(usize::from(color.rgb.0)).unwrap_or(Ink::Text);
    let dash = match color.rgb.1 {
        1 => Dash::Long,
        2 => Dash::Dots,
        _ => Dash::Whole,
    };
    (ink, dash)
}

fn width_in(style: &impl BackendStyle) -> f64 {
    f64::from(style.stroke_width()) / f64::from(FINE)
}

type Taken = Result<(), DrawingErrorKind<Infallible>>;

impl Recorder<'_> {
    fn line(&mut self, points: Vec<[f64; 2]>, style: &impl BackendStyle) {
        if style.color().alpha > 0.0 && points.len() > 1 {
            let (ink, dash) = ink_of(style.color());
            self.marks.push(Mark::Line { points, ink, width: width_in(style), dash });
        }
    }

    fn area(&mut self, points: Vec<[f64; 2]>, color: BackendColor) {
        if color.alpha > 0.0 {
            self.marks.push(Mark::Area { points, ink: ink_of(color).0, opacity: color.alpha });
        }
    }
}

impl DrawingBackend for Recorder<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Taken {
        Ok(())
    }

    fn present(&mut self) -> Taken {
        Ok(())
    }

    fn draw_pixel(&mut self, _: BackendCoord, _: BackendColor) -> Taken {
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Taken {
        self.line(vec![coarse(from), coarse(to)], style);
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Taken {
        let ([left, top], [right, bottom]) = (coarse(from), coarse(to));
        let mut corners = vec![[left, top], [right, top], [right, bottom], [left, bottom]];
        if fill {
            self.area(corners, style.color());
        } else {
            corners.push([left, top]);
            self.line(corners, style);
        }
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Taken {
        self.line(path.into_iter().map(coarse).collect(), style);
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        filled: bool,
    ) -> Taken {
        let (ink, _) = ink_of(style.color());
        let radius = f64::from(radius) / f64::from(FINE);
        self.marks.push(Mark::Circle { center: coarse(center), radius, ink, filled });
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Taken {
        self.area(corners.into_iter().map(coarse).collect(), style.color());
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, at: BackendCoord) -> Taken {
        let size = style.size() / f64::from(FINE);
        let pos = style.anchor();
        let turned = matches!(style.transform(), FontTransform::Rotate270);
        // From the edge or the middle of the letters to their baseline.
        let down = match pos.v_pos {
            VPos::Top => 0.76 * size,
            VPos::Center => 0.35 * size,
            VPos::Bottom => -0.22 * size,
        };
        let [x, y] = coarse(at);
        self.marks.push(Mark::Words {
            text: text.to_owned(),
            at: if turned { [x + down, y] } else { [x, y + down] },
            anchor: match pos.h_pos {
                HPos::Left => Anchor::Start,
                HPos::Center => Anchor::Middle,
                HPos::Right => Anchor::End,
            },
            size,
            ink: ink_of(style.color()).0,
            bold: matches!(style.style(), FontStyle::Bold),
            turned,
        });
        Ok(())
    }
}
