//! `alliance plot`: one figure alone.

use std::path::Path;

use clap::ValueEnum;

use super::args::ReportArgs;
use super::console::Console;
use super::scales::ScalesArgs;
use crate::error::Error;
use crate::moments::Divisor;
use crate::render::{Picture, picture};
use crate::report::figures::{self, together};
use crate::report::model::Figure;
use crate::report::{self, ItemsLine, Scales};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which figure
    #[arg(value_enum)]
    name: Name,
    #[command(flatten)]
    scales: ScalesArgs,
    #[command(flatten)]
    report: ReportArgs,
}

/// The figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// How the answers to each item are spread
    Answers,
    /// Item means against item–rest correlations
    Strength,
    /// Alpha without each item
    Without,
}

impl Name {
    fn id(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<(), Error> {
    let output = args.report.output.as_deref();
    let drawn = output.and_then(of_name).filter(|_| args.report.format.is_none());
    let format = if drawn.is_some() { crate::render::Format::Text } else { args.report.format()? };
    let scales = args.scales.load("plot", console)?;
    let found = figure(args, &scales);
    let Some(figure) = found else {
        let message = format!("there is nothing to draw for `{}` in these rows", args.name.id());
        return Err(Error::usage_help(message, "alliance items tells why"));
    };
    match (drawn, output) {
        (Some(kind), Some(path)) => console.write(path, &picture(&figure, kind)),
        _ => console.report(&figures::plot(&scales, &args.name.id(), figure), format, output),
    }
}

/// The kind of picture that a file's name asks for.
fn of_name(path: &Path) -> Option<Picture> {
    match path.extension()?.to_string_lossy().to_lowercase().as_str() {
        "svg" => Some(Picture::Svg),
        _ => None,
    }
}

fn figure(args: &Args, scales: &Scales) -> Option<Figure> {
    let level = args.scales.level;
    let lines = report::item_lines(scales, args.scales.missing(), Divisor::N, level);
    let whole: Vec<&ItemsLine> =
        lines.iter().filter(|line| !args.scales.scale.is_empty() || !is_part(line, &lines)).collect();
    let each = |of: &dyn Fn(&ItemsLine) -> Option<Figure>| whole.iter().filter_map(|line| of(line)).collect();
    match args.name {
        Name::Answers => together("How the answers are spread", each(&figures::answers), 1),
        Name::Strength => together("Item means against item–rest correlations", each(&figures::strength), 1),
        Name::Without => together("Alpha without each item", each(&figures::without), 1),
    }
}

/// Whether a larger scale of the same form and group holds all its items.
fn is_part(line: &ItemsLine, lines: &[ItemsLine]) -> bool {
    let holds = |other: &&ItemsLine, id: &str| other.items.iter().any(|item| item.statistics.fit.item == id);
    lines.iter().any(|other| {
        other.of.form == line.of.form
            && other.of.by == line.of.by
            && other.items.len() > line.items.len()
            && line.items.iter().all(|item| holds(&other, &item.statistics.fit.item))
    })
}
