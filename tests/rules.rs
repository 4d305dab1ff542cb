//! Do rules for ruptures do what their words say, and are bad rule files named?

use alliance_metrics::finding::Code;
use alliance_metrics::session::*;
use alliance_metrics::statistic::Reason;

const RANGE: Option<[f64; 2]> = Some([1.0, 7.0]);

fn series(scores: &[f64]) -> Series {
    Series::consecutive(scores).unwrap()
}

fn points(c: f64) -> Rule {
    Rule::fall(ThresholdScale::Points, c)
}

fn run(rule: &Rule, scores: &[f64]) -> Vec<(Option<i64>, i64, Option<i64>)> {
    let found = detect(rule, &series(scores), &Sample::none(RANGE));
    found.episodes.iter().map(|e| (e.start, e.trough, e.repair)).collect()
}

#[test]
fn the_shipped_rules_are_sound_and_labelled() {
    for id in preset_ids() {
        let preset = Preset::parse(id, preset_text(id).unwrap()).unwrap();
        assert_eq!(preset.about.id, id);
        assert!(preset.about.source.is_some() && preset.about.verified.is_some(), "{id}");
        let of_a_paper = id.chars().any(|c| c.is_ascii_digit());
        assert_eq!(
            of_a_paper || id.contains("openfit"),
            id.ends_with("_like"),
            "{id} is not what the paper did"
        );
        for rule in named_rules(id).unwrap() {
            assert!(rule.id == id || rule.id.starts_with(&format!("{id}:")));
        }
    }
    for scale in ThresholdScale::ALL {
        let name = format!("{}:1.5", scale.id());
        assert_eq!(named_rules(&name).unwrap()[0].threshold().unwrap().c, 1.5);
        assert_eq!(named_rules(scale.id()).is_ok(), scale.usual_c().is_some());
    }
    for name in ["points:0", "points:x", "stile2004_like", "points", ""] {
        assert!(named_rules(name).is_err(), "{name}");
    }
}

#[test]
fn shares_of_the_range_become_points_of_any_range() {
    let rule = &named_rules("stevens2007_like").unwrap()[0];
    let resolve =
        |range| rule.threshold().unwrap().resolve(&series(&[1.0, 2.0]), Gap::default(), &Sample::none(range));
    assert_eq!(resolve(RANGE).unwrap().points, 1.0);
    assert!((resolve(Some([12.0, 84.0])).unwrap().points - 12.0).abs() < 1e-12);
    assert_eq!(resolve(None), Err(Reason::NotApplicable));
    let unbounded = detect(rule, &series(&[5.0, 3.0, 5.0]), &Sample::none(None));
    assert_eq!(unbounded.reason, Some(Reason::NotApplicable));
}

#[test]
fn decimal_scores_are_compared_as_decimals() {
    // In binary, 5.8 - 5.0 is less than .8.
    assert_eq!(run(&points(0.8), &[5.8, 5.0, 5.8]), [(Some(1), 2, Some(3))]);
    let zero = Rule { repair: Repair::ToMean, ..points(1e-12) };
    assert_eq!(run(&zero, &[5.0, 5.0, 5.1]), []);
}

#[test]
fn single_falls_are_episodes_of_their_own() {
    let found = run(&points(1.0), &[6.0, 5.0, 4.0, 4.0, 6.0]);
    assert_eq!(found, [(Some(1), 2, Some(5)), (Some(2), 3, Some(5))]);
}

#[test]
fn cumulative_falls_are_one_episode_until_repaired() {
    let rule = |c, window| {
        let threshold = Threshold::new(ThresholdScale::Points, c);
        Rule { signal: Signal::Fall { threshold, mode: Mode::Cumulative }, window, ..points(c) }
    };
    // A flat stretch before the fall is no part of it; one after it is.
    assert_eq!(run(&rule(1.0, None), &[6.0, 6.0, 5.0, 5.0, 6.0]), [(Some(2), 4, Some(5))]);
    // A further fall before the repair moves the trough, however small it is, if it is lower.
    assert_eq!(run(&rule(1.0, None), &[6.0, 4.0, 4.4, 3.9, 4.2, 4.1, 6.0]), [(Some(1), 4, Some(7))]);
    // Once the window is over, a new fall is a new episode.
    let two = [(Some(1), 2, None), (Some(3), 4, Some(5))];
    assert_eq!(run(&rule(1.0, Some(1)), &[6.0, 4.0, 4.5, 3.0, 6.0]), two);
}

