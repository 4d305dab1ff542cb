//! The methods paragraph.

use super::evidence::Evidence;
use super::references::{
    BARTLETT, CRONBACH, FELDT, GUTTMAN, JACOBSON_TRUAX, KAISER, LITTLE, MARDIA, MCDONALD, MCGRAW_WONG,
    PRINSEN, Reference, SCHMID_LEIMAN, TERWEE,
};
use super::{BlockOf, Found, Piece};
use crate::error::Error;
use crate::moments::Missing;
use crate::reliability::Coefficient;
use crate::report::format::plural;
use crate::report::model::Block;
use crate::scoring::As;

pub(super) const BLOCK: BlockOf = BlockOf { id: "methods", title: "Methods, to paste", build };

/// Sentences, and the works they cite.
#[derive(Default)]
struct Paragraph {
    sentences: Vec<String>,
    cited: Vec<&'static Reference>,
}

impl Paragraph {
    fn say(&mut self, sentence: impl Into<String>) {
        self.sentences.push(sentence.into());
    }

    /// How a work is cited in the sentence that is being written.
    fn cite(&mut self, work: &'static Reference) -> String {
        if !self.cited.contains(&work) {
            self.cited.push(work);
        }
        work.cited()
    }
}

fn build(evidence: &Evidence<'_>) -> Result<Found, Error> {
    let mut paragraph = Paragraph::default();
    instrument(evidence, &mut paragraph);
    rows(evidence, &mut paragraph);
    if evidence.wanted.wants("items") || evidence.wanted.wants("normality") {
        items(evidence, &mut paragraph);
    }
    if evidence.wanted.wants("reliability") {
        reliability(evidence, &mut paragraph);
    }
    if evidence.is_repeated() {
        over_time(evidence, &mut paragraph);
    }
    if evidence.wanted.wants("cosmin") {
        let (prinsen, terwee) = (paragraph.cite(&PRINSEN), paragraph.cite(&TERWEE));
        paragraph.say(format!(
            "Measurement properties were rated by the criteria of COSMIN ({prinsen}) and of {}.",
            terwee.replace(", ", " (") + ")"
        ));
    }
    paragraph.say(format!(
        "All limits are at the {} % level. Analyses were made with {} {}, seed {}.",
        100.0 * evidence.wanted.level,
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        evidence.wanted.seed
    ));
    let sources = evidence.instrument().sources.iter().enumerate();
    let of_keys =
        sources.filter(|(at, _)| evidence.instrument().scales.iter().any(|scale| scale.source == *at));
    Ok(Found::Here(Piece {
        blocks: vec![Block::Text(paragraph.sentences.join(" "))],
        sources: of_keys.map(|(_, source)| source.cite.clone()).collect(),
        cited: paragraph.cited,
        ..Piece::default()
    }))
}

