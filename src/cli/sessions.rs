//! `alliance sessions`: dyads through time.

use std::path::{Path, PathBuf};

use super::args::{HowArgs, ReportArgs};
use super::console::Console;
use super::files::{base_name, read};
use super::load;
use super::study::StudyArgs;
use crate::error::Error;
use crate::finding::near;
use crate::render::Format;
use crate::report::{self, Asked, Coded, CodedOptions, Detail, Following, Primary, Study};
use crate::session::{Preset, Rule, named_rules};
use crate::strict;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    study: StudyArgs,
    /// A rule for ruptures: a preset, SCALE:C such as points:1 or sd_raw:2, or a file; several with several --rule
    #[arg(long, value_name = "RULE", help_heading = "Courses")]
    rule: Vec<String>,
    /// The scales to follow [default: total, or the first]
    #[arg(long, value_name = "SCALE", value_delimiter = ',', help_heading = "Courses")]
    scale: Vec<String>,
    /// Show these dyads alone, large
    #[arg(long, value_name = "DYAD", value_delimiter = ',', help_heading = "Courses")]
    show: Vec<String>,
    /// Session numbers by which ruptures of two informants may lie apart and count as one
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Courses")]
    tolerance: u32,
    /// Coded sessions: [SCHEME=]FILE, by dyad and session
    #[arg(long, value_name = "[SCHEME=]FILE", help_heading = "Coded events")]
    events: Option<String>,
    /// Take this observer's codes alone
    #[arg(long, value_name = "NAME", requires = "events", help_heading = "Coded events")]
    events_rater: Option<String>,
    /// The one question asked beforehand: CODE,ROLE,SCALE,LAG
    #[arg(long, value_name = "CODE,ROLE,SCALE,LAG", requires = "events", help_heading = "Coded events")]
    primary: Option<String>,
    /// The seed of all simulations
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Courses")]
    seed: u64,
    /// Simulated courses for each number of sessions, behind the chances of false alarms; 0 for none
    #[arg(long, value_name = "N", default_value_t = 2000, help_heading = "Courses")]
    simulations: u32,
    #[command(flatten)]
    report: ReportArgs,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<(), Error> {
    let format = args.report.format()?;
    let named = rules(&args.rule)?;
    let primary = args.primary.as_deref().map(primary).transpose()?;
    let study = args.study.load(&[], console)?;
    let coded = match &args.events {
        Some(events) => Some(read_coded(events, args.events_rater.as_deref(), &args.study.how)?),
        None => None,
    };
    let following = Following {
        rules: named,
        scales: scales(&study, &args.scale)?,
        tolerance: i64::from(args.tolerance),
        seed: args.seed,
        simulations: args.simulations,
        threads: args.study.how.threads(),
    };
    let asked = Asked {
        following: &following,
        coded: coded.as_ref(),
        primary: primary.as_ref(),
        show: &args.show,
        detail: if matches!(format, Format::Json | Format::Csv) { Detail::Data } else { Detail::Page },
    };
    let report = report::sessions(&study, &asked)?;
    console.report(&report, format, args.report.output.as_deref())
}

/// Reads `[SCHEME=]FILE`.
pub(super) fn read_coded(text: &str, rater: Option<&str>, how: &HowArgs) -> Result<Coded, Error> {
    let (scheme, file) = match text.split_once('=') {
        Some((scheme, file)) if !Path::new(text).is_file() => (Some(scheme), file),
        _ => (None, text),
    };
    let path = Path::new(file);
    let scheme = scheme.map(|word| Ok::<_, Error>(load::instrument(word)?.instrument)).transpose()?;
    let keys = how.options()?.keys;
    let options = CodedOptions { scheme: scheme.as_ref(), keys: &keys, rater };
    Coded::read(&base_name(path), &read(path)?, &options)
}

/// The rules asked for, each id once.
pub(super) fn rules(names: &[String]) -> Result<Vec<Rule>, Error> {
    let mut rules: Vec<Rule> = Vec::new();
    for name in names {
        let path = Path::new(name);
        let found = if path.extension().is_some_and(|ext| ext == "toml") {
            rule_file(path)?
        } else {
            let help = "alliance sessions --help";
            named_rules(name).map_err(|error| Error::usage_help(format!("--rule: {error}"), help))?
        };
        for rule in found {
            if rules.iter().any(|known| known.id == rule.id) {
                return Err(Error::usage(format!("--rule: `{}` is named twice", rule.id)));
            }
            rules.push(rule);
        }
    }
    Ok(rules)
}

fn rule_file(path: &Path) -> Result<Vec<Rule>, Error> {
    let bytes = read(path)?;
    let name = path.display().to_string();
    let text = strict::text(&name, &bytes).map_err(Error::definition)?;
    Ok(Preset::parse(&base_name(&PathBuf::from(&name)), text).map_err(Error::definition)?.rules)
}

/// The scales asked for; without any, the total, or the first.
pub(super) fn scales(study: &Study, names: &[String]) -> Result<Vec<usize>, Error> {
    let known: Vec<&str> = study.sample.plan.scales.iter().map(|scale| scale.id.as_str()).collect();
    if names.is_empty() {
        let all = study.is_of_scores().then(|| (0..known.len()).collect());
        return Ok(all.unwrap_or_else(|| vec![known.iter().position(|id| *id == "total").unwrap_or(0)]));
    }
    if let [all] = names
        && all == "all"
    {
        return Ok((0..known.len()).collect());
    }
    let find = |name: &String| {
        known.iter().position(|id| id == name).ok_or_else(|| {
            let help = match near(name, known.iter().copied()).first() {
                Some(word) => format!("did you mean `{word}`?"),
                None => format!("scales are: {}, or all", known.join(", ")),
            };
            Error::usage_help(format!("there is no scale `{name}`"), help)
        })
    };
    names.iter().map(find).collect()
}

/// `CODE,ROLE,SCALE,LAG`.
pub(super) fn primary(text: &str) -> Result<Primary, Error> {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let wrong = || {
        Error::usage_help(
            format!("--primary `{text}` makes no sense"),
            "write CODE,ROLE,SCALE,LAG, such as removal_threat,caregiver,total,0",
        )
    };
    let [code, role, scale, lag] = parts[..] else { return Err(wrong()) };
    let lag = lag.parse().map_err(|_| wrong())?;
    Ok(Primary { code: code.to_owned(), role: role.to_owned(), scale: scale.to_owned(), lag })
}
