//! Raters: psych 2.5.3, irr 0.84.1, irrCAC 1.0, multilevel 2.8, PyPI krippendorff 0.9.0.

use alliance_metrics::agreement::{
    CategoryList, Chance, Coded, Confusion, FinalScore, Icc, IccConfig, IccForm, KrippendorffConfig,
    MeanSquares, Metric, NAMED_NULLS, Null, Ratings, Settled, Weights, chance_corrected, final_score, finn,
    icc, kappa, kendall, krippendorff, light, within_group, within_points,
};
use alliance_metrics::statistic::Reason;
use serde_json::Value;

use super::{CALM_ITEMS, close, columns, expected};

/// Closed forms: the digits of the reference files.
const CLOSED: f64 = 1e-10;
/// Values that are quoted to seven or eight decimals.
const QUOTED: f64 = 1e-7;
/// Standard errors that are quoted to five decimals.
const FIVE: f64 = 6e-6;

/// Ten sessions and three observers on −3 … +3, one gap.
pub(super) fn observers() -> Ratings {
    let table = [
        [1.0, 1.0, 2.0],
        [0.0, 1.0, 0.0],
        [-1.0, -1.0, 0.0],
        [2.0, 2.0, 2.0],
        [3.0, 2.0, 3.0],
        [0.0, 0.0, 1.0],
        [-2.0, -1.0, -2.0],
        [1.0, 2.0, 1.0],
        [2.0, 2.0, 3.0],
        [0.0, f64::NAN, 0.0],
    ];
    Ratings::from_table(&table)
}

fn softa() -> CategoryList {
    CategoryList::whole(-3, 3)
}

fn three_raters() -> Ratings {
    let rows = columns("raters_three.csv", &["r1", "r2", "r3"]);
    let rows: Vec<Vec<Option<f64>>> =
        rows.into_iter().map(|row| row.into_iter().map(Some).collect()).collect();
    Ratings::from_rows(&rows)
}

fn of(ratings: &Ratings) -> Icc {
    icc(&MeanSquares::of(ratings).unwrap(), &IccConfig::default())
}

/// Six forms as `psych::ICC` prints them: ICC1, ICC2, ICC3, ICC1k, ICC2k, ICC3k.
pub(super) fn same_six(what: &str, ours: &Icc, theirs: &Value, tolerance: f64) {
    for (at, form) in IccForm::ALL.into_iter().enumerate() {
        let number = |column: &str| theirs[column][at].as_f64().unwrap();
        let what = format!("{what} {}", form.id());
        let estimate = ours.form(form);
        close(&what, estimate.estimate.unwrap(), number("ICC"), tolerance);
        close(&what, estimate.lower.unwrap(), number("lower bound"), tolerance);
        close(&what, estimate.upper.unwrap(), number("upper bound"), tolerance);
        let test = ours.forms[at].test.unwrap();
        close(&what, test.f, number("F"), tolerance);
        close(&what, test.df1, number("df1"), 0.0);
        close(&what, test.df2, number("df2"), 0.0);
        assert!((test.p / number("p") - 1.0).abs() < 1e-8, "{what}: p {} is not {}", test.p, number("p"));
    }
}

