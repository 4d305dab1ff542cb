//! What the commands on the items of scales share: which scales of which rows, and how they are scored.

use clap::{Args, ValueEnum};

use super::console::Console;
use super::study::{OccasionArgs, StudyArgs};
use crate::error::Error;
use crate::finding::near;
use crate::moments::Missing;
use crate::report::{Scales, Study};

/// Which scales, in which groups, of which rows.
#[derive(Debug, Args)]
pub(super) struct ScalesArgs {
    #[command(flatten)]
    pub study: StudyArgs,
    #[command(flatten)]
    pub occasion: OccasionArgs,
    /// Groups side by side: one or more columns of the file
    #[arg(long, value_name = "COLUMN", value_delimiter = ',', help_heading = "Rows")]
    pub by: Vec<String>,
    /// Only these scales
    #[arg(long, value_name = "SCALE", value_delimiter = ',', help_heading = "Rows")]
    pub scale: Vec<String>,
    /// The confidence level of all limits
    #[arg(long, value_name = "LEVEL", default_value = "0.95", value_parser = parse_level)]
    pub level: f64,
    /// What happens to gaps: leave out persons with any, or use what is there
    #[arg(long, value_enum, value_name = "HOW", default_value = "listwise")]
    missing: MissingWord,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum MissingWord {
    /// Persons with a gap in an item of the scale are left out
    Listwise,
    /// Each covariance from the persons who answered both items
    Pairwise,
    /// Maximum likelihood under normality
    Em,
}

impl MissingWord {
    /// The policy.
    pub fn policy(self) -> Missing {
        match self {
            MissingWord::Listwise => Missing::Listwise,
            MissingWord::Pairwise => Missing::Pairwise,
            MissingWord::Em => Missing::Em,
        }
    }
}

/// `0.95`, `.9` or `95%`, between 0 and 1.
pub(super) fn parse_level(text: &str) -> Result<f64, String> {
    let level = match text.trim().strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().map(|level| level / 100.0),
        None => text.trim().parse::<f64>(),
    };
    level
        .ok()
        .filter(|level| (0.5..1.0).contains(level))
        .ok_or_else(|| "write a level such as 0.95".to_owned())
}

impl ScalesArgs {
    /// The policy for gaps.
    pub fn missing(&self) -> Missing {
        self.missing.policy()
    }

    /// Reads the study, chooses its rows, and lays them out scale by scale, form by form, group by group.
    pub fn load(&self, command: &str, console: &mut Console) -> Result<Scales, Error> {
        if self.study.gives_scores() {
            let message = format!("{command} works on the answers to items, not on scores");
            return Err(Error::usage_help(message, format!("alliance {command} wai_s answers.csv")));
        }
        // Columns that split are carried along; whoever misspells one said --by, not --keep.
        let by = |error| match error {
            Error::Usage { message, help }
                if self.by.iter().any(|name| message.contains(&format!("`{name}`"))) =>
            {
                Error::Usage { message: message.replacen("--keep", "--by", 1), help }
            }
            other => other,
        };
        let study = self.study.load(&self.by, console).map_err(by)?;
        let wanted = self.wanted(&study)?;
        Scales::new(study, &self.occasion.occasion(), &self.by, &wanted)
    }

    /// The scales asked for, by their place in the plan.
    pub fn wanted(&self, study: &Study) -> Result<Vec<usize>, Error> {
        let scales = &study.sample.plan.scales;
        if self.scale.is_empty() {
            return Ok((0..scales.len()).collect());
        }
        let place = |id: &String| {
            scales.iter().position(|scale| scale.id == id.trim()).ok_or_else(|| {
                let ids = scales.iter().map(|scale| scale.id.as_str());
                let help = match near(id, ids.clone()).first() {
                    Some(id) => format!("did you mean `{id}`?"),
                    None => format!("scales are: {}", ids.collect::<Vec<_>>().join(", ")),
                };
                Error::usage_help(format!("--scale: there is no scale `{id}`"), help)
            })
        };
        self.scale.iter().map(place).collect()
    }
}