#[test]
fn episodes_end_in_one_of_three_ways() {
    let outcomes = |rule: &Rule, scores: &[f64]| -> Vec<Outcome> {
        detect(rule, &series(scores), &Sample::none(RANGE)).episodes.iter().map(|e| e.outcome).collect()
    };
    let window = |window| Rule { window, ..points(1.0) };
    let open = [6.0, 6.0, 4.0, 4.0];
    assert_eq!(outcomes(&window(None), &open), [Outcome::Unrepaired]);
    assert_eq!(outcomes(&window(Some(1)), &open), [Outcome::Unrepaired]);
    assert_eq!(outcomes(&window(Some(2)), &open), [Outcome::UnrepairedCensored]);
    assert_eq!(outcomes(&window(None), &open[..3]), [Outcome::UnrepairedCensored]);
    let class =
        |scores: &[f64]| detect(&window(None), &series(scores), &Sample::none(RANGE)).course.unwrap().class;
    assert_eq!(class(&[6.0, 4.0, 6.0]), PersonClass::Repaired);
    assert_eq!(class(&[6.0, 4.0, 6.0, 4.0]), PersonClass::Undetermined);
    assert_eq!(class(&[6.0, 4.0, 4.0, 4.0]), PersonClass::Unrepaired);
    assert_eq!(class(&[6.0, 5.5, 6.0]), PersonClass::None);
}

#[test]
fn shapes_have_names() {
    let threshold = Threshold::new(ThresholdScale::Points, 1.0);
    let rule = Rule { signal: Signal::Fall { threshold, mode: Mode::Cumulative }, ..points(1.0) };
    let shape = |scores: &[f64]| detect(&rule, &series(scores), &Sample::none(RANGE)).episodes[0].shape.id();
    assert_eq!(shape(&[6.0, 4.0, 6.0]), "V");
    assert_eq!(shape(&[6.0, 4.0, 4.5, 6.0]), "V_slow_repair");
    assert_eq!(shape(&[6.0, 5.0, 4.0, 6.0]), "slow_decline_sudden_repair");
    assert_eq!(shape(&[6.0, 5.0, 4.0, 4.5, 6.0]), "U");
    assert_eq!(shape(&[6.0, 4.0, 4.2]), "unrepaired");
}

#[test]
fn gaps_are_recorded_or_forbid_the_change() {
    let series = Series::of(&[(1, 6.0), (4, 4.0), (5, 6.0)]).unwrap();
    let rule = points(1.0);
    let found = detect(&rule, &series, &Sample::none(RANGE));
    assert_eq!((found.episodes[0].gap, found.episodes[0].length), (2, Some(1)));
    let strict = detect(&Rule { gap: Gap::Strict, ..rule }, &series, &Sample::none(RANGE));
    assert_eq!(strict.episodes, []);
}

#[test]
fn a_fall_across_a_change_of_worker_is_no_rupture() {
    let session =
        |number, score, worker| Session { number, score: Some(score), worker: Some(worker), day: None };
    let sessions = vec![session(1, 6.0, 1), session(2, 4.0, 2), session(3, 4.2, 2), session(4, 2.0, 2)];
    let found = detect(&points(1.0), &Series::new(sessions).unwrap(), &Sample::none(RANGE));
    assert_eq!(found.episodes.iter().map(|e| e.worker_changed).collect::<Vec<_>>(), [true, false]);
    let course = found.course.unwrap();
    assert_eq!((course.ruptures, course.worker_changes, course.largest), (1, 1, Some(2.2)));
}

#[test]
fn levels_and_alarms() {
    let scale = Sample::none(Some([0.0, 40.0]));
    let found = |name: &str, scores: &[f64]| {
        let rule = &named_rules(name).unwrap()[0];
        let found = detect(rule, &series(scores), &scale);
        found.episodes.iter().map(|e| (e.start, e.trough, e.repair)).collect::<Vec<_>>()
    };
    assert_eq!(found("srs", &[38.0, 35.0, 34.0, 36.0, 35.9]), [(Some(1), 3, Some(4)), (Some(4), 5, None)]);
    assert_eq!(found("srs", &[30.0, 30.0, 30.0]), [(None, 1, None)]);
    assert_eq!(
        found("openfit_srs_like", &[39.0, 38.0, 38.5, 35.0]),
        [(Some(1), 2, Some(3)), (Some(3), 4, None)]
    );
}

#[test]
fn rules_refuse_what_they_cannot_judge() {
    let reason = |rule: &Rule, scores: &[f64]| detect(rule, &series(scores), &Sample::none(RANGE)).reason;
    assert_eq!(reason(&points(1.0), &[6.0, 4.0]), Some(Reason::TooFew));
    assert_eq!(
        reason(&Rule::fall(ThresholdScale::SdResidLinear, 1.0), &[6.0, 4.0, 5.0, 6.0]),
        Some(Reason::TooFew)
    );
    assert_eq!(
        reason(&named_rules("control_chart").unwrap()[0], &[5.0, 4.0, 5.0, 4.0, 5.0, 4.0, 5.0]),
        Some(Reason::TooFew)
    );
    assert_eq!(reason(&points(1.0), &[5.0; 9]), Some(Reason::NoVariability));
    assert_eq!(reason(&Rule::usual(), &[5.0, 4.0, 5.0]), Some(Reason::NotApplicable));
    assert_eq!(detect(&points(1.0), &Series::default(), &Sample::default()).reason, Some(Reason::TooFew));
}

