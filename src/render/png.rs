//! A drawing as pixels, in a typeface that comes with the program: the same picture on every machine.

use tiny_skia::{
    Color, FillRule, LineJoin, Mask, Paint, Path, PathBuilder, Pixmap, Stroke, StrokeDash, Transform,
};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

use super::ink::on_light;
use crate::report::model::{Anchor, Dash, Drawing, Ink, Mark};

/// Pixels for one pixel of a screen, in a file of its own: 288 to the inch.
pub(super) const ALONE: f32 = 3.0;
/// The same in a document, whose size counts: 192 to the inch.
pub(super) const WITHIN: f32 = 2.0;
const REGULAR: &[u8] = include_bytes!("fonts/DejaVuSans.ttf");
const BOLD: &[u8] = include_bytes!("fonts/DejaVuSans-Bold.ttf");

/// Why there is no picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPicture {
    /// Letters that the typeface does not have.
    #[error("the typeface of PNG pictures has no `{0}`")]
    Letter(char),
    /// It has no size that a picture can have.
    #[error("the picture is too large")]
    Size,
}

/// The pixels of a drawing, as a PNG file; `fine` of them for one pixel of a screen.
pub(super) fn render(drawing: &Drawing, fine: f32) -> Result<Vec<u8>, NoPicture> {
    let size = |length: f64| (length as f32 * fine).ceil() as u32;
    let mut pixels = Pixmap::new(size(drawing.width), size(drawing.height)).ok_or(NoPicture::Size)?;
    pixels.fill(Color::WHITE);
    let scale = Transform::from_scale(fine, fine);
    for mark in &drawing.marks {
        match mark {
            Mark::Line { points, ink, width, dash } => {
                let stroke = Stroke {
                    width: *width as f32,
                    line_join: LineJoin::Round,
                    dash: match dash {
                        Dash::Whole => None,
                        Dash::Long => StrokeDash::new(vec![5.0, 3.0], 0.0),
                        Dash::Dots => StrokeDash::new(vec![1.5, 2.5], 0.0),
                    },
                    ..Stroke::default()
                };
                if let Some(path) = path(points, false) {
                    pixels.stroke_path(&path, &paint(*ink, 1.0), &stroke, scale, NO_MASK);
                }
            }
            Mark::Area { points, ink, opacity } => {
                if let Some(path) = path(points, true) {
                    pixels.fill_path(&path, &paint(*ink, *opacity), FillRule::Winding, scale, NO_MASK);
                }
            }
            Mark::Circle { center: [x, y], radius, ink, filled } => {
                let Some(path) = PathBuilder::from_circle(*x as f32, *y as f32, *radius as f32) else {
                    continue;
                };
                let inside = if *filled { *ink } else { Ink::Paper };
                pixels.fill_path(&path, &paint(inside, 1.0), FillRule::Winding, scale, NO_MASK);
                if !filled {
                    let stroke = Stroke { width: 1.6, ..Stroke::default() };
                    pixels.stroke_path(&path, &paint(*ink, 1.0), &stroke, scale, NO_MASK);
                }
            }
            Mark::Words { text, at, anchor, size, ink, bold, turned } => {
                let face = Face::parse(if *bold { BOLD } else { REGULAR }, 0).map_err(|_| NoPicture::Size)?;
                let (outline, width) = words(&face, text, *size as f32)?;
                let back = match anchor {
                    Anchor::Start => 0.0,
                    Anchor::Middle => width / 2.0,
                    Anchor::End => width,
                };
                let turn = if *turned { Transform::from_rotate(-90.0) } else { Transform::identity() };
                let place = scale
                    .pre_concat(Transform::from_translate(at[0] as f32, at[1] as f32))
                    .pre_concat(turn)
                    .pre_concat(Transform::from_translate(-back, 0.0));
                if let Some(outline) = outline {
                    pixels.fill_path(&outline, &paint(*ink, 1.0), FillRule::Winding, place, NO_MASK);
                }
            }
        }
    }
    pixels.encode_png().map_err(|_| NoPicture::Size)
}

const NO_MASK: Option<&Mask> = None;

fn paint(ink: Ink, opacity: f64) -> Paint<'static> {
    let [r, g, b] = on_light(ink);
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color_rgba8(r, g, b, (255.0 * opacity).round() as u8);
    paint
}

fn path(points: &[[f64; 2]], closed: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    for (at, [x, y]) in points.iter().enumerate() {
        match at {
            0 => path.move_to(*x as f32, *y as f32),
            _ => path.line_to(*x as f32, *y as f32),
        }
    }
    if closed {
        path.close();
    }
    path.finish()
}

/// The outline of words on a baseline from 0 on, and how wide they are.
fn words(face: &Face<'_>, text: &str, size: f32) -> Result<(Option<Path>, f32), NoPicture> {
    let scale = size / f32::from(face.units_per_em());
    let mut pen = Pen { path: PathBuilder::new(), x: 0.0, scale };
    for letter in text.chars().filter(|letter| !letter.is_control()) {
        let glyph: GlyphId = face.glyph_index(letter).ok_or(NoPicture::Letter(letter))?;
        face.outline_glyph(glyph, &mut pen);
        pen.x += f32::from(face.glyph_hor_advance(glyph).unwrap_or(0)) * scale;
    }
    Ok((pen.path.finish(), pen.x))
}

/// Draws letters one after the other.
struct Pen {
    path: PathBuilder,
    x: f32,
    scale: f32,
}

impl Pen {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.scale, -y * self.scale)
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}
