//! Are means and covariances mathematically themselves, whatever is missing?

use alliance_metrics::factor::adequacy;
use alliance_metrics::moments::{ItemMatrix, LittleConfig, Missing, Moments, little, patterns};
use alliance_metrics::statistic::{Reason, Stop};
use proptest::prelude::*;

const POLICIES: [Missing; 3] = [Missing::Listwise, Missing::Pairwise, Missing::Em];

fn data(items: usize, rows: &[Vec<f64>]) -> ItemMatrix {
    ItemMatrix::from_rows((1..=items).map(|j| format!("i{j}")).collect(), rows)
}

/// Whole answers, some missing.
fn answers(gaps: u32) -> impl Strategy<Value = Vec<Vec<f64>>> {
    let answer = prop_oneof![
        20 => (1..=7u8).prop_map(f64::from),
        gaps => Just(f64::NAN),
    ];
    prop::collection::vec(prop::collection::vec(answer, 4), 8..40)
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn without_gaps_the_policies_agree(
        rows in prop::collection::vec(prop::collection::vec((1..=7u8).prop_map(f64::from), 4), 6..40)
    ) {
        let data = data(4, &rows);
        let [listwise, pairwise, em] = POLICIES.map(|missing| Moments::of(&data, missing).unwrap());
        prop_assert_eq!(&listwise.covariance, &pairwise.covariance);
        prop_assert_eq!(&listwise.mean, &pairwise.mean);
        prop_assert!(pairwise.pairs.is_none());
        let ratio = (rows.len() - 1) as f64 / rows.len() as f64;
        for (ours, theirs) in em.covariance.iter().zip(listwise.covariance.iter()) {
            prop_assert!(close(*ours, theirs * ratio), "{ours} {theirs}");
        }
        let test = little(&data, &LittleConfig::default());
        if let Ok(test) = test {
            prop_assert!(test.statistic.abs() < 1e-12 && test.df == 0 && test.p.is_none());
        }
    }

    #[test]
    fn the_order_of_persons_never_matters(rows in answers(2), shift in 1..7usize, halves in any::<bool>()) {
        let mut rows = rows;
        if halves {
            // Continuous answers are as exact; the likelihood is summed group by group.
            rows.iter_mut().flatten().for_each(|x| *x = *x / 3.0 + 0.1);
        }
        let mut turned = rows.clone();
        turned.rotate_left(shift);
        turned.swap(0, 3);
        for missing in POLICIES {
            let (a, b) = (Moments::of(&data(4, &rows), missing), Moments::of(&data(4, &turned), missing));
            match (a, b) {
                (Ok(a), Ok(b)) => prop_assert_eq!(a, b),
                (a, b) => prop_assert_eq!(a.err(), b.err()),
            }
        }
    }

    #[test]
    fn other_units_change_units_alone(rows in answers(2)) {
        let scaled: Vec<Vec<f64>> = rows
            .iter()
            .map(|row| row.iter().enumerate().map(|(j, x)| 0.25 * (j + 1) as f64 * x - 3.0).collect())
            .collect();
        for missing in POLICIES {
            let (Ok(a), Ok(b)) = (Moments::of(&data(4, &rows), missing), Moments::of(&data(4, &scaled), missing))
            else { continue };
            for i in 0..4 {
                prop_assert!(close(b.mean[i], 0.25 * (i + 1) as f64 * a.mean[i] - 3.0));
                for j in 0..4 {
                    let factor = 0.0625 * ((i + 1) * (j + 1)) as f64;
                    prop_assert!((b.covariance[(i, j)] - factor * a.covariance[(i, j)]).abs() < 1e-7 * factor.max(1.0));
                }
            }
        }
    }

    #[test]
    fn patterns_hold_everybody_once(rows in answers(6)) {
        let found = patterns(&data(4, &rows));
        let mut persons: Vec<usize> = found.iter().flat_map(|pattern| pattern.persons.clone()).collect();
        persons.sort_unstable();
        prop_assert_eq!(persons, (0..rows.len()).collect::<Vec<_>>());
        for pattern in &found {
            for i in &pattern.persons {
                for (answered, answer) in pattern.answered.iter().zip(&rows[*i]) {
                    prop_assert_eq!(*answered, !answer.is_nan());
                }
            }
        }
    }
}

#[test]
fn what_cannot_be_had_says_why() {
    let gap = f64::NAN;
    let reason =
        |rows: &[Vec<f64>], missing| Moments::of(&data(rows[0].len(), rows), missing).unwrap_err().reason;
    let apart = [vec![1.0, gap], vec![2.0, gap], vec![gap, 3.0], vec![gap, 5.0]];
    assert_eq!(reason(&apart, Missing::Listwise), Reason::TooFew);
    assert_eq!(reason(&apart, Missing::Pairwise), Reason::TooFew);
    assert_eq!(reason(&apart, Missing::Em), Reason::NotIdentified);
    let nobody = [vec![1.0, gap], vec![2.0, gap]];
    assert_eq!(reason(&nobody, Missing::Em), Reason::AllMissing);
    let infinite = [vec![1.0, f64::INFINITY], vec![2.0, 1e300], vec![1.0, 2.0]];
    for missing in POLICIES {
        assert_eq!(reason(&infinite, missing), Reason::NotApplicable);
    }
    let message = Moments::pairwise(&data(2, &apart)).unwrap_err().message;
    assert_eq!(message, "0 persons answered both i1 and i2");
    let copies: Vec<Vec<f64>> = [1.0, 3.0, 2.0, 5.0].iter().map(|x| vec![*x, *x, 8.0 - x * x]).collect();
    let copies = Moments::listwise(&data(3, &copies)).unwrap();
    assert!(!copies.is_positive_definite());
    assert_eq!(adequacy(&copies).unwrap_err().reason, Reason::Singular);
    assert_eq!(Moments::em(&data(0, &[vec![], vec![]])).unwrap_err().reason, Reason::TooFew);
}

#[test]
fn a_constant_item_does_not_stop_the_likelihood() {
    let gap = f64::NAN;
    let rows = [[1.0, 4.0, 2.0], [2.0, 4.0, 3.0], [3.0, gap, 5.0], [5.0, 4.0, gap], [4.0, 4.0, 4.0]];
    let rows: Vec<Vec<f64>> = rows.iter().map(|row| row.to_vec()).collect();
    let em = Moments::em(&data(3, &rows)).unwrap();
    assert_eq!(em.fit.unwrap().stop, Stop::Converged);
    assert_eq!((em.mean[1], em.covariance[(1, 1)], em.covariance[(0, 1)]), (4.0, 0.0, 0.0));
    assert_eq!(em.correlation().unwrap_err().reason, Reason::NoVariability);
}
