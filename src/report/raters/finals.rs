//! Final scores of three judges as a file that other commands read.

use std::collections::BTreeSet;

use super::found::RatersFound;
use super::units::{RatedLine, Raters};
use crate::agreement::Settled;
use crate::statistic::Reason;

/// How a final score came about, as an id.
pub fn settled_id(settled: Settled) -> &'static str {
    match settled {
        Settled::All => "all",
        Settled::Two => "two",
        Settled::ClosestTwo => "closest_two",
        Settled::Middle => "middle",
    }
}

/// The final scores as CSV: what was rated, then for each scale the score, how it was settled, and the reason where
/// there is none. One row for each unit of the scale whose units are the finest.
pub fn finals_csv(raters: &Raters, found: &[RatersFound]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let lines: Vec<(&RatedLine, &RatersFound)> = raters.lines.iter().zip(found).collect();
    let Some((finest, _)) = lines.iter().max_by_key(|(line, _)| line.rows.len()) else {
        return String::new();
    };
    let mut header: Vec<String> = raters.unit.clone();
    let mut used: BTreeSet<String> = header.iter().cloned().collect();
    for (line, _) in &lines {
        let mut name = line.item.clone().unwrap_or_else(|| line.scale.clone());
        if let Some(form) = &line.form {
            name = format!("{form}_{name}");
        }
        while !used.insert(name.clone()) {
            name.push_str("_score");
        }
        header.extend([name.clone(), format!("{name}_settled"), format!("{name}_reason")]);
    }
    // Writing to memory cannot fail.
    let _ = writer.write_record(&header);
    for (row, words) in finest.rows.iter().zip(&finest.words) {
        let mut record = words.clone();
        for (line, found) in &lines {
            let score = line.unit_of.get(row).map(|unit| found.finals[*unit]);
            let text = |x: Option<f64>| x.map_or_else(String::new, |x| x.to_string());
            record.push(text(score.and_then(|score| score.score)));
            record.push(score.and_then(|score| score.settled).map_or("", settled_id).to_owned());
            record.push(score.and_then(|score| score.reason).map_or("", Reason::id).to_owned());
        }
        let _ = writer.write_record(&record);
    }
    String::from_utf8_lossy(&writer.into_inner().unwrap_or_default()).into_owned()
}
