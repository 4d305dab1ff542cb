//! This study is simulated: six dyads of a caregiver and a social worker, ten months of sessions, no real person.
//!
//! Each dyad has a story that an analysis should find again:
//!
//! 1. ruptures at session 8, seen by both, and repairs by session 11;
//! 2. drifts apart: the caregiver's alliance falls from session to session, the worker's rises;
//! 3. stays at the ceiling;
//! 4. has a rupture at session 6 that only the caregiver shows, and that mends slowly;
//! 5. grows, without any rupture;
//! 6. ruptures at session 15, and its sessions end before it could be repaired.

use std::fmt::Write;

use alliance_metrics::numeric::random::Stream;

/// The seed of the files that ship.
pub const SEED: u64 = 2025;

const SESSIONS: u32 = 20;
const CODES: [&str; 9] = [
    "abilities_questioned",
    "power_asymmetry",
    "removal_threat",
    "source_family",
    "source_worker",
    "source_method",
    "source_system",
    "safe_space",
    "collaborative_dynamic",
];

#[derive(Clone, Copy, PartialEq)]
enum Role {
    Caregiver,
    Worker,
}

/// A dyad's story.
struct Dyad {
    id: u32,
    worker: &'static str,
    last_session: u32,
    /// The alliance at a session, on the 1 to 7 scale, before chance.
    course: fn(Role, u32) -> f64,
    /// Sessions that did not take place.
    missed: &'static [u32],
    /// Sessions after which one of the two did not answer.
    silent: &'static [(Role, u32)],
    /// Codes that observers saw in a session.
    coded: &'static [(u32, &'static [&'static str])],
}

const DYADS: [Dyad; 6] = [
    Dyad {
        id: 1,
        worker: "W1",
        last_session: 20,
        course: |role, session| {
            let level = if role == Role::Caregiver { 5.6 } else { 5.4 };
            let depth = if role == Role::Caregiver { 1.0 } else { 0.7 };
            level
                - depth
                    * match session {
                        8 => 2.3,
                        9 => 1.9,
                        10 => 0.8,
                        _ => 0.0,
                    }
        },
        missed: &[4, 15],
        silent: &[(Role::Worker, 13)],
        coded: &[
            (7, &["removal_threat", "source_system"]),
            (8, &["removal_threat", "source_system", "source_family"]),
            (9, &["power_asymmetry", "safe_space"]),
            (10, &["safe_space", "collaborative_dynamic"]),
            (11, &["collaborative_dynamic"]),
            (17, &["source_method"]),
        ],
    },
    Dyad {
        id: 2,
        worker: "W2",
        last_session: 20,
        course: |role, session| {
            let months = f64::from(session - 1) / 19.0;
            if role == Role::Caregiver { 5.4 - 2.3 * months } else { 5.1 + 0.9 * months }
        },
        missed: &[9],
        silent: &[(Role::Caregiver, 16)],
        coded: &[
            (5, &["power_asymmetry", "source_worker"]),
            (8, &["power_asymmetry", "source_worker"]),
            (11, &["abilities_questioned", "source_worker"]),
            (12, &["power_asymmetry", "source_method"]),
            (14, &["power_asymmetry", "source_worker"]),
            (15, &["collaborative_dynamic"]),
            (18, &["power_asymmetry", "abilities_questioned", "source_system"]),
            (20, &["power_asymmetry"]),
        ],
    },
    Dyad {
        id: 3,
        worker: "W3",
        last_session: 18,
        course: |role, _| if role == Role::Caregiver { 7.3 } else { 7.1 },
        missed: &[],
        silent: &[],
        coded: &[
            (2, &["safe_space"]),
            (6, &["collaborative_dynamic"]),
            (10, &["source_family"]),
            (13, &["safe_space"]),
        ],
    },
    Dyad {
        id: 4,
        worker: "W1",
        last_session: 19,
        course: |role, session| match (role, session) {
            (Role::Worker, _) => 5.5,
            (_, 6) => 2.9,
            (_, 7) => 3.2,
            (_, 8) => 3.7,
            (_, 9) => 4.3,
            (_, 10) => 4.9,
            _ => 5.5,
        },
        missed: &[12],
        silent: &[(Role::Worker, 17)],
        coded: &[
            (6, &["abilities_questioned", "source_worker"]),
            (7, &["abilities_questioned", "source_family"]),
            (8, &["safe_space"]),
            (9, &["safe_space"]),
            (10, &["collaborative_dynamic"]),
            (16, &["source_method"]),
        ],
    },
    Dyad {
        id: 5,
        worker: "W4",
        last_session: 20,
        course: |role, session| {
            let months = f64::from(session - 1) / 19.0;
            let start = if role == Role::Caregiver { 4.0 } else { 4.5 };
            start + 1.5 * (1.0 - (1.0 - months) * (1.0 - months))
        },
        missed: &[6, 7],
        silent: &[(Role::Caregiver, 11)],
        coded: &[
            (1, &["power_asymmetry", "source_system"]),
            (3, &["collaborative_dynamic"]),
            (9, &["safe_space", "collaborative_dynamic"]),
            (14, &["collaborative_dynamic"]),
        ],
    },
    Dyad {
        id: 6,
        worker: "W5",
        last_session: 16,
        course: |role, session| {
            let level = if role == Role::Caregiver { 4.8 } else { 5.0 };
            let depth = if role == Role::Caregiver { 1.0 } else { 0.6 };
            level
                - depth
                    * match session {
                        15 => 2.0,
                        16 => 2.3,
                        _ => 0.0,
                    }
        },
        missed: &[5],
        silent: &[],
        coded: &[
            (3, &["source_method"]),
            (10, &["power_asymmetry", "source_system"]),
            (15, &["removal_threat", "abilities_questioned", "source_system"]),
            (16, &["removal_threat", "source_system", "source_worker"]),
        ],
    },
];

/// The files of the study: names and texts.
pub fn files(seed: u64) -> [(&'static str, String); 3] {
    [("answers.csv", answers(seed)), ("tensions.csv", tensions()), ("rupture_markers.csv", markers(seed))]
}

/// Answers to the short WAI, on the forms used in child protection, and to the HAq-II in a dyad's first, tenth and last
/// session. Reversed items stand as they are answered.
fn answers(seed: u64) -> String {
    let names = |stem: &str, items: u32| {
        (1..=items).map(|item| format!("{stem}_{item}")).collect::<Vec<_>>().join(",")
    };
    let mut text =
        format!("dyad,worker,role,session,date,{},{},feedback\n", names("wai", 12), names("haq", 19));
    for dyad in &DYADS {
        for session in 1..=dyad.last_session {
            for role in [Role::Caregiver, Role::Worker] {
                if dyad.missed.contains(&session) || dyad.silent.contains(&(role, session)) {
                    continue;
                }
                // A stream for each row: a change in one story leaves the others as they are.
                let place = u64::from(dyad.id) * 1000 + u64::from(session) * 10 + role as u64;
                let mut chance = Stream::new(seed, place);
                let level = (dyad.course)(role, session) + 0.22 * chance.normal();
                let name = if role == Role::Caregiver { "caregiver" } else { "worker" };
                let _ =
                    write!(text, "{},{},{name},{session},{}", dyad.id, dyad.worker, date(dyad.id, session));
                for item in 0..12 {
                    let answer = (level + leaning(dyad.id, role, item) + 0.55 * chance.normal())
                        .round()
                        .clamp(1.0, 7.0);
                    let answer = if item == 3 || item == 9 { 8.0 - answer } else { answer };
                    // About one answer in eighty is missing.
                    let _ = if chance.below(80) == 0 { write!(text, ",") } else { write!(text, ",{answer}") };
                }
                let helping = [1, 10, dyad.last_session].contains(&session);
                text.push_str(&haq(helping.then_some(level), &mut Stream::new(seed, 500_000 + place)));
                let feedback = (1.3 * level + 0.7 * chance.normal()).round().clamp(1.0, 10.0);
                let _ = writeln!(text, ",{feedback}");
            }
        }
    }
    text
}

/// The 19 items of the HAq-II, 1 to 6, or as many gaps.
fn haq(level: Option<f64>, chance: &mut Stream) -> String {
    let mut text = String::new();
    for item in 1..=19 {
        text.push(',');
        if let Some(level) = level {
            let answer = (1.0 + (level - 1.0) * 5.0 / 6.0 + 0.6 * chance.normal()).round().clamp(1.0, 6.0);
            let answer = if [4, 8, 11, 16, 19].contains(&item) { 7.0 - answer } else { answer };
            let _ = write!(text, "{answer}");
        }
    }
    text
}

/// How much an informant leans to higher or lower answers on an item, always.
fn leaning(dyad: u32, role: Role, item: u64) -> f64 {
    let mut stream = Stream::new(77, u64::from(dyad) * 100 + item * 2 + role as u64);
    let general = Stream::new(78, item).normal();
    0.25 * general + 0.2 * stream.normal()
}

/// The date of a session: every other week from March on, each dyad on its own weekday, the day moved now and then.
fn date(dyad: u32, session: u32) -> String {
    let moved = [0, 0, 1, 0, 2, 0, 0][((dyad * 5 + session * 3) % 7) as usize];
    let mut day = 3 + dyad % 5 + 14 * (session - 1) + moved;
    let mut month = 3;
    for days in [31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day <= days {
            break;
        }
        day -= days;
        month += 1;
    }
    format!("2025-{month:02}-{day:02}")
}

/// Sessions that an observer coded: those that took place.
fn coded() -> impl Iterator<Item = (&'static Dyad, u32, &'static [&'static str])> {
    DYADS.iter().flat_map(|dyad| {
        (1..=dyad.last_session.min(SESSIONS)).filter(|session| !dyad.missed.contains(session)).map(
            move |session| {
                let seen =
                    dyad.coded.iter().find(|(at, _)| *at == session).map_or(&[][..], |(_, codes)| *codes);
                (dyad, session, seen)
            },
        )
    })
}

/// Coding scheme `tensions`: tensions, their sources, and the ways of handling them.
fn tensions() -> String {
    let mut text = format!("dyad,session,rater,{}\n", CODES.join(","));
    for (dyad, session, seen) in coded() {
        let marks: Vec<&str> = CODES.iter().map(|code| if seen.contains(code) { "1" } else { "0" }).collect();
        let _ = writeln!(text, "{},{session},O1,{}", dyad.id, marks.join(","));
    }
    text
}

/// Coding scheme `rupture_markers`: how often, and ratings from 1 to 5.
fn markers(seed: u64) -> String {
    let mut text =
        "dyad,session,rater,withdrawal,confrontation,resolution,withdrawal_impact,confrontation_impact,\
                    resolution_success,worker_contribution\n"
            .to_owned();
    for (dyad, session, seen) in coded() {
        let mut chance = Stream::new(seed, 900_000 + u64::from(dyad.id) * 100 + u64::from(session));
        let usual = (dyad.course)(Role::Caregiver, 1).min(7.0);
        let fall = (usual - (dyad.course)(Role::Caregiver, session).min(7.0)).max(0.0);
        let tense = seen.iter().filter(|code| CODES[..3].contains(code)).count() as u64;
        let handled = seen.iter().filter(|code| CODES[7..].contains(code)).count() as u64;
        let rating = |value: f64| value.round().clamp(1.0, 5.0);
        let withdrawal = (1.5 * fall).round() as u64 + chance.below(2);
        let confrontation = tense * 2 + chance.below(2);
        let resolution = handled * 2 + chance.below(2);
        let _ = writeln!(
            text,
            "{},{session},O2,{withdrawal},{confrontation},{resolution},{},{},{},{}",
            dyad.id,
            rating(1.0 + 1.2 * fall),
            rating(1.0 + tense as f64),
            rating(1.0 + 1.6 * handled as f64),
            rating(1.0 + if seen.contains(&"source_worker") { 2.0 } else { 0.0 } + 0.4 * chance.normal()),
        );
    }
    text
}