/// The rules of methods that are more than a fall, on courses where a reader sees the answer.
#[test]
fn charts_that_remember_steps_and_parts_are_rules() {
    let rule = |id: &str| named_rules(id).unwrap().remove(0);
    let eroding =
        [6.0, 6.1, 5.9, 6.0, 6.1, 5.9, 6.0, 5.6, 5.5, 5.4, 5.5, 5.4, 5.5, 5.4, 6.4, 6.6, 6.5, 6.6, 6.5, 6.6];
    for id in ["ewma", "cusum"] {
        let found = run(&rule(id), &eroding);
        assert_eq!(found.len(), 1, "{id}: {found:?}");
        let (start, trough, repair) = found[0];
        assert_eq!(start, Some(7), "{id}: the last session that was not below the center");
        assert!((8..=14).contains(&trough) && repair.is_some_and(|repair| repair > 14), "{id}: {found:?}");
    }
    // A step that lasts, and a rupture that mends at once.
    let step = [5.5, 5.6, 5.4, 5.5, 4.0, 4.1, 4.0, 3.9, 4.1];
    let dip = [5.5, 5.6, 5.4, 5.5, 4.0, 5.5, 5.4, 5.6, 5.5];
    let sudden = Rule {
        signal: Signal::Sudden {
            threshold: Threshold::new(ThresholdScale::Points, 1.0),
            share: None,
            sessions: 3,
        },
        ..rule("sudden_loss")
    };
    assert_eq!(run(&sudden, &step), [(Some(4), 5, None)]);
    assert_eq!(run(&sudden, &dip), []);
    assert_eq!(run(&rule("residual"), &dip), [(Some(4), 5, Some(6))]);
    let parts = run(&rule("optimal_partition"), &step);
    assert_eq!(parts, [(Some(4), 8, None)]);
    // Without a reliability of persons there is no threshold for a sudden loss.
    let none = detect(&rule("sudden_loss"), &series(&step), &Sample::none(RANGE));
    assert_eq!(none.reason, Some(Reason::NotApplicable));
}

#[test]
fn bad_rule_files_are_named() {
    let base = "schema = \"alliance-rule/1\"\n[rule]\nid = \"mine\"\ntitle = \"t\"\n";
    let fall = "[fall]\nscale = \"points\"\nc = [1.0]\n";
    let repair = "[repair]\nrule = \"fraction\"\nfraction = 0.5\n";
    let parse = |rest: &str| Preset::parse("mine.toml", &format!("{base}{rest}"));
    assert!(parse(&format!("{fall}{repair}")).is_ok());
    for (rest, line) in [
        (repair.to_owned(), 2),
        (format!("{fall}[chart]\n{repair}"), 2),
        (format!("[fall]\nscale = \"points\"\nc = []\n{repair}"), 5),
        (format!("[fall]\nscale = \"sd_raw\"\nc = [1.0]\non = [1.0, 7.0]\n{repair}"), 5),
        (format!("{fall}[repair]\nrule = \"inside_limits\"\n"), 8),
        (format!("{fall}[repair]\nrule = \"rise\"\nfraction = 0.5\n"), 8),
        (format!("{fall}[repair]\nrule = \"fraction\"\nfraction = 1.5\n"), 8),
        ("[chart]\nmultiplier = -1.0\n[repair]\nrule = \"rise\"\n".to_owned(), 5),
        (format!("{fall}[start]\nfrom = \"above\"\n{repair}"), 8),
        (format!("{fall}[ewma]\n{repair}"), 2),
        (format!("[ewma]\nlambda = 1.5\n{repair}"), 5),
        (format!("[cusum]\ndecision = 0.0\n{repair}"), 5),
        (format!("[cusum]\nbaseline = 4\n{repair}"), 5),
        (format!("[parts]\nshortest = 0\n{repair}"), 5),
        (format!("[sudden]\nscale = \"rci\"\nc = 1.96\nsessions = 1\n{repair}"), 5),
        (format!("[sudden]\nscale = \"rci\"\nc = 1.96\nshare = 25.0\n{repair}"), 5),
    ] {
        let findings = parse(&rest).unwrap_err();
        let first = &findings.kept()[0];
        assert_eq!((first.code, first.place.line), (Code::BadRule, Some(line)), "{rest}");
    }
    let unknown =
        parse(&format!("[fall]\nscale = \"points\"\nc = [1.0]\nmod = \"single\"\n{repair}")).unwrap_err();
    assert_eq!(unknown.kept()[0].code, Code::UnknownKey);
}
