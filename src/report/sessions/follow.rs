//! A study as courses: every dyad, role and scale as a series, with what the rules find in it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::study::Study;
use super::sample_line::{needs_model, sample_course};
use super::spreads::{Between, Spreads, needs_crossed, step};
use crate::error::Error;
use crate::finding::{Code, Finding, Findings, Place};
use crate::nested::Components;
use crate::responses::{FILE, Key};
use crate::sample::Course;
use crate::session::{
    AtTheEdge, Detection, FalseAlarms, Gap, NothingChanges, PooledLagOne, Rule, Sample, Series, Session,
    Threshold, ThresholdScale, WithinAnova, at_the_edge, detect, false_alarms_by_length, named_rules,
    pooled_lag_one,
};
use crate::statistic::Reason;

/// What is asked of the courses of a study.
pub struct Following {
    /// The rules; without any, falls beyond this sample's usual swing.
    pub rules: Vec<Rule>,
    /// Scales, by their place in the plan.
    pub scales: Vec<usize>,
    /// Session numbers by which the ruptures of two informants may lie apart and count as one.
    pub tolerance: i64,
    /// The seed of all simulations.
    pub seed: u64,
    /// Simulated courses for each number of sessions; 0 for none.
    pub simulations: u32,
    /// Threads for the simulations; results do not depend on it.
    pub threads: usize,
}

/// The courses of a study, and what rules find in them.
pub(in crate::report) struct Followed<'a> {
    pub study: &'a Study,
    pub following: &'a Following,
    pub rules: Vec<Rule>,
    /// The rule that marks the pictures: the first that could be applied.
    pub leading: usize,
    /// Courses of a dyad and role, dyad after dyad.
    pub courses: Vec<Course>,
    /// A scale on a form.
    pub groups: Vec<Group>,
    /// How sessions were numbered.
    pub numbering: Numbering,
    /// For each course and scale its group and its place there.
    places: HashMap<(usize, usize), (usize, usize)>,
}

/// How sessions are numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Numbering {
    /// By the file's own numbers.
    Numbers,
    /// They are words: each by its place among the words of the file, from 1.
    Words,
    /// By their order within each dyad, from 1.
    Order,
}

/// The courses of one scale on one form, and what they give the rules.
pub(in crate::report) struct Group {
    /// The scale, by its place in the plan.
    pub scale: usize,
    pub form: Option<usize>,
    pub range: Option<[f64; 2]>,
    pub anova: WithinAnova,
    pub between: Between,
    pub lag_one: PooledLagOne,
    pub nothing: NothingChanges,
    pub sample: Sample,
    pub members: Vec<Member>,
    /// False alarms of the rules, and last of falls larger than measurement error, by the number of sessions.
    pub alarms: BTreeMap<usize, Vec<FalseAlarms>>,
}

/// A course on a scale.
pub(in crate::report) struct Member {
    /// The course, by its place.
    pub course: usize,
    pub series: Series,
    /// For each session with a score its row.
    pub rows: Vec<usize>,
    /// What each rule finds.
    pub found: Vec<Detection>,
    /// Falls larger than measurement error.
    pub noticed: Detection,
    pub edge: Option<AtTheEdge>,
}

impl Group {
    /// How far a score must fall by a rule, in points, where that is one number for all persons; spreads of the person have
    /// one for each.
    pub fn shared_points(&self, rule: &Rule) -> Option<f64> {
        let of_all =
            |t: &Threshold| t.pair.is_none() && (t.scale.is_of_sample() || t.scale == ThresholdScale::Points);
        let threshold = rule.threshold().filter(|t| of_all(t))?;
        threshold.resolve(&Series::default(), rule.gap, &self.sample).ok().map(|found| found.points)
    }
}

