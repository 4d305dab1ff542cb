//! What charts share: a frame with axes, words beside it, marks for several series.

use std::ops::Range;

use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{Area, Drawn, FINE, Recorder, SIZE, fine, ink, line, width_of, words};
use crate::report::model::Ink;

/// A chart with two axes of numbers.
pub(super) type Chart<'a, 'b> = ChartContext<'b, Recorder<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// What stands around a chart, in pixels of the drawing, and what it spans.
pub(super) struct Frame {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
    pub x: Range<f64>,
    pub y: Range<f64>,
}

/// What an axis says.
pub(super) struct Axis<'t> {
    /// Beside it.
    pub name: &'t str,
    /// About how many values stand at it; none for an axis of names.
    pub ticks: usize,
    /// How a value is written.
    pub label: &'t dyn Fn(f64) -> String,
}

impl Axis<'_> {
    /// An axis whose names are written by hand.
    pub(super) fn of_names() -> Axis<'static> {
        Axis { name: "", ticks: 0, label: &|_| String::new() }
    }
}

impl Frame {
    /// The chart, its axes drawn; lines to read by stand behind the values of both axes.
    pub(super) fn chart<'a, 'b>(
        &self,
        area: &'b Area<'a>,
        x: &Axis<'_>,
        y: &Axis<'_>,
    ) -> Result<Chart<'a, 'b>, DrawingAreaErrorKind<std::convert::Infallible>> {
        let mut chart = ChartBuilder::on(area)
            .margin_top(fine(self.top))
            .margin_right(fine(self.right))
            .x_label_area_size(fine(self.bottom))
            .y_label_area_size(fine(self.left))
            .build_cartesian_2d(self.x.clone(), self.y.clone())?;
        let across = |value: &f64| (x.label)(*value);
        let upward = |value: &f64| (y.label)(*value);
        let mut mesh = chart.configure_mesh();
        mesh.light_line_style(TRANSPARENT)
            .bold_line_style(line(ink(Ink::Grid), 1.0))
            .axis_style(line(ink(Ink::Axis), 1.0))
            .x_labels(x.ticks)
            .y_labels(y.ticks)
            .x_label_style(words(Ink::Quiet, SIZE - 1.0, HPos::Center, VPos::Top))
            .y_label_style(words(Ink::Quiet, SIZE - 1.0, HPos::Right, VPos::Center))
            .x_label_formatter(&across)
            .y_label_formatter(&upward)
            .set_all_tick_mark_size(fine(if x.ticks + y.ticks > 0 { 4.0 } else { 0.0 }));
        if x.ticks == 0 {
            mesh.disable_x_mesh().disable_x_axis();
        }
        if y.ticks == 0 {
            mesh.disable_y_mesh().disable_y_axis();
        }
        mesh.draw()?;
        let (wide, high) =
            (chart.plotting_area().get_x_axis_pixel_range(), chart.plotting_area().get_y_axis_pixel_range());
        let (_, height) = area.dim_in_pixel();
        let middle = (wide.start + wide.end) / 2;
        let under = words(Ink::Text, SIZE, HPos::Center, VPos::Bottom);
        area.draw(&Text::new(x.name.to_owned(), (middle, height as i32 - fine(3.0)), under))?;
        if !y.name.is_empty() {
            let beside =
                words(Ink::Text, SIZE, HPos::Center, VPos::Center).transform(FontTransform::Rotate270);
            area.draw(&Text::new(
                y.name.to_owned(),
                (fine(SIZE * 0.7), (high.start + high.end) / 2),
                beside,
            ))?;
        }
        Ok(chart)
    }
}

/// Where a value lies on the paper.
pub(super) fn place(chart: &Chart<'_, '_>, x: f64, y: f64) -> (i32, i32) {
    chart.backend_coord(&(x, y))
}

/// Words to the left of a value of the upright axis.
pub(super) fn name_left(area: &Area<'_>, chart: &Chart<'_, '_>, x: f64, y: f64, text: &str) -> Drawn {
    let (px, py) = place(chart, x, y);
    let style = words(Ink::Text, SIZE, HPos::Right, VPos::Center);
    area.draw(&Text::new(text.to_owned(), (px - fine(7.0), py), style))
}

