//! Codes that have nothing to do with scores, and repairs where nothing changes.
//!
//! The full form writes the tables of `docs/SIMULATIONS.md`, and takes some minutes:
//!
//! `ALLIANCE_STUDIES=4000 cargo test --release --test all simulation::sessions`

use std::fmt::Write;
use std::fs;
use std::path::Path;

use alliance_metrics::numeric::random::Stream;
use alliance_metrics::session::*;

/// Studies of each kind; none asked for: the quick form.
fn asked() -> Option<u64> {
    std::env::var("ALLIANCE_STUDIES").ok().and_then(|n| n.parse().ok())
}

/// A course that dyads share, and how codes gather.
struct World {
    name: &'static str,
    course: fn(usize) -> f64,
    phi: f64,
    walk: bool,
    coded: fn(usize) -> f64,
}

const SESSIONS: usize = 20;
const DYADS: usize = 6;

fn mid(t: usize) -> bool {
    (7..13).contains(&t)
}

const WORLDS: [World; 4] = [
    World {
        name: "neighbouring sessions alike (AR .6)",
        course: |_| 0.0,
        phi: 0.6,
        walk: false,
        coded: |_| 0.25,
    },
    World {
        name: "a rise that levels off",
        course: |t| 2.0 * (1.0 - libm::exp(-0.3 * t as f64)),
        phi: 0.3,
        walk: false,
        coded: |t| if t < 6 { 0.5 } else { 0.15 },
    },
    World {
        name: "a shared dip in mid-phase",
        course: |t| if mid(t) { -1.0 } else { 0.0 },
        phi: 0.3,
        walk: false,
        coded: |t| if mid(t) { 0.6 } else { 0.1 },
    },
    World { name: "a random walk", course: |_| 0.0, phi: 1.0, walk: true, coded: |_| 0.25 },
];

/// Six dyads with one code; coded sessions are lower by `fall`.
fn study(world: &World, number: u64, fall: f64) -> Vec<(Series, CodedSessions)> {
    let mut chance = Stream::new(11, number);
    let one = |_| {
        let mut away = chance.normal();
        let mut scores = Vec::new();
        for t in 0..SESSIONS {
            let keep = if world.walk { 0.5 } else { (1.0 - world.phi * world.phi).sqrt() };
            if t > 0 {
                away = world.phi * away + keep * chance.normal();
            }
            scores.push((world.course)(t) + 0.5 * away);
        }
        let marks: Vec<bool> = (0..SESSIONS).map(|t| chance.unit() < (world.coded)(t)).collect();
        scores.iter_mut().zip(&marks).filter(|(_, mark)| **mark).for_each(|(score, _)| *score -= fall);
        let present = vec![marks.into_iter().map(Some).collect()];
        (
            Series::consecutive(&scores).unwrap(),
            CodedSessions { sessions: (1..=SESSIONS as i64).collect(), present },
        )
    };
    (0..DYADS).map(one).collect()
}

/// Shares of studies with p ≤ .05: exchanged between dyads, shifted within.
fn rejections(world: &World, studies: u64, fall: f64) -> [f64; 2] {
    let mut rejected = [0u32; 2];
    for number in 0..studies {
        let dyads = study(world, number, fall);
        let dyads: Vec<EventDyad> = dyads.iter().map(|(scores, coded)| EventDyad { scores, coded }).collect();
        let config = EventsConfig { arrangements: 500, seed: number, ..EventsConfig::default() };
        let found = &events(&dyads, 1, &config)[0];
        for (count, test) in rejected.iter_mut().zip([&found.exchange, &found.shift]) {
            *count += u32::from(test.as_ref().unwrap().p.is_some_and(|p| p <= 0.05));
        }
    }
    rejected.map(|count| f64::from(count) / studies as f64)
}

#[test]
fn codes_that_mean_nothing_are_seldom_found() {
    let studies = asked().unwrap_or(300);
    let error = 3.0 * (0.05f64 * 0.95 / studies as f64).sqrt();
    let mut table = format!(
        "{studies} studies of {DYADS} dyads and {SESSIONS} sessions for each row; the last row has a true fall of 0.4 SD.\n\n\
         | scores | exchanged between dyads | shifted within dyads |\n|:---|---:|---:|\n"
    );
    for world in &WORLDS {
        let [exchange, shift] = rejections(world, studies, 0.0);
        writeln!(table, "| {} | {exchange:.3} | {shift:.3} |", world.name).unwrap();
        assert!(exchange <= 0.05 + error, "{}: {exchange}", world.name);
        if world.name.contains("dip") {
            assert!(shift > 0.2, "the shift is not fair under a shared course: {shift}");
        } else if world.name.contains("AR") {
            assert!(shift <= 0.06 + error, "{shift}");
        }
    }
    if asked().is_some() {
        let [exchange, shift] = rejections(&WORLDS[0], studies, 0.2);
        writeln!(table, "| AR .6, coded sessions truly lower | {exchange:.3} | {shift:.3} |").unwrap();
        assert!(exchange > 0.2, "{exchange}");
        write_table("codes", &table);
    }
}

/// Falls beyond 1.96 √2 SD in independent noise, and the share that a rule calls repaired.
fn repaired(rule: &Rule, sessions: usize, courses: u64) -> (f64, u64) {
    let (mut falls, mut repairs) = (0u64, 0u64);
    for number in 0..courses {
        let mut chance = Stream::new(12, number);
        let scores: Vec<f64> = (0..sessions).map(|_| chance.normal()).collect();
        let found = detect(rule, &Series::consecutive(&scores).unwrap(), &Sample::default());
        falls += found.episodes.len() as u64;
        repairs += found.episodes.iter().filter(|e| e.outcome == Outcome::Repaired).count() as u64;
    }
    (repairs as f64 / falls as f64, falls)
}