impl<'a> Followed<'a> {
    pub fn new(study: &'a Study, following: &'a Following) -> Result<Followed<'a>, Error> {
        let courses = study.sample.courses();
        refuse_doubled(study, &courses)?;
        let numbering = numbering(study, &courses);
        let mut followed = Followed {
            study,
            following,
            rules: following.rules.clone(),
            leading: 0,
            courses,
            groups: Vec::new(),
            numbering,
            places: HashMap::new(),
        };
        for scale in &following.scales {
            let forms: BTreeSet<Option<usize>> = followed.courses.iter().map(|course| course.form).collect();
            for form in forms {
                if let Some(group) = followed.group(*scale, form)? {
                    followed.groups.push(group);
                }
            }
        }
        followed.choose_rules();
        followed.apply_rules();
        for (at, group) in followed.groups.iter().enumerate() {
            for (place, member) in group.members.iter().enumerate() {
                followed.places.insert((member.course, group.scale), (at, place));
            }
        }
        Ok(followed)
    }

    /// The id of a scale.
    pub fn scale_id(&self, scale: usize) -> &str {
        &self.study.sample.plan.scales[scale].id
    }

    /// The numbers that session words were given, in their order.
    pub fn places_of_words(&self) -> BTreeMap<i64, &str> {
        let visits = self.courses.iter().flat_map(|course| &course.visits);
        let words = self.study.sample.key(Key::Session);
        visits.filter_map(|visit| Some((visit.session as i64, words?.get(visit.row)))).collect()
    }

    /// The group and the member of a course on a scale.
    pub fn member(&self, course: usize, scale: usize) -> Option<(&Group, &Member)> {
        let (group, place) = self.places.get(&(course, scale))?;
        let group = &self.groups[*group];
        Some((group, &group.members[*place]))
    }

    /// What varies between persons, between the sessions of one, and between answers; with the number of items.
    pub fn nested(&self, group: &Group) -> Option<(Components, usize)> {
        let edition = self.study.sample.edition(group.scale, group.form)?;
        let spreads = Spreads { study: self.study, courses: &self.courses, edition, form: group.form };
        Some((spreads.nested().ok()?, edition.terms.len()))
    }

    /// Courses of each dyad, by their places.
    pub fn dyads(&self) -> Vec<Vec<usize>> {
        let places: Vec<usize> = (0..self.courses.len()).collect();
        let same = |a: &usize, b: &usize| self.courses[*a].dyad == self.courses[*b].dyad;
        places.chunk_by(same).map(<[usize]>::to_vec).collect()
    }

    fn group(&self, scale: usize, form: Option<usize>) -> Result<Option<Group>, Error> {
        let sample = &self.study.sample;
        let Some(edition) = sample.edition(scale, form) else { return Ok(None) };
        let mut members = Vec::new();
        for (at, course) in self.courses.iter().enumerate().filter(|(_, course)| course.form == form) {
            members.push(self.series(at, course, scale)?);
        }
        let series: Vec<&Series> = members.iter().map(|member| &member.series).collect();
        if series.iter().all(|series| series.n() == 0) {
            return Ok(None);
        }
        let spreads = Spreads { study: self.study, courses: &self.courses, edition, form };
        let anova = spreads.within(&series);
        let between = spreads.between();
        let lag_one = pooled_lag_one(&series);
        let mut given = Sample::of(&series, Gap::default(), edition.range);
        anova.give(&mut given);
        let difference = between.difference.ok_or(between.reason.unwrap_or(Reason::NotApplicable));
        given.set(ThresholdScale::Rci, difference);
        if self.rules.iter().any(needs_crossed) {
            spreads.crossed(&mut given);
        }
        if self.rules.iter().any(needs_model) {
            given.set_course(sample_course(&series));
        }
        let means: Vec<f64> = series.iter().filter_map(|series| series.mean()).collect();
        let nothing = NothingChanges {
            seed: self.following.seed,
            series: self.following.simulations,
            level: means.iter().sum::<f64>() / means.len() as f64,
            error_sd: anova.error_sd(),
            fluctuation_sd: anova.fluctuation_sd(),
            lag_one: lag_one.estimate.estimate,
            step: step(edition),
            range: edition.range,
        };
        let range = edition.range;
        let alarms = BTreeMap::new();
        Ok(Some(Group {
            scale,
            form,
            range,
            anova,
            between,
            lag_one,
            nothing,
            sample: given,
            members,
            alarms,
        }))
    }

    /// The usual rule, unless others were named; where the sample is too small for it in every group, rules that need no
    /// sample stand beside it.
    fn choose_rules(&mut self) {
        if !self.rules.is_empty() {
            return;
        }
        self.rules = vec![Rule::usual()];
        let usable = |group: &Group| group.sample.get(ThresholdScale::FluctuationWithin).is_ok();
        if !self.groups.iter().any(usable) {
            let beside =
                ["control_chart", "stevens2007_like"].into_iter().filter_map(|id| named_rules(id).ok());
            self.rules.extend(beside.flatten());
        }
    }

    fn apply_rules(&mut self) {
        let (rules, following) = (&self.rules, self.following);
        let noticed = Rule::fall(ThresholdScale::ErrorWithin, 1.96);
        for group in &mut self.groups {
            for member in &mut group.members {
                member.found = rules.iter().map(|rule| detect(rule, &member.series, &group.sample)).collect();
                member.noticed = detect(&noticed, &member.series, &group.sample);
                member.edge = at_the_edge(&member.series, group.range);
            }
            let lengths: Vec<usize> =
                group.members.iter().map(|m| m.series.n()).filter(|n| *n >= 3).collect();
            if following.simulations > 0 {
                let Group { nothing, sample, .. } = group;
                let all = [&rules[..], std::slice::from_ref(&noticed)].concat();
                group.alarms = false_alarms_by_length(&all, &lengths, nothing, sample, following.threads);
            }
        }
        let applied = |at: &usize| {
            let mut members = self.groups.iter().flat_map(|group| &group.members);
            members.any(|member| member.found[*at].reason.is_none())
        };
        self.leading = (0..self.rules.len()).find(applied).unwrap_or(0);
    }

    /// What the leading rule finds in a course.
    pub fn leading<'m>(&self, member: &'m Member) -> Option<&'m Detection> {
        member.found.get(self.leading)
    }

    /// How often the leading rule would fire in a course of this length in which nothing changes.
    pub fn chances<'g>(&self, group: &'g Group, member: &Member) -> Option<&'g FalseAlarms> {
        group.alarms.get(&member.series.n())?.get(self.leading)
    }

    /// The same for falls larger than measurement error.
    pub fn chances_noticed<'g>(&self, group: &'g Group, member: &Member) -> Option<&'g FalseAlarms> {
        group.alarms.get(&member.series.n())?.last()
    }

    /// The id of the leading rule.
    pub fn leading_id(&self) -> &str {
        self.rules.get(self.leading).map_or("", |rule| &rule.id)
    }

    fn series(&self, at: usize, course: &Course, scale: usize) -> Result<Member, Error> {
        let sample = &self.study.sample;
        let workers = sample.key(Key::Worker);
        let session = |(place, visit): (usize, &crate::sample::Visit)| Session {
            number: match self.numbering {
                Numbering::Numbers | Numbering::Words => visit.session as i64,
                Numbering::Order => place as i64 + 1,
            },
            day: visit.day,
            score: sample.value(scale, visit.row),
            worker: workers.map(|words| words.index(visit.row) as u32),
        };
        let sessions: Vec<Session> = course.visits.iter().enumerate().map(session).collect();
        let scored = course.visits.iter().filter(|visit| sample.value(scale, visit.row).is_some());
        let rows = scored.map(|visit| visit.row).collect();
        // Sessions were refused if doubled, and scores are finite.
        let series = Series::new(sessions).map_err(|error| Error::usage(error.to_string()))?;
        let none = detect(&Rule::usual(), &Series::default(), &Sample::default());
        Ok(Member { course: at, series, rows, found: Vec::new(), noticed: none, edge: None })
    }
}

