//! What the blocks of a report share: a study in memory, and every statistic of it computed once.

use std::cell::OnceCell;

use serde_json::{Value as Json, json};

use crate::error::Error;
use crate::instrument::Instrument;
use crate::moments::{Divisor, Missing};
use crate::reliability::{HalvesConfig, ScaleConfig};
use crate::report::items::{ItemsLine, ScalePair};
use crate::report::model::Report;
use crate::report::reliability::{ReliabilityLine, ScaleLine};
use crate::report::retest::{Occasions, retest};
use crate::report::sessions::{Coded, Followed, Following, Primary};
use crate::report::validity::{ValidityAsked, validity};
use crate::report::{Scales, item_lines, reliability_lines, scale_pairs};
use crate::sample::{Occasion, Pseudonyms};
use crate::session::Rule;
use crate::validity::Hypothesis;

/// One instrument of a study.
pub struct Part {
    /// Its rows, and those that statistics of one row a person take.
    pub scales: Scales,
    /// The scales to follow through time, by their places in the plan.
    pub follow: Vec<usize>,
    /// What `check` says of the files.
    pub check: Option<Report>,
    /// Coded sessions.
    pub coded: Option<Coded>,
}

impl Part {
    /// The id of its instrument.
    pub fn instrument(&self) -> String {
        self.scales.study.sample.layout.passes[0].instrument.id.clone()
    }

    /// What is asked of its courses.
    pub fn following(&self, wanted: &Wanted) -> Following {
        Following {
            rules: wanted.rules.clone(),
            scales: self.follow.clone(),
            tolerance: i64::from(wanted.tolerance),
            seed: wanted.seed,
            simulations: wanted.simulations,
            threads: wanted.threads,
        }
    }
}

/// What a report is asked for.
pub struct Wanted {
    /// Its title.
    pub title: Option<String>,
    /// Ids of the blocks.
    pub blocks: Vec<String>,
    /// The confidence level of all limits.
    pub level: f64,
    /// What happens to gaps.
    pub missing: Missing,
    /// Which occasion counts for statistics of one row a person.
    pub occasion: Occasion,
    /// Columns that split into groups.
    pub by: Vec<String>,
    /// The seed of everything random.
    pub seed: u64,
    /// Rules for ruptures; without any, the usual one.
    pub rules: Vec<Rule>,
    /// Session numbers by which ruptures of two informants may lie apart and count as one.
    pub tolerance: u32,
    /// Simulated courses behind the chances of false alarms.
    pub simulations: u32,
    /// The question about codes that was asked beforehand.
    pub primary: Option<Primary>,
    /// Other columns that scores are related to, if any are named.
    pub validity: Option<ValidityAsked>,
    /// Threads; results do not depend on it.
    pub threads: usize,
    /// The pseudonyms of people, if they have any: the data bear them already.
    pub names: Option<Pseudonyms>,
    /// For publication: cells of fewer persons are not shown.
    pub publish: Option<u32>,
    /// The study file: its name and the BLAKE3 of its bytes.
    pub study_file: Option<(String, String)>,
}

impl Wanted {
    /// Whether a block is wanted.
    pub fn wants(&self, block: &str) -> bool {
        self.blocks.iter().any(|id| id == block)
    }

    pub(super) fn settings(&self) -> Json {
        json!({
            "study_file": self.study_file.as_ref().map(|(name, digest)| json!({ "name": name, "digest": digest })),
            "blocks": self.blocks,
            "level": self.level,
            "missing": self.missing,
            "occasion": self.occasion.id(),
            "by": self.by,
            "seed": self.seed,
            "rules": self.rules.iter().map(|rule| &rule.id).collect::<Vec<_>>(),
            "tolerance": self.tolerance,
            "simulations": self.simulations,
            "pseudonyms": self.names.is_some(),
            "smallest_cell": self.publish,
        })
    }
}

/// A part with what is computed of it, each thing once, when a block first asks.
pub(super) struct Evidence<'a> {
    pub part: &'a Part,
    pub wanted: &'a Wanted,
    following: &'a Following,
    items: OnceCell<Vec<ItemsLine>>,
    pairs: OnceCell<Vec<ScalePair>>,
    reliability: OnceCell<Vec<ReliabilityLine>>,
    followed: OnceCell<Followed<'a>>,
    retest: OnceCell<Report>,
    validity: OnceCell<Report>,
}

impl<'a> Evidence<'a> {
    pub fn new(part: &'a Part, wanted: &'a Wanted, following: &'a Following) -> Evidence<'a> {
        Evidence {
            part,
            wanted,
            following,
            items: OnceCell::new(),
            pairs: OnceCell::new(),
            reliability: OnceCell::new(),
            followed: OnceCell::new(),
            retest: OnceCell::new(),
            validity: OnceCell::new(),
        }
    }

    pub fn scales(&self) -> &'a Scales {
        &self.part.scales
    }

