//! How fast courses are followed, on one core: `cargo bench --bench sessions`.
//!
//! Courses are simulated from a seed before the clock starts. Every task is run several times; the fastest run counts.

use std::error::Error;
use std::hint::black_box;
use std::io::{self, Write};
use std::time::Instant;

use alliance_metrics::numeric::random::Stream;
use alliance_metrics::session::{
    ChartConfig, CodedSessions, EventDyad, EventsConfig, Gap, NothingChanges, Rule, Sample, Series,
    ShapeConfig, ThresholdScale, chart, course_shape, detect, events, false_alarms, named_rules,
};

const SESSIONS: usize = 40;
const RANGE: Option<[f64; 2]> = Some([1.0, 7.0]);

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    let courses: Vec<Series> = (0..2000).map(|at| course(at, SESSIONS)).collect::<Result<_, _>>()?;
    let all: Vec<&Series> = courses.iter().collect();
    let mut sample = Sample::of(&all, Gap::default(), RANGE);
    sample.set(ThresholdScale::FluctuationWithin, Ok(0.6));
    let mut rules: Vec<Rule> = Vec::new();
    for name in ["fluctuation_within", "points:1", "stiles2004_like", "control_chart"] {
        rules.extend(named_rules(name)?);
    }
    writeln!(out, "courses of {SESSIONS} sessions, four rules; one core, the fastest of the runs")?;
    for rule in &rules {
        let what = format!("{} on 2 000 courses", rule.id);
        report(&mut out, &what, 21, || {
            courses.iter().map(|course| detect(rule, course, &sample).episodes.len()).sum::<usize>()
        })?;
    }
    report(&mut out, "control charts with limits and run rules, 2 000 courses", 21, || {
        let draw = |course: &Series| chart(course, &ChartConfig::default(), Gap::default(), RANGE).is_ok();
        courses.iter().filter(|course| draw(course)).count()
    })?;
    report(&mut out, "shapes of 2 000 courses", 21, || {
        courses.iter().filter(|course| course_shape(course, &ShapeConfig::default()).is_ok()).count()
    })?;
    let nothing = NothingChanges {
        seed: 1,
        series: 2000,
        level: 5.0,
        error_sd: Some(0.2),
        fluctuation_sd: Some(0.5),
        lag_one: Some(0.3),
        step: Some(1.0 / 12.0),
        range: RANGE,
    };
    for sessions in [20, SESSIONS] {
        let what = format!("false alarms, one length ({sessions} sessions), four rules, 2 000 series");
        report(&mut out, &what, 21, || false_alarms(&rules, sessions, &nothing, &sample).len())?;
    }
    let coded: Vec<CodedSessions> = (0..6).map(|at| codes(at, 20)).collect();
    let scores: Vec<Series> = (0..6).map(|at| course(at, 20)).collect::<Result<_, _>>()?;
    let dyads: Vec<EventDyad<'_>> =
        scores.iter().zip(&coded).map(|(scores, coded)| EventDyad { scores, coded }).collect();
    report(&mut out, "nine codes beside the scores of six dyads, one lag", 11, || {
        events(&dyads, 9, &EventsConfig::default()).len()
    })?;
    Ok(())
}

fn course(at: u64, sessions: usize) -> Result<Series, Box<dyn Error>> {
    let mut chance = Stream::new(5, at);
    let mut away = 0.0;
    let scores: Vec<f64> = (0..sessions)
        .map(|_| {
            away = 0.3 * away + chance.normal();
            ((60.0 + 6.0 * away).round() / 12.0).clamp(1.0, 7.0)
        })
        .collect();
    Ok(Series::consecutive(&scores)?)
}

fn codes(at: u64, sessions: usize) -> CodedSessions {
    let mut chance = Stream::new(6, at);
    let present = (0..9).map(|_| (0..sessions).map(|_| Some(chance.unit() < 0.2)).collect()).collect();
    CodedSessions { sessions: (1..=sessions as i64).collect(), present }
}

/// Runs a task some times and reports the fastest run.
fn report<T>(out: &mut impl Write, what: &str, runs: usize, mut task: impl FnMut() -> T) -> io::Result<()> {
    let mut best = f64::INFINITY;
    for _ in 0..runs {
        let clock = Instant::now();
        black_box(task());
        best = best.min(clock.elapsed().as_secs_f64());
    }
    writeln!(out, "{what:<70} {:>9.3} ms", best * 1e3)
}
