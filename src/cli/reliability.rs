//! `alliance reliability`: every coefficient of every scale.

use serde_json::json;

use super::args::ReportArgs;
use super::console::Console;
use super::matrix::{self, MatrixArgs};
use super::scales::ScalesArgs;
use crate::error::Error;
use crate::finding::near;
use crate::reliability::{BootstrapConfig, Coefficient, HalvesConfig, ScaleConfig};
use crate::render::Format;
use crate::report::{self, Shown};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    scales: ScalesArgs,
    /// Show all coefficients
    #[arg(long, help_heading = "Output")]
    all: bool,
    /// Show these coefficients: omega_total,lambda2,… (JSON always holds all)
    #[arg(long, value_name = "ID", value_delimiter = ',', help_heading = "Output", conflicts_with = "all")]
    coefficients: Vec<String>,
    /// How many group factors omega hierarchical takes, instead of the scales that are parts of the scale
    #[arg(long, value_name = "N")]
    group_factors: Option<usize>,
    /// Also limits by drawing persons N times again, of alpha, standardized alpha, lambdas 1 to 3, 5 and 6, omega total, mean r
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    bootstrap: Option<u32>,
    /// And of these: ordinal_alpha,glb,…
    #[arg(long, value_name = "ID", value_delimiter = ',', requires = "bootstrap")]
    bootstrap_of: Vec<String>,
    /// The seed of everything random: split halves beyond 16 items, the bootstrap
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    matrix: MatrixArgs,
    #[command(flatten)]
    report: ReportArgs,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<(), Error> {
    let format = args.report.format()?;
    let shown = shown(args, format)?;
    let of: Result<Vec<Coefficient>, Error> =
        args.bootstrap_of.iter().map(|id| coefficient("--bootstrap-of", id)).collect();
    let of = BootstrapConfig::usual_and(of?);
    let bootstrap =
        args.bootstrap.map(|draws| BootstrapConfig { draws: draws as usize, seed: args.seed, of });
    let config = ScaleConfig {
        level: args.scales.level,
        missing: args.scales.missing(),
        bootstrap,
        threads: args.scales.study.how.threads().into(),
        halves: HalvesConfig { seed: args.seed, ..HalvesConfig::default() },
        ..ScaleConfig::default()
    };
    if let Some(given) = args.matrix.given() {
        if args.bootstrap.is_some() {
            return Err(Error::usage("--bootstrap draws persons again, and a matrix has none"));
        }
        let study = matrix::load(&args.scales.study, given)?;
        let wanted = args.scales.wanted(&study.study)?;
        let lines = report::matrix_lines(&study, &wanted, &config, args.group_factors);
        let settings = json!({ "reliability": config, "seed": args.seed });
        let report = report::reliability_of_matrix(&study, &lines, &shown, settings);
        return console.report(&report, format, args.report.output.as_deref());
    }
    let scales = args.scales.load("reliability", console)?;
    let lines = report::reliability_lines(&scales, &config, args.group_factors);
    let settings = json!({ "reliability": config, "by": args.scales.by, "seed": args.seed });
    let report = report::reliability(&scales, &lines, &shown, settings);
    console.report(&report, format, args.report.output.as_deref())
}

/// Which coefficients a page shows; a table of data shows all.
fn shown(args: &Args, format: Format) -> Result<Shown, Error> {
    if args.all || (format == Format::Csv && args.coefficients.is_empty()) {
        return Ok(Shown::All);
    }
    if args.coefficients.is_empty() {
        return Ok(Shown::Brief);
    }
    let these: Result<Vec<Coefficient>, Error> =
        args.coefficients.iter().map(|id| coefficient("--coefficients", id)).collect();
    Ok(Shown::These(these?))
}

/// The coefficient of an id.
fn coefficient(option: &str, id: &str) -> Result<Coefficient, Error> {
    Coefficient::parse(id.trim()).ok_or_else(|| {
        let ids: Vec<&str> = Coefficient::all().map(Coefficient::id).collect();
        let help = match near(id, ids.iter().copied()).first() {
            Some(id) => format!("did you mean `{id}`?"),
            None => format!("coefficients are: {}", ids.join(", ")),
        };
        Error::usage_help(format!("{option}: there is no coefficient `{id}`"), help)
    })
}
