//! `alliance check`: is the file what its owner thinks it is?

use std::sync::Arc;

use serde_json::json;

use super::args::{ReadArgs, ReportArgs, RuleArgs};
use super::console::{Console, FindingFormat};
use super::files::{Source, open_all};
use super::stream::Streamed;
use super::{load, stream};
use crate::audit::{Audit, Auditor, Config, Published};
use crate::error::{EXIT_DATA, EXIT_OK, Error};
use crate::finding::Findings;
use crate::instrument::Instrument;
use crate::report::model::Report;
use crate::report::{self, Checked};
use crate::responses::Options;
use crate::scoring::{Plan, Rules};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    rules: RuleArgs,
    #[command(flatten)]
    ask: AskArgs,
    #[command(flatten)]
    report: ReportArgs,
    /// Give all findings as data, instead of the report
    #[arg(long, value_enum, value_name = "FORMAT")]
    findings: Option<FindingFormat>,
}

/// What the file is compared with.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Comparing")]
pub(super) struct AskArgs {
    /// Columns that hold scores, and the scale of each: sum_total=total
    #[arg(long, value_name = "COLUMN=SCALE", value_delimiter = ',')]
    compare: Vec<String>,
    /// Figures somebody published: alpha=.91,mean=2.40,sd=.89
    #[arg(long, value_name = "FIGURES")]
    published: Option<String>,
}

impl AskArgs {
    /// These options as words of a command.
    pub fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        if !self.compare.is_empty() {
            words.extend(["--compare".to_owned(), self.compare.join(",")]);
        }
        words.extend(self.published.iter().flat_map(|figures| ["--published".to_owned(), figures.clone()]));
        words
    }

    pub fn config(&self) -> Result<Config, Error> {
        let claim = |text: &String| match text.split_once('=') {
            Some((column, scale)) if !column.trim().is_empty() => {
                Ok((column.trim().to_owned(), scale.trim().to_owned()))
            }
            _ => {
                let help = "write COLUMN=SCALE, such as sum_total=total";
                Err(Error::usage_help(format!("--compare `{text}` makes no sense"), help))
            }
        };
        Ok(Config {
            compare: self.compare.iter().map(claim).collect::<Result<_, _>>()?,
            published: self.published.as_deref().map(Published::parse).transpose()?,
        })
    }
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<u8, Error> {
    let format = args.report.format()?;
    console.want_findings(args.findings)?;
    let sources = open_all(&args.read.files)?;
    let asked = Asked {
        instruments: load::instruments(&args.read.instrument)?,
        options: args.read.how.options()?,
        rules: args.rules.rules()?,
        config: args.ask.config()?,
        threads: args.read.how.threads(),
    };
    let (report, findings) = look(sources, &asked, console)?;
    if args.findings.is_some() {
        console.show_findings(&findings)?;
    }
    if args.findings.is_none() || args.report.output.is_some() {
        console.report(&report, format, args.report.output.as_deref())?;
    }
    Ok(if findings.problems() > 0 { EXIT_DATA } else { EXIT_OK })
}

/// What a check is asked for.
pub(super) struct Asked {
    pub instruments: Vec<Arc<Instrument>>,
    pub options: Options,
    pub rules: Rules,
    pub config: Config,
    pub threads: usize,
}

/// Checks files, which are read as one; whatever is wrong with them is found, not failed at.
pub(super) fn look(
    sources: Vec<Source>,
    asked: &Asked,
    console: &mut Console,
) -> Result<(Report, Findings), Error> {
    let instruments = &asked.instruments;
    let [instrument] = &instruments[..] else {
        return Err(Error::usage("check looks at one instrument at a time"));
    };
    let mut options = asked.options.clone();
    options.keep.extend(asked.config.compare.iter().map(|(column, _)| column.clone()));
    let several = sources.len() > 1;
    let name = match &sources[..] {
        [source] => source.base.clone(),
        several => format!("{} files", several.len()),
    };
    let unread =
        |findings: Findings| (report::check_unread(&name, several, &instrument.id, &findings), findings);
    let opened = match stream::open(sources, instruments, &options) {
        Err(Error::Data(findings)) => return Ok(unread(*findings)),
        opened => opened?,
    };
    let layouts = opened.layouts.clone();
    let layout = &layouts[0];
    let plan = Plan::new(layout, &asked.rules)?;
    let audit = Audit::new(&layouts, &plan, &asked.rules, &asked.config)?;
    let passed = stream::pass(
        opened,
        asked.threads,
        console,
        || audit.auditor(),
        |auditor, block, batch, _| auditor.add(block, batch),
        |_| Ok(()),
    );
    let Streamed { counts, findings, roles, states, files, starts } = match passed {
        Err(Error::Data(findings)) => return Ok(unread(*findings)),
        streamed => streamed?,
    };
    let gathered = states.into_iter().map(Auditor::gathered).collect();
    let audited = audit.finish(gathered, &counts, &starts);
    for finding in audited.findings.kept() {
        console.record(finding)?;
    }
    let findings = audited.with(findings);
    let report = report::check(&Checked {
        layout,
        plan: &plan,
        counts: &counts,
        files,
        roles: &roles,
        audited: &audited,
        findings: &findings,
        asked: json!({ "compare": asked.config.compare, "published": asked.config.published }),
    });
    Ok((report, findings))
}
