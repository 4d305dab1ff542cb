//! Studies in memory: the rows a statistic takes, groups, courses, matrices.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use alliance_metrics::instrument::Instrument;
use alliance_metrics::responses::{self, Key, Options};
use alliance_metrics::sample::{Occasion, Sample};
use alliance_metrics::scoring::Rules;

use crate::common::shipped;

fn of(text: &str, instrument: Arc<Instrument>, options: &Options) -> Sample {
    let read = responses::read_all("study.csv", text.as_bytes(), &[instrument], options).unwrap();
    Sample::of(&read, &Rules::default()).unwrap()
}

fn example() -> Sample {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/child_protection/answers.csv");
    of(&fs::read_to_string(path).unwrap(), shipped("wai_s"), &Options::default())
}

#[test]
fn one_row_for_each_dyad_and_role() {
    let sample = example();
    let first = sample.select(&Occasion::First).unwrap();
    assert_eq!((first.persons, first.rows.len(), first.doubled), (12, 12, 0));
    let sessions = sample.key(Key::Session).unwrap();
    assert!(first.rows.iter().all(|row| sessions.get(*row) == "1"));
    let last = sample.select(&Occasion::Last).unwrap();
    assert!(last.rows.iter().zip(&first.rows).all(|(last, first)| last > first));
    let third = sample.select(&Occasion::Session("03".to_owned())).unwrap();
    assert!(third.rows.iter().all(|row| sessions.get(*row) == "3"));
    assert!(sample.select(&Occasion::Session("99".to_owned())).is_err());
    assert_eq!(sample.select(&Occasion::All).unwrap().rows.len(), sample.rows());
}

#[test]
fn groups_are_forms_split_by_columns() {
    let sample = example();
    let rows: Vec<usize> = (0..sample.rows()).collect();
    let groups = sample.groups(&rows, &[]).unwrap();
    assert_eq!(groups.len(), 2);
    assert_eq!(groups.iter().map(|group| group.rows.len()).sum::<usize>(), sample.rows());
    let by_dyad = sample.groups(&rows, &["dyad".to_owned(), "role".to_owned()]).unwrap();
    assert_eq!(by_dyad.len(), 12);
    assert_eq!(by_dyad[0].role.as_deref(), Some(by_dyad[0].by[1].1.as_str()));
    assert!(sample.groups(&rows, &["nothing".to_owned()]).is_err());
}

#[test]
fn items_are_scored_and_add_up_to_the_score() {
    let sample = example();
    for scale in 0..sample.plan.scales.len() {
        for row in 0..sample.rows() {
            let edition = sample.edition(scale, sample.form(row)).unwrap();
            let items = sample.items(edition, &[row]);
            let codes = sample.categories(edition, &[row]).unwrap();
            let Some(value) = sample.value(scale, row) else { continue };
            let mean = items.values().row(0).mean();
            assert!((mean - value).abs() < 1e-12);
            let from_codes =
                codes.iter().map(|code| 1.0 + f64::from(code[0])).sum::<f64>() / codes.len() as f64;
            assert!((from_codes - value).abs() < 1e-12);
        }
    }
}

#[test]
fn courses_run_by_session_whatever_the_order_of_rows() {
    let text = "dyad,role,session,wai_1,wai_2,wai_3,wai_4,wai_5,wai_6,wai_7,wai_8,wai_9,wai_10,wai_11,wai_12\n\
                2,worker,10,5,5,5,5,5,5,5,5,5,5,5,5\n\
                2,worker,9,4,4,4,4,4,4,4,4,4,4,4,4\n\
                1,caregiver,1,4,4,4,4,4,4,4,4,4,4,4,4\n\
                2,worker,9,4,4,4,4,4,4,4,4,4,4,4,4\n";
    let sample = of(text, shipped("wai_s"), &Options::default());
    let courses = sample.courses();
    let seen: Vec<(&str, usize)> = courses.iter().map(|c| (c.dyad.as_str(), c.visits.len())).collect();
    assert_eq!(seen, [("1", 1), ("2", 2)]);
    assert_eq!(courses[1].visits.iter().map(|v| v.session).collect::<Vec<_>>(), [9.0, 10.0]);
    assert_eq!(courses[1].doubled, [(1, 3)]);
    assert_eq!(sample.select(&Occasion::First).unwrap().doubled, 1);
}

#[test]
fn scores_of_somebody_else_need_no_instrument() {
    let instrument = Arc::new(Instrument::of_scores(&["total".to_owned(), "bond".to_owned()], [1.0, 7.0]));
    let text = "dyad,role,session,total,bond\n1,madre,1,5.25,6\n1,ts,1,,2.5\n";
    let sample = of(text, instrument, &Options::default());
    assert_eq!(sample.value(0, 0), Some(5.25));
    assert_eq!(sample.value(0, 1), None);
    assert_eq!(sample.courses()[1].role.as_deref(), Some("ts"));
}