    pub fn instrument(&self) -> &'a Instrument {
        &self.part.scales.study.sample.layout.passes[0].instrument
    }

    /// Items of every scale, form and group.
    pub fn items(&self) -> &[ItemsLine] {
        let Wanted { missing, level, .. } = *self.wanted;
        self.items.get_or_init(|| item_lines(self.scales(), missing, Divisor::N, level))
    }

    /// Correlations of scales.
    pub fn pairs(&self) -> &[ScalePair] {
        self.pairs.get_or_init(|| scale_pairs(self.scales(), self.items(), self.wanted.level))
    }

    /// How reliability is computed.
    pub fn scale_config(&self) -> ScaleConfig {
        ScaleConfig {
            level: self.wanted.level,
            missing: self.wanted.missing,
            threads: self.wanted.threads.into(),
            halves: HalvesConfig { seed: self.wanted.seed, ..HalvesConfig::default() },
            ..ScaleConfig::default()
        }
    }

    /// Reliability of every scale, form and group.
    pub fn reliability(&self) -> &[ReliabilityLine] {
        self.reliability.get_or_init(|| reliability_lines(self.scales(), &self.scale_config(), None))
    }

    /// The courses.
    pub fn followed(&self) -> Result<&Followed<'a>, Error> {
        if let Some(followed) = self.followed.get() {
            return Ok(followed);
        }
        let followed = Followed::new(&self.part.scales.study, self.following)?;
        Ok(self.followed.get_or_init(|| followed))
    }

    /// The first two sessions of everybody compared; none where nobody has two.
    pub fn retest(&self) -> Result<Option<&Report>, Error> {
        if !self.is_repeated() {
            return Ok(None);
        }
        if let Some(report) = self.retest.get() {
            return Ok(Some(report));
        }
        let study = &self.part.scales.study;
        let all: Vec<usize> = (0..study.sample.plan.scales.len()).collect();
        let report = retest(study, &all, &Occasions::FirstTwo, self.wanted.level)?;
        Ok(Some(self.retest.get_or_init(|| report)))
    }

    /// The intraclass correlation (absolute agreement) of the first two sessions on a scale and form, and the smallest
    /// detectable change; groups have none of their own.
    pub fn retest_of(&self, of: &ScaleLine) -> Result<(Option<f64>, Option<f64>), Error> {
        let none = (None, None);
        let Some(report) = self.retest()?.filter(|_| of.by.is_empty()) else { return Ok(none) };
        let lines = report.results["retest"].as_array();
        let is = |line: &&Json| line["scale"] == json!(of.scale) && line["form"] == json!(of.form);
        Ok(lines.and_then(|lines| lines.iter().find(is)).map_or(none, |line| {
            let found = &line["retest"];
            (found["icc_agreement"]["estimate"].as_f64(), found["agreement"]["change_95"].as_f64())
        }))
    }

    /// How scores go with the columns and hypotheses of the study; none where it names none.
    pub fn validity(&self) -> Result<Option<&Report>, Error> {
        let Some(asked) = &self.wanted.validity else { return Ok(None) };
        if let Some(report) = self.validity.get() {
            return Ok(Some(report));
        }
        // Hypotheses may be about the scales and forms of another instrument of the study.
        let here = |stated: &&Hypothesis| {
            let form = |form: &String| self.instrument().form(form).is_some();
            self.instrument().scale_ids().contains(&stated.scale.as_str())
                && stated.form.as_ref().is_none_or(form)
        };
        let hypotheses = asked.hypotheses.iter().filter(here).cloned().collect();
        let report = validity(self.scales(), &ValidityAsked { hypotheses, ..asked.clone() })?;
        Ok(Some(self.validity.get_or_init(|| report)))
    }

    /// The share of the hypotheses about a scale, form and group that are met; none where none is decided.
    pub fn hypotheses_met(&self, of: &ScaleLine) -> Option<f64> {
        let report = self.validity().ok().flatten()?;
        let about = of.json();
        let keys = about.as_object()?;
        let same = |own: &&Json| keys.iter().all(|(key, value)| own[key] == *value);
        let verdicts = report.results["hypotheses"]["judged"].as_array()?.iter().filter(same);
        let verdicts: Vec<&str> = verdicts.filter_map(|own| own["verdict"].as_str()).collect();
        let count = |word: &str| verdicts.iter().filter(|own| **own == word).count() as f64;
        let decided = count("met") + count("not_met");
        (decided > 0.0).then(|| count("met") / decided)
    }

    /// Whether anybody has more than one occasion.
    pub fn is_repeated(&self) -> bool {
        self.part.scales.selection.is_repeated()
    }
}