/// A fall starts from a lucky high, so that a return to its start is asked too much; `tools/reference/repairs.R` says how often
/// noise is called repaired.
#[test]
fn falls_of_noise_are_repaired_as_often_as_another_program_says() {
    let text = include_str!("../reference/expected/repairs.txt");
    let theirs = |sessions: usize, words: &str| -> (f64, f64) {
        let line = text.lines().find(|line| line.starts_with(&format!("n {sessions} "))).unwrap();
        let after = |what: &str| -> f64 {
            line.split_once(what).unwrap().1.split_whitespace().next().unwrap().parse().unwrap()
        };
        (after(words), after("falls"))
    };
    let courses = asked().unwrap_or(1000) * 5;
    let fall = Rule::fall(ThresholdScale::Points, 1.96 * std::f64::consts::SQRT_2);
    let back = Rule { repair: Repair::ReturnToStart { tolerance: Points::of_score(0.0) }, ..fall.clone() };
    let mut table = format!(
        "{courses} courses of independent noise for each row; falls beyond 1.96 √2 SD.\n\n\
         | sessions | repair | falls called repaired | R |\n|---:|:---|---:|---:|\n"
    );
    for (rule, words, sessions) in [
        (&back, "back at the start", 20),
        (&back, "back at the start", 10),
        (&fall, "half of the fall", 20),
        (&fall, "half of the fall", 10),
    ] {
        let (theirs, their_falls) = theirs(sessions, words);
        let (share, falls) = repaired(rule, sessions, courses);
        writeln!(table, "| {sessions} | {words} | {share:.3} | {theirs:.3} |").unwrap();
        let error = 3.0 * (theirs * (1.0 - theirs) * (1.0 / falls as f64 + 1.0 / their_falls)).sqrt();
        assert!((share - theirs).abs() <= error, "{words}, {sessions}: {share} of {falls}, not {theirs}");
    }
    if asked().is_some() {
        write_table("repairs", &table);
    }
}

/// The chance of any mark beside that of the R program `tools/reference/false_alarms.R`, rule by rule.
#[test]
fn chances_of_false_alarms_are_those_of_another_program() {
    let theirs = include_str!("../reference/expected/false_alarms.txt");
    let series = asked().map_or(1000, |studies| studies as u32 * 5);
    let fall = Threshold::new(ThresholdScale::Points, 1.96 * std::f64::consts::SQRT_2);
    let cumulative = Signal::Fall { threshold: fall, mode: Mode::Cumulative };
    let rules = [
        ("fall 1.96 sqrt2 sd", "a fall beyond 1.96 √2 SD", Rule::fall(ThresholdScale::Points, fall.c)),
        (
            "fall 1.96 sqrt2 sd cumulative",
            "the same over sessions without a rise",
            Rule { signal: cumulative, ..Rule::usual() },
        ),
        ("stiles2004_like", "`stiles2004_like`", named_rules("stiles2004_like").unwrap().remove(0)),
        ("sd_diff:1", "`sd_diff:1`", Rule::fall(ThresholdScale::SdDiff, 1.0)),
        ("control_chart lower", "`control_chart`", named_rules("control_chart").unwrap().remove(0)),
    ];
    let all: Vec<Rule> = rules.iter().map(|(_, _, rule)| rule.clone()).collect();
    let mut table = format!(
        "Chance of at least one mark; {series} courses of ours, 20 000 of R for each row.\n\n\
         | rule | sessions | lag-one correlation | ours | R |\n|:---|---:|---:|---:|---:|\n"
    );
    for n in [10, 20] {
        for phi in [0.0, 0.3, 0.6] {
            let nothing = NothingChanges {
                seed: 7,
                series,
                level: 0.0,
                error_sd: None,
                fluctuation_sd: Some(1.0),
                lag_one: Some(phi),
                step: None,
                range: None,
            };
            let found = false_alarms(&all, n, &nothing, &Sample::default());
            for ((id, words, _), found) in rules.iter().zip(&found) {
                let head = format!("n {n} phi {phi:.1} {id} ");
                let line = theirs.lines().find(|line| {
                    line.starts_with(&head) && line[head.len()..].trim_start().starts_with("mean")
                });
                let words_of: Vec<&str> = line.unwrap().split_whitespace().rev().collect();
                let (se, chance): (f64, f64) = (words_of[0].parse().unwrap(), words_of[2].parse().unwrap());
                let (ours, own_se) = (found.swing.chance_of_any.unwrap(), found.swing.se.unwrap());
                writeln!(table, "| {words} | {n} | {phi} | {ours:.3} | {chance:.3} |").unwrap();
                let allowed = 3.5 * (se * se + own_se * own_se).sqrt() + 0.001;
                assert!((ours - chance).abs() <= allowed, "{head}: {ours}, not {chance}");
            }
        }
    }
    if asked().is_some() {
        write_table("false alarms", &table);
    }
}

/// Puts a table between its marks in the manual.
fn write_table(name: &str, table: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/SIMULATIONS.md");
    let text = fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- sessions, {name} -->\n"), format!("<!-- end of sessions, {name} -->"));
    let (before, rest) = text.split_once(&begin).unwrap();
    let (_, after) = rest.split_once(&end).unwrap();
    fs::write(&path, format!("{before}{begin}{table}{end}{after}")).unwrap();
}