#[test]
fn the_six_forms_of_shrout_and_fleiss() {
    let theirs = &expected("agreement.json")["shrout_fleiss"];
    let rows: Vec<Vec<Option<f64>>> = theirs["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row.as_array().unwrap().iter().map(Value::as_f64).collect())
        .collect();
    let ours = of(&Ratings::from_rows(&rows));
    same_six("Shrout and Fleiss", &ours, &theirs["icc"], CLOSED);
    close("MSB", ours.mean_squares.units, 11.241_666_7, QUOTED);
    close("MSJ", ours.mean_squares.raters, 32.486_111_1, QUOTED);
    close("MSE", ours.mean_squares.residual, 1.019_444_4, QUOTED);
}

#[test]
fn observers_by_analysis_of_variance() {
    let ours = of(&observers());
    assert_eq!((ours.n, ours.k), (9, 3));
    close("units", ours.mean_squares.units, 6.166_666_7, QUOTED);
    close("raters", ours.mean_squares.raters, 0.444_444_4, QUOTED);
    close("residual", ours.mean_squares.residual, 0.277_777_8, QUOTED);
    let agreement = ours.form(IccForm::Agreement);
    close("A,1", agreement.estimate.unwrap(), 0.868_852_5, QUOTED);
    close("A,1 lower", agreement.lower.unwrap(), 0.664_334_3, QUOTED);
    close("A,1 upper", agreement.upper.unwrap(), 0.965_189_5, QUOTED);
    close("A,3", ours.form(IccForm::AgreementMean).estimate.unwrap(), 0.952_095_8, QUOTED);
    close("C,1", ours.form(IccForm::Consistency).estimate.unwrap(), 0.876_033_1, QUOTED);
    close("1", ours.form(IccForm::OneWay).estimate.unwrap(), 0.868_493_2, QUOTED);
}

#[test]
fn retest_of_an_anxiety_scale() {
    let names: Vec<&str> = ["time"].into_iter().chain(CALM_ITEMS).collect();
    let rows = columns("sai_repeated.csv", &names);
    let score = |row: &Vec<f64>| row[1..].iter().sum::<f64>() / 10.0;
    let of_time = |time: f64| rows.iter().filter(move |row| row[0] == time).map(score);
    let both: Vec<[f64; 2]> = of_time(1.0).zip(of_time(2.0)).map(|(first, second)| [first, second]).collect();
    let theirs = &expected("multilevel.json")["sai_repeated"]["retest"];
    let ours = of(&Ratings::from_table(&both));
    same_six("retest", &ours, &theirs["icc"], CLOSED);
    close("consistency", ours.se_consistency, theirs["se_consistency"].as_f64().unwrap(), CLOSED);
    close("agreement", ours.se_agreement, theirs["se_agreement"].as_f64().unwrap(), CLOSED);
}

#[test]
fn two_observers_over_negative_categories() {
    // The first nine sessions: the tenth has a gap.
    let coded = Coded::new(&observers(), &softa()).unwrap();
    let table = Confusion::of(&coded, 0, 1);
    assert_eq!(table.n(), 9);
    let plain = kappa(&table, &Weights::Identity, 0.95).unwrap();
    close("plain", plain.value.estimate.unwrap(), 0.446_153_8, QUOTED);
    close("plain se", plain.value.se.unwrap(), 0.185_079_1, QUOTED);
    close("plain null se", plain.se_null.unwrap(), 0.151_086_4, QUOTED);
    close("plain z", plain.z.unwrap(), 2.952_972, 1e-6);
    let linear = kappa(&table, &Weights::Linear, 0.95).unwrap();
    close("linear", linear.value.estimate.unwrap(), 0.709_677_4, QUOTED);
    close("linear se", linear.value.se.unwrap(), 0.100_745_9, QUOTED);
    close("linear z", linear.z.unwrap(), 3.363_671, 1e-6);
    let quadratic = kappa(&table, &Weights::Quadratic, 0.95).unwrap();
    close("quadratic", quadratic.value.estimate.unwrap(), 0.88, 1e-12);
    close("quadratic se", quadratic.value.se.unwrap(), 0.046_962_1, QUOTED);
    close("quadratic z", quadratic.z.unwrap(), 2.740_501, 1e-6);
}

#[test]
fn three_raters_of_sixty_units() {
    let theirs = &expected("agreement.json")["kappa"];
    let number = |name: &str| theirs[name].as_f64().unwrap();
    let all = three_raters();
    let complete = all.complete();
    assert_eq!((all.units(), complete.units()), (60, 57));
    let categories = CategoryList::whole(1, 5);
    let coded = Coded::new(&complete, &categories).unwrap();
    let pair = Confusion::of(&coded, 0, 1);
    let cohen = |weights: &Weights| kappa(&pair, weights, 0.95).unwrap().value.estimate.unwrap();
    close("Cohen", cohen(&Weights::Identity), number("cohen_12"), CLOSED);
    close("linear", cohen(&Weights::Linear), number("linear_12"), CLOSED);
    close("quadratic", cohen(&Weights::Quadratic), number("quadratic_12"), CLOSED);
    let fleiss = chance_corrected(&coded, Chance::Fleiss, &Weights::Identity, 0.95).unwrap();
    close("Fleiss", fleiss.value.estimate.unwrap(), number("fleiss"), CLOSED);
    close(
        "Light",
        light(&coded, &Weights::Identity).unwrap().value.estimate.unwrap(),
        number("light"),
        CLOSED,
    );
    close("Kendall", kendall(&complete).value.estimate.unwrap(), number("kendall_w"), CLOSED);
    let uniform = finn(&complete, &categories, &Null::Uniform).unwrap();
    close("Finn", uniform.estimate.unwrap(), number("finn"), CLOSED);
    for metric in [Metric::Nominal, Metric::Ordinal, Metric::Interval] {
        let alpha = krippendorff(&all, &KrippendorffConfig { metric, draws: 0, ..Default::default() });
        close(
            metric.id(),
            alpha.value.estimate.unwrap(),
            number(&format!("krippendorff_{}", metric.id())),
            CLOSED,
        );
    }
}

#[test]
fn chance_corrected_agreement_with_a_gap() {
    let ratings = observers();
    // Six categories occur, seven are declared.
    let observed = Coded::new(&ratings, &CategoryList::observed(&ratings)).unwrap();
    let declared = Coded::new(&ratings, &softa()).unwrap();
    let check = |coded: &Coded, chance: Chance, weights: &Weights, estimate: f64, se: Option<f64>| {
        let ours = chance_corrected(coded, chance, weights, 0.95).unwrap();
        let what = format!("{chance:?} {} of {}", weights.id(), ours.categories);
        assert_eq!((ours.n, ours.n_paired, ours.raters), (10, 10, 3));
        close(&what, ours.value.estimate.unwrap(), estimate, FIVE);
        if let Some(se) = se {
            close(&what, ours.value.se.unwrap(), se, FIVE);
        }
        ours.observed.unwrap()
    };
    let (identity, linear, quadratic) = (Weights::Identity, Weights::Linear, Weights::Quadratic);
    for coded in [&observed, &declared] {
        check(coded, Chance::Fleiss, &identity, 0.327_73, Some(0.098_94));
        check(coded, Chance::Fleiss, &linear, 0.653_18, Some(0.072_63));
        check(coded, Chance::Fleiss, &quadratic, 0.859_15, Some(0.045_85));
        check(coded, Chance::Conger, &identity, 0.345_45, None);
        check(coded, Chance::Conger, &linear, 0.659_90, None);
        check(coded, Chance::Conger, &quadratic, 0.862_07, None);
        check(coded, Chance::Krippendorff, &identity, 0.331_343_3, Some(0.090_47));
        check(coded, Chance::Krippendorff, &linear, 0.657_49, None);
        check(coded, Chance::Krippendorff, &quadratic, 0.862_407_9, Some(0.047_18));
    }
    close("p_a", check(&observed, Chance::Gwet, &identity, 0.366_09, Some(0.108_77)), 0.466_666_7, QUOTED);
    close("p_a", check(&observed, Chance::Gwet, &linear, 0.744_95, Some(0.053_43)), 0.893_333_3, QUOTED);
    close("p_a", check(&observed, Chance::Gwet, &quadratic, 0.921_03, Some(0.020_47)), 0.978_666_7, QUOTED);
    close("p_a", check(&declared, Chance::Gwet, &identity, 0.385_403_3, None), 0.466_666_7, QUOTED);
    close("p_a", check(&declared, Chance::Gwet, &linear, 0.791_847_4, None), 0.911_111_1, QUOTED);
    close("p_a", check(&declared, Chance::Gwet, &quadratic, 0.947_113_3, None), 0.985_185_2, QUOTED);
}

#[test]
fn krippendorff_of_the_observers() {
    let alpha = |metric| {
        let config = KrippendorffConfig { metric, draws: 0, ..Default::default() };
        krippendorff(&observers(), &config).value
    };
    close("nominal", alpha(Metric::Nominal).estimate.unwrap(), 0.331_343_3, QUOTED);
    close("ordinal", alpha(Metric::Ordinal).estimate.unwrap(), 0.863_367_9, QUOTED);
    close("interval", alpha(Metric::Interval).estimate.unwrap(), 0.862_407_9, QUOTED);
    assert_eq!(alpha(Metric::Ratio).reason, Some(Reason::NotApplicable));
}

#[test]
fn concordance_of_the_observers() {
    let ours = kendall(&observers());
    assert_eq!(ours.n, 9);
    close("W", ours.value.estimate.unwrap(), 0.923_753_7, QUOTED);
    close("uncorrected", ours.uncorrected.unwrap(), 0.875, 1e-12);
    close("chi-square", ours.chi_square.unwrap(), 22.170_09, 1e-6);
    close("p", ours.p.unwrap(), 0.0046, 5e-5);
}

#[test]
fn five_judges_of_four_items() {
    let answers = Ratings::from_table(&[
        [5.0, 6.0, 6.0, 5.0],
        [6.0, 6.0, 7.0, 5.0],
        [6.0, 5.0, 6.0, 6.0],
        [5.0, 5.0, 6.0, 4.0],
        [7.0, 6.0, 7.0, 6.0],
    ]);
    let seven = CategoryList::whole(1, 7);
    let uniform = within_group(&answers, &seven, &Null::Uniform).unwrap();
    close("uniform variance", uniform.null_variance, 4.0, 1e-14);
    close("rwg(J)", uniform.rwg_j.estimate.unwrap(), 0.965_517_2, QUOTED);
    close("r*wg", uniform.r_star.estimate.unwrap(), 0.875, 1e-12);
    close("AD", uniform.ad_mean.estimate.unwrap(), 0.56, 1e-12);
    for (item, theirs) in [(0, 0.805_555_6), (1, 0.925_465_8), (3, 0.851_851_9)] {
        close("a_wg", uniform.awg[item].estimate.unwrap(), theirs, QUOTED);
    }
    assert_eq!(uniform.awg[2].reason, Some(Reason::NotApplicable));
    close("mean a_wg", uniform.awg_mean.estimate.unwrap(), 0.860_957_7, 1.1e-7);
    let slight = NAMED_NULLS.iter().find(|null| null.id == "slight_skew" && null.categories == 7).unwrap();
    let skewed = within_group(&answers, &seven, &Null::Named(*slight)).unwrap();
    close("rwg(J), slight skew", skewed.rwg_j.estimate.unwrap(), 0.950_495, 1e-6);
    let single = Ratings::from_table(&[[5.0], [6.0], [6.0], [5.0], [7.0]]);
    let single = within_group(&single, &seven, &Null::Uniform).unwrap();
    close("rwg", single.rwg[0].estimate.unwrap(), 0.825, 1e-12);
}

#[test]
fn three_judges_settle_on_a_score() {
    let scored = |score, settled| FinalScore { score: Some(score), settled: Some(settled), reason: None };
    assert_eq!(final_score(&[2.0, 2.0, 2.0]), scored(2.0, Settled::All));
    assert_eq!(final_score(&[2.0, -3.0, 2.0]), scored(2.0, Settled::Two));
    assert_eq!(final_score(&[-3.0, 1.0, 2.0]), scored(1.5, Settled::ClosestTwo));
    assert_eq!(final_score(&[2.0, 0.0, 1.0]), scored(1.0, Settled::Middle));
    assert_eq!(final_score(&[2.0, 2.0]).reason, Some(Reason::TooFew));
    assert_eq!(final_score(&[2.0, 2.0, 1.0, 1.0]).reason, Some(Reason::NotApplicable));
}

#[test]
fn pairs_within_a_point() {
    let within = within_points(&observers(), 1.0);
    // 28 pairs: three in each of nine sessions and one in the tenth, none further than a point apart.
    assert_eq!((within.pairs, within.units, within.of_pairs.estimate), (28, 10, Some(1.0)));
    let exact = within_points(&observers(), 0.0);
    assert_eq!((exact.of_pairs.estimate, exact.of_units.estimate), (Some(12.0 / 28.0), Some(0.2)));
}
