//! Are cross-products exact, whatever the order and the split? Held against plain loops over whole numbers.

use alliance_metrics::moments::{CompleteProducts, ItemMatrix, KeyedItem, Missing, Moments, PairProducts};
use alliance_metrics::responses::MISSING;
use proptest::prelude::*;

const K: usize = 5;
const SETS: [&[usize]; 3] = [&[0, 1, 2, 3, 4], &[3, 1], &[2]];

/// Rows of codes up to `highest`, with gaps.
fn rows(highest: u8, most: usize) -> impl Strategy<Value = Vec<[u8; K]>> {
    let code = prop_oneof![8 => 0..=highest, 1 => Just(MISSING)];
    prop::collection::vec(prop::array::uniform5(code), 0..most)
}

fn any_rows() -> impl Strategy<Value = Vec<[u8; K]>> {
    prop_oneof![rows(6, 700), rows(16, 300), rows(254, 300)]
}

fn columns(rows: &[[u8; K]]) -> Vec<Vec<u8>> {
    (0..K).map(|j| rows.iter().map(|row| row[j]).collect()).collect()
}

fn complete(rows: &[[u8; K]]) -> CompleteProducts {
    let mut products = CompleteProducts::new(K, &SETS.map(<[usize]>::to_vec));
    let columns = columns(rows);
    let columns: Vec<&[u8]> = columns.iter().map(Vec::as_slice).collect();
    products.add(&columns, &(0..rows.len() as u32).collect::<Vec<_>>());
    products
}

fn pairs(rows: &[[u8; K]]) -> PairProducts {
    let mut products = PairProducts::new(K);
    let columns = columns(rows);
    let columns: Vec<&[u8]> = columns.iter().map(Vec::as_slice).collect();
    products.add(&columns, &(0..rows.len() as u32).collect::<Vec<_>>());
    products
}

/// Item 1 is reversed on a scale of 1 to 255, item 2 counts in halves.
fn item(column: usize) -> KeyedItem {
    let (from, step) = match column {
        1 => (255.0, -1.0),
        2 => (0.0, 0.5),
        _ => (1.0, 1.0),
    };
    KeyedItem { id: format!("i{column}"), column, from, step }
}

