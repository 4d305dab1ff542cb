//! `alliance explain`: every step from the cells of a row to its scores.

use super::args::{ReadArgs, ReportArgs, RuleArgs};
use super::console::{Console, FindingFormat};
use super::files::open_all;
use super::{load, stream};
use crate::error::Error;
use crate::finding::near;
use crate::report::{self, Explained};
use crate::responses::{Layout, Why};
use crate::scoring::{Plan, Rules, explain};

/// More rows than this are no explanation.
const MOST_ROWS: u64 = 20;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    rules: RuleArgs,
    /// Only these scales
    #[arg(long, value_name = "SCALE", value_delimiter = ',')]
    scale: Vec<String>,
    #[command(flatten)]
    report: ReportArgs,
    /// Give all findings as data, instead of drawing the first 50
    #[arg(long, value_enum, value_name = "FORMAT")]
    findings: Option<FindingFormat>,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<(), Error> {
    let format = args.report.format()?;
    console.want_findings(args.findings)?;
    let instruments = load::instruments(&args.read.instrument)?;
    let opened = stream::open(open_all(&args.read.files)?, &instruments, &args.read.how.options()?)?;
    let layouts = opened.layouts.clone();
    let layout = opened.layout().clone();
    let before: Vec<(u64, u64)> = opened.header_lines().into_iter().map(|lines| (0, lines)).collect();
    let plan = chosen(&layout, &args.rules.rules()?, &args.scale)?;
    stream::check_keys(&layout, None, args.rules.accept_inferred)?;
    let streamed = stream::stream(
        opened,
        1,
        console,
        // One thread, so the blocks come in order and the state counts what came before.
        || Found { rows: Vec::new(), before: before.clone() },
        |found: &mut Found, batch, _| {
            let (own, before) = (&layouts[batch.source()], &mut found.before[batch.source()]);
            let room = (MOST_ROWS as usize).saturating_sub(found.rows.len());
            for row in 0..batch.rows().min(room) {
                let keys = layout.carried().map(|text| {
                    (
                        layout.texts[text].name.clone(),
                        String::from_utf8_lossy(batch.text(text, row)).into_owned(),
                    )
                });
                let (record, line) = batch.position(row);
                found.rows.push(Explained {
                    record: before.0 + record,
                    line: before.1 + line,
                    keys: keys.collect(),
                    scales: explain(own, &plan, batch, row),
                });
            }
            let (records, lines) = batch.totals();
            *before = (before.0 + records, before.1 + lines);
        },
        |_| Ok(()),
    )?;
    stream::check_keys(&layout, Some(&streamed.counts), args.rules.accept_inferred)?;
    if streamed.counts.used > MOST_ROWS {
        return Err(too_many(&layout, streamed.counts.used));
    }
    if !streamed.findings.is_empty() || args.findings.is_some() {
        console.show_findings(&streamed.findings)?;
    }
    let rows: Vec<Explained> = streamed.states.into_iter().flat_map(|found| found.rows).collect();
    let report = report::explain(&layout, &plan, &streamed.counts, streamed.files, &streamed.roles, &rows);
    console.report(&report, format, args.report.output.as_deref())
}

/// Rows explained so far, and for each file how many rows and lines came before the next block.
struct Found {
    rows: Vec<Explained>,
    before: Vec<(u64, u64)>,
}

/// The plan, with the chosen scales alone.
fn chosen(layout: &Layout, rules: &Rules, scales: &[String]) -> Result<Plan, Error> {
    let mut plan = Plan::new(layout, rules)?;
    let ids: Vec<String> = plan.scales.iter().map(|scale| scale.id.clone()).collect();
    for scale in scales {
        if !ids.contains(scale) {
            let names = ids.iter().map(String::as_str);
            let help = match near(scale, names).first() {
                Some(id) => format!("did you mean `{id}`?"),
                None => format!("scales are: {}", ids.join(", ")),
            };
            return Err(Error::usage_help(format!("--scale: there is no scale `{scale}`"), help));
        }
    }
    plan.scales.retain(|scale| scales.is_empty() || scales.contains(&scale.id));
    Ok(plan)
}

fn too_many(layout: &Layout, used: u64) -> Error {
    let keys: Vec<&str> =
        layout.texts.iter().filter(|t| matches!(t.why, Why::Key { .. })).map(|t| t.name.as_str()).collect();
    let example = keys.iter().map(|key| format!("{key}=…")).collect::<Vec<_>>().join(",");
    let message = format!("{used} rows fit; one row is explained at a time, or up to {MOST_ROWS}");
    Error::usage_help(message, format!("choose with --where {example}"))
}