/// Words at a place, so many pixels of the drawing away.
pub(super) fn say(
    area: &Area<'_>,
    at: (i32, i32),
    away: [f64; 2],
    text: &str,
    style: TextStyle<'static>,
) -> Drawn {
    area.draw(&Text::new(text.to_owned(), (at.0 + fine(away[0]), at.1 + fine(away[1])), style))
}

/// A mark of a series: a filled circle, an open square, a filled triangle, an open circle.
pub(super) fn marker(area: &Area<'_>, at: (i32, i32), series: u8, size: f64) -> Drawn {
    let of = ink(Ink::Series(series));
    let half = fine(size);
    let (x, y) = at;
    match series {
        0 => area.draw(&Circle::new(at, half, of.filled())),
        1 => {
            let corners = [(x - half, y - half), (x + half, y + half)];
            area.draw(&Rectangle::new(corners, ink(Ink::Paper).filled()))?;
            area.draw(&Rectangle::new(corners, line(of, 1.6)))
        }
        2 => area.draw(&Polygon::new(
            vec![(x, y - half - half / 3), (x + half + half / 5, y + half), (x - half - half / 5, y + half)],
            of.filled(),
        )),
        _ => area.draw(&Circle::new(at, half, line(of, 1.6))),
    }
}

/// A straight line between two places of the chart.
pub(super) fn stroke(
    area: &Area<'_>,
    chart: &Chart<'_, '_>,
    from: [f64; 2],
    to: [f64; 2],
    style: ShapeStyle,
) -> Drawn {
    let points = vec![place(chart, from[0], from[1]), place(chart, to[0], to[1])];
    area.draw(&PathElement::new(points, style))
}

/// A filled rectangle between two places of the chart.
pub(super) fn block(
    area: &Area<'_>,
    chart: &Chart<'_, '_>,
    from: [f64; 2],
    to: [f64; 2],
    style: impl Into<ShapeStyle>,
) -> Drawn {
    let corners = [place(chart, from[0], from[1]), place(chart, to[0], to[1])];
    area.draw(&Rectangle::new(corners, style))
}

/// A range that holds all values, with some air; never empty.
pub(super) fn span(values: impl IntoIterator<Item = f64>, air: f64) -> Range<f64> {
    let (low, high) = values
        .into_iter()
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if low > high {
        return 0.0..1.0;
    }
    let room = if high > low { air * (high - low) } else { 0.5 };
    low - room..high + room
}

/// Puts a name beside each spot, where it covers neither spots nor other names if there is such a place.
pub(super) fn name_spots(area: &Area<'_>, spots: &[((i32, i32), String)]) -> Drawn {
    /// Half the width and height that a spot keeps free.
    const SPOT: f64 = 4.5;
    let size = SIZE - 1.0;
    let coarse = |at: (i32, i32)| [f64::from(at.0) / f64::from(FINE), f64::from(at.1) / f64::from(FINE)];
    let mut taken: Vec<[f64; 4]> = spots
        .iter()
        .map(|(at, _)| coarse(*at))
        .map(|[x, y]| [x - SPOT, y - SPOT, x + SPOT, y + SPOT])
        .collect();
    for (at, name) in spots {
        let ([x, y], width) = (coarse(*at), width_of(name, size));
        // Right, left, above, below, and further out.
        let sides = |out: f64| {
            let (beside, half) = (6.0 + out, width / 2.0);
            [
                [x + beside, y],
                [x - beside - width, y],
                [x - half, y - 10.0 - out],
                [x - half, y + 10.0 + out],
                [x + beside, y - 8.0 - out],
                [x + beside, y + 8.0 + out],
                [x - beside - width, y - 8.0 - out],
                [x - beside - width, y + 8.0 + out],
            ]
        };
        let room = |[left, middle]: [f64; 2]| [left, middle - size / 2.0, left + width, middle + size / 2.0];
        let free = |own: &[f64; 4]| {
            !taken.iter().any(|[l, t, r, b]| own[0] < *r && own[2] > *l && own[1] < *b && own[3] > *t)
        };
        let places = [0.0, 6.0, 12.0, 18.0].into_iter().flat_map(sides);
        let [left, middle] = places.clone().find(|place| free(&room(*place))).unwrap_or([x + 6.0, y]);
        taken.push(room([left, middle]));
        say(
            area,
            (fine(left), fine(middle)),
            [0.0, 0.0],
            name,
            words(Ink::Text, size, HPos::Left, VPos::Center),
        )?;
    }
    Ok(())
}