fn numbering(study: &Study, courses: &[Course]) -> Numbering {
    let whole = |visit: &crate::sample::Visit| visit.session.fract() == 0.0 && visit.session.abs() < 1e15;
    let number = |word: &String| word.trim().parse::<f64>().is_ok_and(f64::is_finite);
    match study.sample.key(Key::Session) {
        Some(words) if !words.distinct().iter().all(number) => Numbering::Words,
        Some(_) if courses.iter().flat_map(|course| &course.visits).all(whole) => Numbering::Numbers,
        _ => Numbering::Order,
    }
}

/// Refuses a study in which a dyad, role and session occurs twice: nobody can say which of the two counts.
///
/// # Errors
/// A finding for each, with the files of both rows where there are several.
pub fn refuse_clashes(study: &Study) -> Result<(), Error> {
    refuse_doubled(study, &study.sample.courses())
}

fn refuse_doubled(study: &Study, courses: &[Course]) -> Result<(), Error> {
    let mut findings = Findings::new();
    let session = study.sample.key(Key::Session);
    let files = study.sample.column(FILE).filter(|_| study.files.len() > 1);
    for course in courses {
        for (first, second) in &course.doubled {
            let role = course.role.as_deref().map_or(String::new(), |role| format!(", {role}"));
            let when =
                session.map_or("one session".to_owned(), |words| format!("session {}", words.get(*first)));
            let both = files.map(|files| [files.get(*first), files.get(*second)]);
            let apart = both.filter(|[first, second]| first != second);
            let whose =
                apart.map_or_else(String::new, |[first, second]| format!(", in {first} and in {second}"));
            let [one, other] = [*first, *second].map(|row| study.sample.line(row).1);
            let lines = format!("lines {one} and {other}");
            let message = format!("dyad {}{role}: {when} occurs twice{whose}: {lines}", course.dyad);
            let help = match study.sample.key(Key::Rater) {
                Some(_) => {
                    "several observers are told apart with --role and the column of the observer, or one is kept with --where"
                }
                None => {
                    "keep one of the rows, or tell them apart by role; `alliance check` names their lines"
                }
            };
            let file = both.map_or_else(|| study.file_names(), |[_, second]| second.to_owned());
            findings.push(Finding::problem(Code::DuplicateSession, Place::file(file), message).help(help));
        }
    }
    if findings.is_empty() { Ok(()) } else { Err(Error::data(findings)) }
}
