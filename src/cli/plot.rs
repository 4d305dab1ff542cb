//! `alliance plot`: one figure alone.

use std::path::Path;

use clap::ValueEnum;

use super::args::ReportArgs;
use super::console::Console;
use super::scales::ScalesArgs;
use super::sessions;
use crate::error::Error;
use crate::moments::Divisor;
use crate::reliability::ScaleConfig;
use crate::render::{Format, NoPicture, Picture, picture};
use crate::report::figures::{self, CourseFigure, together};
use crate::report::model::Figure;
use crate::report::{self, Following, ItemsLine, ScaleRows, Scales};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which figure
    #[arg(value_enum)]
    name: Name,
    #[command(flatten)]
    scales: ScalesArgs,
    /// A rule for ruptures, for figures of courses: a preset, SCALE:C, or a file
    #[arg(long, value_name = "RULE", help_heading = "Courses")]
    rule: Vec<String>,
    /// Draw these dyads
    #[arg(long, value_name = "DYAD", value_delimiter = ',', help_heading = "Courses")]
    show: Vec<String>,
    /// Coded sessions, drawn under the courses: [SCHEME=]FILE, by dyad and session
    #[arg(long, value_name = "[SCHEME=]FILE", help_heading = "Courses")]
    events: Option<String>,
    #[command(flatten)]
    report: ReportArgs,
}

/// The figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// How the answers to each item are spread
    Answers,
    /// Answers to each item in the lowest, middle and highest third of the rest of the scale
    Thirds,
    /// Item means against item–rest correlations
    Strength,
    /// Alpha without each item
    Without,
    /// Correlations between items
    Correlations,
    /// Eigenvalues of these correlations
    Scree,
    /// Items left out
    Gaps,
    /// How the scores are spread, with floor and ceiling
    Distributions,
    /// Alpha and omega by scale and informant
    Forest,
    /// Reliability of a person's mean by number of sessions
    SessionsNeeded,
    /// Which sessions were answered
    Presence,
    /// Courses of dyads with control limits, ruptures and repairs
    Course,
    /// All dyads, small
    Multiples,
    /// First score against last
    FirstLast,
    /// Two informants side by side (Bland and Altman)
    Agreement,
}

