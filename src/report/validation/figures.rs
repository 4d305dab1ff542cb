//! The figures of each block.

use super::evidence::Evidence;
use super::small_cells::SmallCells;
use crate::error::Error;
use crate::report::figures::{self, CourseFigure, together};
use crate::report::items::ItemsLine;
use crate::report::model::Figure;
use crate::report::reliability::ScaleLine;

/// The figures of a block that has something to show. What would show single people, or few of them, is not published.
pub(super) fn of_block(block: &str, evidence: &Evidence<'_>) -> Result<Vec<Figure>, Error> {
    let open = evidence.wanted.publish.is_none();
    let scales = evidence.scales();
    let mut found: Vec<Option<Figure>> = Vec::new();
    match block {
        "sample" if open => found.push(figures::presence(&scales.study)),
        "items" => {
            if open {
                // Where nobody left out anything, there is nothing to see.
                found.push(each(evidence, "Items left out", &|line| {
                    line.items
                        .iter()
                        .any(|item| item.statistics.missing > 0)
                        .then(|| figures::gaps(line))
                        .flatten()
                }));
                found.push(each(evidence, "How the answers are spread", &figures::answers));
                found.push(each(evidence, "Answers by third of the rest of the scale", &|line| {
                    let rows = scales.lines.iter().find(|rows| rows.of == line.of)?;
                    figures::thirds(scales, rows, line)
                }));
            }
            found.push(each(evidence, "Item means against item–rest correlations", &figures::strength));
            found.push(each(evidence, "Alpha without each item", &figures::without));
        }
        "normality" => {
            found.push(each(evidence, "Correlations between items", &figures::correlations));
            found.push(each(evidence, "Eigenvalues of the correlations", &figures::scree));
        }
        "scales" if open => found.push(figures::distributions(scales)),
        "reliability" => {
            let lines = evidence.reliability();
            let few = few(evidence, lines.iter().map(|line| (&line.of, line.found.n)));
            let told = lines.iter().filter(|line| few.as_ref().is_none_or(|few| !few.hold(&line.of)));
            found.push(figures::forest(told));
        }
        "over_time" if open => {
            let followed = evidence.followed()?;
            found.push(figures::of_courses(followed, CourseFigure::Multiples));
            found.push(figures::of_courses(followed, CourseFigure::Agreement));
            found.push(figures::of_courses(followed, CourseFigure::SessionsNeeded));
        }
        "change" if open => {
            found.push(figures::of_courses(evidence.followed()?, CourseFigure::FirstLast));
        }
        _ => {}
    }
    Ok(found.into_iter().flatten().collect())
}

/// A figure of every scale that is no part of another, as one.
fn each(evidence: &Evidence<'_>, title: &str, of: &dyn Fn(&ItemsLine) -> Option<Figure>) -> Option<Figure> {
    let scales = evidence.scales();
    let both = evidence.items().iter().zip(&scales.lines);
    let few = few(evidence, evidence.items().iter().map(|line| (&line.of, line.n)));
    let told = |of: &ScaleLine| few.as_ref().is_none_or(|few| !few.hold(of));
    let whole = both.filter(|(line, rows)| !scales.is_part(rows) && told(&line.of));
    together(title, whole.filter_map(|(line, _)| of(line)).collect(), 1)
}

/// Which of these scales, forms and groups have too few persons to be published, if the report is to be.
fn few<'a>(
    evidence: &Evidence<'_>,
    lines: impl Iterator<Item = (&'a ScaleLine, usize)>,
) -> Option<SmallCells> {
    evidence.wanted.publish.map(|smallest| SmallCells::of_lines(lines, u64::from(smallest)))
}
