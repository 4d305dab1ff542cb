//! These ratings are simulated, of no real person: three observers, three judges, and caregivers beside workers.
//!
//! What an analysis should find again:
//!
//! - `coded.csv`: observers see nearly the same; O3 grows stricter from session to session; the purpose a family shares
//!   is one rating of all its members.
//! - `ratings.csv`: J1 and J2 agree closely, J3 rates a point lower throughout: consistent, but not in agreement.
//! - `wide.csv`: nearly all excerpts are unremarkable, so kappa is low where raters hardly ever differ.
//! - `scored.csv`: workers rate a little lower than caregivers; the two come closer over the sessions; what a caregiver
//!   gains depends on both scores, what a worker reports nearly on the own alone.

use std::fmt::Write;

use alliance_metrics::numeric::random::Stream;

/// The seed of the files that ship.
pub const SEED: u64 = 2026;

/// The files: names and texts.
pub fn files(seed: u64) -> [(&'static str, String); 4] {
    [
        ("coded.csv", coded(seed)),
        ("ratings.csv", judged(seed)),
        ("wide.csv", wide(seed)),
        ("scored.csv", scored(seed)),
    ]
}

/// Three observers code a caregiver and a teenager of four families in five sessions each, −3 to 3.
fn coded(seed: u64) -> String {
    let mut text =
        "family,person,session,observer,engagement,emotional_connection,safety,shared_purpose\n".to_owned();
    for family in 1..=4_u64 {
        let mut chance = Stream::new(seed, family);
        let general = 0.8 * chance.normal();
        let purpose: Vec<f64> = (0..15).map(|_| 0.7 * chance.normal()).collect();
        for session in 1..=5_u64 {
            for (member, person) in ["caregiver", "teenager"].into_iter().enumerate() {
                let shown: Vec<f64> =
                    (0..3).map(|_| general + chance.normal() - 0.6 * member as f64).collect();
                for observer in 0..3_u64 {
                    let stricter = if observer == 2 { 0.3 * (session - 1) as f64 } else { 0.0 };
                    let rate = |level: f64| (level - stricter).round().clamp(-3.0, 3.0) + 0.0;
                    let _ = write!(text, "{family},{person},{session},O{}", observer + 1);
                    for level in &shown {
                        let rating = rate(level + 0.4 * chance.normal());
                        // The second observer could not hear everything.
                        let missed = observer == 1 && chance.below(15) == 0;
                        let _ = if missed { write!(text, ",") } else { write!(text, ",{rating}") };
                    }
                    let seen = general + purpose[session as usize] + 0.3 * purpose[5 + 3 * observer as usize];
                    let _ = writeln!(text, ",{}", rate(seen));
                }
            }
        }
    }
    text
}

/// Three judges give twelve families a score from 1 to 10.
fn judged(seed: u64) -> String {
    let mut text = "family,judge,x\n".to_owned();
    for family in 1..=12_u64 {
        let mut chance = Stream::new(seed, 100 + family);
        let level = 6.0 + 1.8 * chance.normal();
        for judge in 1..=3 {
            let lower = if judge == 3 { 1.2 } else { 0.0 };
            let rating = (level - lower + 0.5 * chance.normal()).round().clamp(1.0, 10.0);
            // The third judge did not see family 7.
            if (judge, family) != (3, 7) {
                let _ = writeln!(text, "{family},J{judge},{rating}");
            }
        }
    }
    text
}

/// Thirty excerpts, nearly all of them 0.
fn wide(seed: u64) -> String {
    let mut text = "excerpt,r1,r2,r3\n".to_owned();
    for excerpt in 1..=30_u64 {
        let mut chance = Stream::new(seed, 200 + excerpt);
        let level = if excerpt == 5 { -1 } else { 0 };
        let ratings: Vec<String> = (0..3)
            .map(|_| if chance.below(15) == 0 { level - 1 } else { level })
            .map(|rating| rating.to_string())
            .collect();
        let _ = writeln!(text, "{excerpt},{}", ratings.join(","));
    }
    text
}

/// Thirty dyads of a caregiver and a worker over six sessions, scores that somebody computed, and what each gained.
fn scored(seed: u64) -> String {
    let mut text = "dyad,role,session,task,bond,total,benefit\n".to_owned();
    for dyad in 1..=30_u64 {
        let mut chance = Stream::new(seed, 300 + dyad);
        let shared = chance.normal();
        let own = [0.6 * chance.normal(), 0.6 * chance.normal()];
        for session in 1..=6_u64 {
            let swing = 0.5 * chance.normal();
            let apart = 1.0 - 0.12 * (session - 1) as f64;
            let mut of = |role: usize| {
                let level = 5.3 - 0.4 * role as f64 + 0.6 * shared + apart * own[role] + swing;
                [0, 1].map(|_| ((level + 0.35 * chance.normal()) * 4.0).round().clamp(4.0, 28.0) / 4.0)
            };
            let scores = [of(0), of(1)];
            let total = |role: usize| 0.5 * (scores[role][0] + scores[role][1]);
            for (role, name) in ["caregiver", "worker"].into_iter().enumerate() {
                let partner = if role == 0 { 0.7 } else { 0.1 };
                let benefit =
                    0.9 * total(role) + partner * total(1 - role) - 1.6 * partner + 0.6 * chance.normal();
                // Two workers were ill.
                if role == 1 && [(4, 3), (11, 1)].contains(&(dyad, session)) {
                    continue;
                }
                let [task, bond] = scores[role];
                let benefit = benefit.round().clamp(1.0, 10.0);
                let _ = writeln!(text, "{dyad},{name},{session},{task},{bond},{},{benefit}", total(role));
            }
        }
    }
    text
}
