//! What it takes to get the same numbers again.

use super::evidence::Evidence;
use super::{BlockOf, Found, Piece};
use crate::error::Error;
use crate::report::model::Block;

pub(super) const BLOCK: BlockOf = BlockOf { id: "reproducibility", title: "Reproducibility", build };

fn build(evidence: &Evidence<'_>) -> Result<Found, Error> {
    let (wanted, instrument, study) = (evidence.wanted, evidence.instrument(), &evidence.scales().study);
    let short = |digest: &str| digest.chars().take(16).collect::<String>();
    let mut facts: Vec<(String, String)> = Vec::new();
    let mut fact = |name: &str, text: String| facts.push((name.to_owned(), text));
    let rules: Vec<&str> = wanted.rules.iter().map(|rule| rule.id.as_str()).collect();
    fact("Software", format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")));
    fact(
        "Instrument",
        format!(
            "{}, {}, revision {} of the definition, definition {}, key {} ({})",
            instrument.id,
            instrument.edition,
            instrument.revision,
            short(&instrument.digest),
            short(&instrument.key_digest),
            instrument.evidence(None).id()
        ),
    );
    if let Some((name, digest)) = &wanted.study_file {
        fact("Study file", format!("{name}, {}", short(digest)));
    }
    for file in &study.files {
        fact("Data", format!("{}, {} bytes, {}", file.name, file.bytes, short(&file.digest)));
    }
    if let Some(coded) = &evidence.part.coded {
        fact(
            "Codes",
            format!("{}, {} bytes, {}", coded.file.name, coded.file.bytes, short(&coded.file.digest)),
        );
    }
    fact("Gaps", format!("{:?}", wanted.missing).to_lowercase());
    fact("Occasion", wanted.occasion.id().to_owned());
    fact("Level", format!("{} %", 100.0 * wanted.level));
    fact("Seed", wanted.seed.to_string());
    fact("Ruptures", if rules.is_empty() { "the usual rule".to_owned() } else { rules.join(", ") });
    let conventions = "variances over n − 1, except in likelihoods; quantiles of type 7; reversal by lowest + highest allowed answer − answer; digests: BLAKE3, first 16 digits";
    fact("Conventions", conventions.to_owned());
    Ok(Found::Here(Piece { blocks: vec![Block::Facts(facts)], ..Piece::default() }))
}