/// Means and covariances of one set by a plain loop over whole numbers.
fn plain(rows: &[[u8; K]], a: usize, b: usize, takes: impl Fn(&[u8; K]) -> bool) -> (i128, f64, f64) {
    let (mut n, mut sums, mut product) = (0i128, [0i128; 2], 0i128);
    for row in rows.iter().filter(|row| takes(row)) {
        n += 1;
        sums[0] += i128::from(row[a]);
        sums[1] += i128::from(row[b]);
        product += i128::from(row[a]) * i128::from(row[b]);
    }
    let (one, other) = (item(a), item(b));
    let scatter = (n * product - sums[0] * sums[1]) as f64 / (n * (n - 1)).max(1) as f64;
    (n, one.from + one.step * (sums[0] as f64 / n.max(1) as f64), one.step * other.step * scatter)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn complete_rows_are_those_of_a_plain_loop(rows in any_rows()) {
        let products = complete(&rows);
        for (at, set) in SETS.iter().enumerate() {
            let takes = |row: &[u8; K]| set.iter().all(|j| row[*j] != MISSING);
            let n = rows.iter().filter(|row| takes(row)).count();
            prop_assert_eq!(products.n(at), n as u64);
            let items: Vec<KeyedItem> = set.iter().map(|j| item(*j)).collect();
            let Ok(moments) = products.moments(at, &items) else {
                prop_assert!(n < 2);
                continue;
            };
            prop_assert_eq!((moments.n, moments.dropped), (n, rows.len() - n));
            for (x, a) in set.iter().enumerate() {
                for (y, b) in set.iter().enumerate() {
                    let (_, mean, covariance) = plain(&rows, *a, *b, takes);
                    prop_assert_eq!(moments.mean[x], mean);
                    prop_assert_eq!(moments.covariance[(x, y)], covariance);
                }
            }
        }
    }

    #[test]
    fn pairs_are_those_of_a_plain_loop(rows in any_rows()) {
        let items: Vec<KeyedItem> = (0..K).map(item).collect();
        let Ok(moments) = pairs(&rows).moments(&items) else {
            let both = |a, b| plain(&rows, a, b, |row| row[a] != MISSING && row[b] != MISSING).0;
            let lonely = (0..K).any(|a| (0..a).any(|b| both(a, b) < 2));
            prop_assert!(lonely);
            return Ok(());
        };
        prop_assert_eq!(moments.missing, Missing::Pairwise);
        prop_assert_eq!(moments.dropped, rows.iter().filter(|row| **row == [MISSING; K]).count());
        let (mut fewest, mut most) = (i128::MAX, 0);
        for a in 0..K {
            for b in 0..K {
                let both = |row: &[u8; K]| row[a] != MISSING && row[b] != MISSING;
                let (n, mean, covariance) = plain(&rows, a, b, both);
                prop_assert_eq!(moments.covariance[(a, b)], covariance);
                if a == b {
                    prop_assert_eq!(moments.mean[a], mean);
                } else {
                    (fewest, most) = (fewest.min(n), most.max(n));
                }
            }
        }
        prop_assert_eq!(moments.n as i128, fewest);
        let pairs = (fewest < most).then_some((fewest as usize, most as usize));
        prop_assert_eq!(moments.pairs, pairs);
    }

    #[test]
    fn parts_merge_in_any_order(rows in any_rows(), cut in 0.0..1.0f64, other in 0.0..1.0f64) {
        let at = |share: f64| (share * rows.len() as f64) as usize;
        let (low, high) = (at(cut).min(at(other)), at(cut).max(at(other)));
        let parts = [&rows[..low], &rows[low..high], &rows[high..]];
        let [a, b, c] = parts.map(complete);
        let [p, q, r] = parts.map(pairs);
        let joined = |parts: [&CompleteProducts; 3]| {
            let mut sum = parts[0].clone();
            sum.merge(parts[1]);
            sum.merge(parts[2]);
            sum
        };
        let mut later = b.clone();
        later.merge(&c);
        let mut nested = a.clone();
        nested.merge(&later);
        prop_assert_eq!(&nested, &complete(&rows));
        prop_assert_eq!(&joined([&c, &a, &b]), &nested);
        let mut sum = r.clone();
        sum.merge(&p);
        sum.merge(&q);
        prop_assert_eq!(&sum, &pairs(&rows));
        // Merging nothing changes nothing.
        let before = (nested.clone(), sum.clone());
        nested.merge(&complete(&[]));
        sum.merge(&pairs(&[]));
        prop_assert_eq!((nested, sum), before);
    }

    #[test]
    fn some_rows_of_a_batch_are_a_batch_of_these_rows(rows in any_rows()) {
        let taken: Vec<u32> = (0..rows.len() as u32).filter(|row| row % 3 != 1).collect();
        let own: Vec<[u8; K]> = taken.iter().map(|row| rows[*row as usize]).collect();
        let held = columns(&rows);
        let held: Vec<&[u8]> = held.iter().map(Vec::as_slice).collect();
        let mut products = CompleteProducts::new(K, &SETS.map(<[usize]>::to_vec));
        products.add(&held, &taken);
        prop_assert_eq!(products, complete(&own));
        let mut products = PairProducts::new(K);
        products.add(&held, &taken);
        prop_assert_eq!(products, pairs(&own));
    }
}

#[test]
fn they_agree_with_the_moments_of_a_matrix() {
    let rows: Vec<[u8; K]> =
        (0..90u16).map(|i| [i % 7, (i * 3) % 5, i % 4, (i / 3) % 7, (i * i) % 6].map(|x| x as u8)).collect();
    let items: Vec<KeyedItem> =
        (0..K).map(|column| KeyedItem { id: format!("i{column}"), column, from: 1.0, step: 1.0 }).collect();
    let ours = complete(&rows).moments(0, &items).unwrap();
    let values: Vec<Vec<f64>> =
        rows.iter().map(|row| row.iter().map(|code| 1.0 + f64::from(*code)).collect()).collect();
    let theirs = Moments::listwise(&ItemMatrix::from_rows(ours.items.clone(), &values)).unwrap();
    assert_eq!((ours.n, ours.dropped), (theirs.n, theirs.dropped));
    assert!((&ours.mean - &theirs.mean).amax() < 1e-13);
    assert!((&ours.covariance - &theirs.covariance).amax() < 1e-13);
}

#[test]
fn an_item_beside_the_set_is_refused() {
    let products = complete(&[[1, 2, 3, 4, 5]; 3]);
    assert!(products.moments(1, &[item(0), item(1)]).is_err());
    assert!(products.moments(1, &[]).is_err());
}