impl Name {
    fn id(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Figures of courses follow one scale through time; others take one row a person.
    fn of_courses(self) -> Option<CourseFigure> {
        match self {
            Name::Course => Some(CourseFigure::Course),
            Name::Multiples => Some(CourseFigure::Multiples),
            Name::FirstLast => Some(CourseFigure::FirstLast),
            Name::Agreement => Some(CourseFigure::Agreement),
            Name::SessionsNeeded => Some(CourseFigure::SessionsNeeded),
            _ => None,
        }
    }
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<(), Error> {
    let output = args.report.output.as_deref();
    let drawn = output.and_then(of_name).filter(|_| args.report.format.is_none());
    let format = match drawn {
        Some(_) => Format::Text,
        None => args.report.format().map_err(also_pictures)?,
    };
    let of_courses = args.name.of_courses();
    let unused = [("--rule", !args.rule.is_empty()), ("--show", !args.show.is_empty())];
    if let Some((option, _)) = unused.iter().find(|(_, given)| *given && of_courses.is_none()) {
        let message = format!("{option} is for figures of courses, not for `{}`", args.name.id());
        return Err(Error::usage_help(message, "these are: course, multiples, first-last, agreement"));
    }
    if args.events.is_some() && of_courses != Some(CourseFigure::Course) {
        let message = format!("--events is drawn under courses, not in `{}`", args.name.id());
        return Err(Error::usage_help(message, "alliance plot course … --events FILE"));
    }
    let scales = args.scales.load("plot", console)?;
    let found = match of_courses {
        Some(kind) => courses(args, &scales, kind)?,
        None => figure(args, &scales),
    };
    let Some(figure) = found else {
        let message = format!("there is nothing to draw for `{}` in these rows", args.name.id());
        return Err(Error::usage_help(message, "alliance items and alliance sessions tell more"));
    };
    match (drawn, output) {
        (Some(kind), Some(path)) => {
            let bytes = picture(&figure, kind).map_err(|why| match why {
                NoPicture::Letter(_) => {
                    Error::usage_help(why.to_string(), "a picture with -o figure.svg has all letters")
                }
                NoPicture::Size => {
                    Error::usage_help(why.to_string(), "fewer dyads or scales: --show, --scale")
                }
            })?;
            console.write(path, &bytes)
        }
        _ => console.report(&figures::plot(&scales, &args.name.id(), figure), format, output),
    }
}

/// An ending that no report has, with the endings that figures alone have.
fn also_pictures(error: Error) -> Error {
    match error {
        Error::Usage { message, help: Some(help) } => Error::usage_help(
            message.replacen("a report", "a figure", 1),
            help.replacen(".txt", ".svg, .png, .txt", 1),
        ),
        other => other,
    }
}

/// The kind of picture that a file's name asks for.
fn of_name(path: &Path) -> Option<Picture> {
    match path.extension()?.to_string_lossy().to_lowercase().as_str() {
        "svg" => Some(Picture::Svg),
        "png" => Some(Picture::Png),
        _ => None,
    }
}

fn courses(args: &Args, scales: &Scales, kind: CourseFigure) -> Result<Option<Figure>, Error> {
    let following = Following {
        rules: sessions::rules(&args.rule)?,
        scales: sessions::scales(&scales.study, &args.scales.scale)?,
        tolerance: 1,
        // Pictures show marks, not how often they come by chance.
        seed: 1,
        simulations: 0,
        threads: args.scales.study.how.threads(),
    };
    let coded = args.events.as_ref().map(|events| sessions::read_coded(events, None, &args.scales.study.how));
    figures::courses(&scales.study, &following, coded.transpose()?.as_ref(), kind, &args.show)
}

fn figure(args: &Args, scales: &Scales) -> Option<Figure> {
    let level = args.scales.level;
    match args.name {
        Name::Presence => return figures::presence(&scales.study),
        Name::Distributions => return figures::distributions(scales),
        Name::Forest => {
            let config = ScaleConfig { level, missing: args.scales.missing(), ..ScaleConfig::default() };
            return figures::forest(&report::reliability_lines(scales, &config, None));
        }
        _ => {}
    }
    let lines = report::item_lines(scales, args.scales.missing(), Divisor::N, level);
    let whole = |line: &&ItemsLine| !args.scales.scale.is_empty() || !is_part(line, &lines);
    let each =
        |of: &dyn Fn(&ItemsLine) -> Option<Figure>| lines.iter().filter(whole).filter_map(of).collect();
    match args.name {
        Name::Answers => together("How the answers are spread", each(&figures::answers), 1),
        Name::Strength => together("Item means against item–rest correlations", each(&figures::strength), 1),
        Name::Without => together("Alpha without each item", each(&figures::without), 1),
        Name::Correlations => together("Correlations between items", each(&figures::correlations), 1),
        Name::Scree => together("Eigenvalues of the correlations", each(&figures::scree), 1),
        Name::Gaps => together("Items left out", each(&figures::gaps), 1),
        Name::Thirds => {
            let rows = |line: &ItemsLine| -> Option<&ScaleRows> {
                scales.lines.iter().find(|rows| rows.of == line.of)
            };
            let of = |line: &ItemsLine| figures::thirds(scales, rows(line)?, line);
            together("Answers by third of the rest of the scale", each(&of), 1)
        }
        _ => None,
    }
}

/// Whether a larger scale of the same form and group holds all its items.
fn is_part(line: &ItemsLine, lines: &[ItemsLine]) -> bool {
    let holds = |other: &ItemsLine, id: &str| other.items.iter().any(|item| item.statistics.fit.item == id);
    lines.iter().any(|other| {
        other.of.form == line.of.form
            && other.of.by == line.of.by
            && other.items.len() > line.items.len()
            && line.items.iter().all(|item| holds(other, &item.statistics.fit.item))
    })
}