fn instrument(evidence: &Evidence<'_>, paragraph: &mut Paragraph) {
    let instrument = evidence.instrument();
    let plan = &evidence.scales().study.sample.plan;
    let mut ways: Vec<String> = Vec::new();
    for edition in plan.scales.iter().flat_map(|scale| &scale.editions) {
        let kind = match edition.kind {
            As::Mean => "means",
            As::Sum => "sums",
            As::Pomp => "percent of the maximum possible",
        };
        let needs = match edition.min_answered == edition.terms.len() {
            true => "all items answered".to_owned(),
            false => format!("at least {} of {} items answered", edition.min_answered, edition.terms.len()),
        };
        let way = format!("{kind} with {needs}");
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    paragraph.say(format!(
        "The {} ({}; {}) was scored by its {} key as {}.",
        instrument.name(),
        instrument.edition,
        plural(instrument.items.len() as u64, "item", "items"),
        instrument.evidence(None).id(),
        ways.join(" or ")
    ));
    paragraph
        .say("Reversed items were turned by the lowest plus the highest allowed answer less the answer.");
}

fn rows(evidence: &Evidence<'_>, paragraph: &mut Paragraph) {
    let selection = &evidence.scales().selection;
    let persons = plural(selection.rows.len() as u64, "row", "rows");
    if selection.is_repeated() {
        let which = match selection.occasion.id() {
            "all" => "all occasions of each person".to_owned(),
            id @ ("first" | "last") => format!("the {id} occasion of each person"),
            session => format!("session {session} of each person"),
        };
        paragraph.say(format!("Statistics between persons take {which} ({persons}), each informant apart."));
    }
    let gaps = match evidence.wanted.missing {
        Missing::Listwise => {
            "Persons with a gap in an item of a scale were left out for that scale (listwise)."
        }
        Missing::Pairwise => "Covariances take the persons who answered both items (pairwise).",
        Missing::Em => {
            "Means and covariances with gaps were estimated by maximum likelihood under normality (EM)."
        }
    };
    paragraph.say(gaps);
    if evidence.wanted.wants("sample") {
        let little = paragraph.cite(&LITTLE);
        paragraph.say(format!(
            "Whether answers are missing completely at random was tested after Little ({little})."
        ));
    }
}

fn items(evidence: &Evidence<'_>, paragraph: &mut Paragraph) {
    if evidence.wanted.wants("items") {
        paragraph.say("Items are described by mean, standard deviation (n − 1), skew and kurtosis (type 2), shares at the lowest and highest answer, and the correlation with the sum of the other items of their scale, with Fisher limits.");
    }
    if evidence.wanted.wants("normality") {
        let (mardia, kaiser, bartlett) =
            (paragraph.cite(&MARDIA), paragraph.cite(&KAISER), paragraph.cite(&BARTLETT));
        paragraph.say(format!("Joint normality was tested by Mardia's coefficients ({mardia}, divisor n), fitness for factor analysis by the Kaiser–Meyer–Olkin measure ({kaiser}) and Bartlett's test ({bartlett})."));
    }
}

fn reliability(evidence: &Evidence<'_>, paragraph: &mut Paragraph) {
    let (cronbach, feldt) = (paragraph.cite(&CRONBACH), paragraph.cite(&FELDT));
    let (mcdonald, guttman) = (paragraph.cite(&MCDONALD), paragraph.cite(&GUTTMAN));
    paragraph.say(format!("Internal consistency is coefficient alpha ({cronbach}) with Feldt's limits ({feldt}), and omega total ({mcdonald}) of one factor by maximum likelihood over the observed variance, with limits by the delta method; Guttman's lambdas ({guttman}), split halves and the greatest lower bound stand beside."));
    let hierarchical = |line: &crate::report::ReliabilityLine| {
        let found = line.found.coefficients.get(&Coefficient::OmegaHierarchical);
        found.is_some_and(|found| found.estimate.estimate.is_some())
    };
    if evidence.reliability().iter().any(hierarchical) {
        let schmid = paragraph.cite(&SCHMID_LEIMAN);
        paragraph.say(format!("Omega hierarchical comes from a Schmid–Leiman transformation ({schmid}) of minres factors rotated by oblimin, as many as the scale has parts."));
    }
}

fn over_time(evidence: &Evidence<'_>, paragraph: &mut Paragraph) {
    if evidence.wanted.wants("over_time") {
        let mcgraw = paragraph.cite(&MCGRAW_WONG);
        paragraph.say(format!("Agreement of the first two occasions is the intraclass correlation for single scores, of absolute agreement and of consistency ({mcgraw}), with limits of agreement and the smallest detectable change."));
        let simulations = match evidence.wanted.simulations {
            0 => String::new(),
            n => format!(
                " How often the rule would mark a course in which nothing changes was simulated ({n} courses for each number of sessions)."
            ),
        };
        let rules: Vec<&str> = evidence.wanted.rules.iter().map(|rule| rule.id.as_str()).collect();
        let rule = match rules.is_empty() {
            true => "a fall from one session to the next beyond the usual fluctuation within persons of this sample".to_owned(),
            false => format!("what the rule {} marks", rules.join(" or ")),
        };
        paragraph.say(format!("A rupture is {rule}.{simulations}"));
    }
    if evidence.wanted.wants("change") {
        let jacobson = paragraph.cite(&JACOBSON_TRUAX);
        paragraph.say(format!("Reliable change from the first session to the last was judged after Jacobson and Truax ({jacobson}), with alpha of the first sessions."));
    }
}
