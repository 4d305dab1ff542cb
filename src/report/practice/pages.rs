//! The pages of dyads, and what stands before and after them.

use super::texts::Texts;
use super::{PracticeAsked, Reader, section};
use crate::report::figures::{CourseWords, Line, dyad as picture, lines};
use crate::report::format::Kind;
use crate::report::model::{Block, Section};
use crate::report::sessions::{Coded, Followed, Group, fallen, together};
use crate::responses::Key;
use crate::session::{Detection, Episode, FallenItem, Lack, Mode, Outcome, Signal, ThresholdScale};
use crate::statistic::Reason;

/// What all pages need.
pub(super) struct Pages<'a> {
    pub followed: &'a Followed<'a>,
    pub asked: &'a PracticeAsked<'a>,
    pub texts: &'static Texts,
    pub coded: Option<&'a Coded>,
    /// Whether the study has other instruments too.
    pub several: bool,
}

pub(super) fn listed(sessions: &[i64]) -> String {
    sessions.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

impl Pages<'_> {
    fn score(&self, value: f64) -> String {
        self.texts.number(value, Kind::Score)
    }

    fn signed(&self, value: f64) -> String {
        if value < 0.0 { self.score(value) } else { format!("+{}", self.score(value)) }
    }

    pub(super) fn scale(&self, scale: usize) -> String {
        self.texts.scale(self.followed.study, scale)
    }

    /// The first page: how to read the others.
    pub fn reading(&self, rules: Vec<String>) -> Section {
        let blocks = vec![
            Block::Text(match self.is_of_one() {
                true => self.texts.get("reading_page_one"),
                false => self.texts.get("reading_page"),
            }),
            Block::List(rules),
            Block::Text(self.texts.get("reading_marks")),
            Block::Text(self.texts.get("reading_expected")),
            Block::Heading(self.texts.get("cannot_heading")),
            Block::Text(self.texts.get("cannot")),
        ];
        section("reading", self.texts.get("reading_heading"), blocks)
    }

    /// The rule of the marks, with what it means in points.
    pub fn rule(&self) -> String {
        let what = self.rupture_in_words();
        let words = [("what", what.as_str()), ("rule", self.followed.leading_id())];
        let mut rule = vec![self.texts.say("reading_rule", &words)];
        rule.extend(self.thresholds());
        match self.followed.study.instrument().filter(|_| self.several) {
            Some(instrument) => format!("{instrument}: {}", rule.join(" ")),
            None => rule.join(" "),
        }
    }

    /// How far a score must fall for a rupture, on each scale and form, where the rule says it in points.
    fn thresholds(&self) -> Vec<String> {
        let followed = self.followed;
        let Some(rule) = followed.rules.get(followed.leading) else { return Vec::new() };
        let key = match rule.signal {
            Signal::Fall { mode: Mode::Cumulative, .. } => "threshold_cumulative",
            Signal::Fall { .. } => "threshold_single",
            _ => return Vec::new(),
        };
        let points = |group: &Group| {
            let form = followed.study.form_name(group.form).unwrap_or_default();
            if !self.may_see(&form) {
                return None;
            }
            let points = self.score(group.shared_points(rule)?);
            let course = group.members.first().map(|member| &followed.courses[member.course]);
            let role = course.and_then(|course| course.role.as_deref()).unwrap_or(&form);
            let of = [self.scale(group.scale), self.texts.role(role)];
            let of: Vec<String> = of.into_iter().filter(|word| !word.is_empty()).collect();
            Some(self.texts.say(key, &[("of", &of.join(", ")), ("points", &points)]))
        };
        followed.groups.iter().filter_map(points).collect()
    }

    /// What a rupture is by the leading rule, in plain words.
    fn rupture_in_words(&self) -> String {
        let rule = self.followed.rules.get(self.followed.leading);
        let key = match rule.map(|rule| &rule.signal) {
            Some(Signal::Fall { threshold, mode: Mode::Single })
                if threshold.scale == ThresholdScale::FluctuationWithin =>
            {
                "signal_swing"
            }
            Some(Signal::Fall { mode: Mode::Single, .. }) => "signal_single",
            Some(Signal::Fall { mode: Mode::Cumulative, .. }) => "signal_cumulative",
            Some(Signal::Chart { .. }) => "signal_chart",
            _ => "signal_other",
        };
        self.texts.get(key)
    }

    /// Whether the reader may see ratings on a form.
    fn may_see(&self, form: &str) -> bool {
        self.asked.both || self.asked.copy.is_none_or(|reader| reader.is_own(form))
    }

    /// The courses of a dyad, by its name.
    pub fn dyad_named(&self, name: &str) -> Option<Vec<usize>> {
        self.followed.dyads().into_iter().find(|dyad| self.followed.courses[dyad[0]].dyad == name)
    }

    /// The courses of a dyad that the reader may see, on every scale.
    pub fn own<'s>(&'s self, dyad: &[usize], everything: bool) -> Vec<(usize, Vec<Line<'s>>)> {
        let may_see = |line: &Line<'_>| {
            let form = self.followed.study.form_name(self.followed.courses[line.member.course].form);
            everything || form.is_some_and(|form| self.may_see(&form))
        };
        let of = |scale: &usize| {
            let seen = lines(self.followed, dyad, *scale).into_iter().filter(may_see);
            (*scale, seen.map(|line| Line { role: self.texts.role(&line.role), ..line }).collect())
        };
        let scales = self.followed.following.scales.iter().map(of);
        scales.filter(|(_, lines): &(usize, Vec<Line<'_>>)| !lines.is_empty()).collect()
    }

    /// Who gets which copy.
    pub fn copies(&self, pages: usize) -> Section {
        let text = match (self.asked.copy, self.asked.both) {
            (None, _) => self.texts.get("copy_all"),
            (Some(Reader::Team), _) => self.texts.get("copy_team"),
            (Some(Reader::Caregiver), false) => self.texts.get("copy_caregiver"),
            (Some(Reader::Caregiver), true) => self.texts.get("copy_caregiver_both"),
            (Some(Reader::Worker), false) => self.texts.get("copy_worker"),
            (Some(Reader::Worker), true) => self.texts.get("copy_worker_both"),
        };
        let mut blocks = vec![Block::Text(text)];
        // Whoever is one of the two must not read of other families.
        if self.is_of_one() && pages > 1 {
            blocks.push(Block::Text(self.texts.say("copy_several", &[("n", &pages.to_string())])));
        }
        section("copies", self.texts.get("copies_heading"), blocks)
    }

    /// Whether it is a copy that shows one of the two alone.
    fn is_of_one(&self) -> bool {
        !self.asked.both && matches!(self.asked.copy, Some(Reader::Caregiver | Reader::Worker))
    }

    /// What stands in pictures of courses, the user's words for codes among it.
    fn words(&self) -> CourseWords {
        let codes = self.coded.iter().flat_map(|coded| &coded.codes);
        let mut words = self.texts.course();
        if self.coded.is_some() {
            words.key.push_str(&format!(" {}", self.texts.get("figure_key_events")));
            words.description.push_str(&format!(" {}", self.texts.get("figure_description_events")));
        }
        CourseWords { codes: codes.map(|code| (code.clone(), self.asked.code(code))).collect(), ..words }
    }

    /// The page of a dyad; none where nothing of it may be shown.
    pub fn dyad(&self, dyad: &[usize], scales: &[(usize, Vec<Line<'_>>)]) -> Option<Section> {
        let mut blocks = Vec::new();
        for (scale, lines) in scales {
            if scales.len() > 1 {
                blocks.push(Block::Heading(self.scale(*scale)));
            }
            blocks.extend(picture(self.followed, lines, self.coded, &self.words()).map(Block::Figure));
            let mut facts: Vec<(String, String)> =
                lines.iter().map(|line| (line.role.clone(), self.course(line))).collect();
            if let [first, second] = &lines[..] {
                facts.extend(self.both(first, second).map(|text| (self.texts.get("together_heading"), text)));
            }
            blocks.push(Block::Facts(facts));
            let last: Vec<(String, String)> =
                lines.iter().filter_map(|line| Some((line.role.clone(), self.last(line)?))).collect();
            if !last.is_empty() {
                blocks.push(Block::Heading(self.texts.get("last_heading")));
                blocks.push(Block::Facts(last));
            }
            let prompts: Vec<String> = lines.iter().flat_map(|line| self.prompts(line)).collect();
            if !prompts.is_empty() {
                blocks.push(Block::Heading(self.texts.get("prompt_heading")));
                blocks.push(Block::List(prompts));
            }
        }
        let (_, lines) = scales.first()?;
        blocks.extend(self.three(lines).map(Block::Table));
        blocks.push(Block::Text(self.texts.get("cannot_line")));
        Some(section(crate::report::model::PAGE_OF_DYAD, self.title(dyad), blocks))
    }

    fn title(&self, dyad: &[usize]) -> String {
        let course = &self.followed.courses[dyad[0]];
        let mut workers: Vec<&str> = Vec::new();
        if let Some(words) = self.followed.study.sample.key(Key::Worker) {
            for visit in dyad.iter().flat_map(|at| &self.followed.courses[*at].visits) {
                let name = words.get(visit.row);
                if !name.is_empty() && !workers.contains(&name) {
                    workers.push(name);
                }
            }
        }
        let title = match workers.is_empty() {
            true => self.texts.say("dyad", &[("dyad", &course.dyad)]),
            false => {
                self.texts.say("dyad_worker", &[("dyad", &course.dyad), ("worker", &workers.join(", "))])
            }
        };
        match self.followed.study.instrument().filter(|_| self.several) {
            Some(instrument) => format!("{title} ({instrument})"),
            None => title,
        }
    }

    /// The course of one informant.
    fn course(&self, line: &Line<'_>) -> String {
        let series = &line.member.series;
        let (n, mean) = (series.n(), series.mean().unwrap_or_default());
        let [Some(first), Some(last)] = [series.numbers().first(), series.numbers().last()] else {
            return String::new();
        };
        if n == 1 {
            return self.texts.say("course_one", &[("score", &self.score(mean))]);
        }
        let (count, first, last, mean) =
            (n.to_string(), first.to_string(), last.to_string(), self.score(mean));
        let mut words: Vec<(&str, &str)> =
            vec![("n", &count), ("first", &first), ("last", &last), ("mean", &mean)];
        let ends = line.group.range.map(|ends| ends.map(|end| self.texts.number(end, Kind::Exact)));
        let mut parts = vec![match &ends {
            Some([low, high]) => {
                words.extend([("low", low.as_str()), ("high", high.as_str())]);
                self.texts.say("course", &words)
            }
            None => self.texts.say("course_open", &words),
        }];
        if !series.unanswered().is_empty() {
            parts.push(self.texts.say("unanswered", &[("sessions", &listed(series.unanswered()))]));
        }
        for lack in series.lacks() {
            if let Lack::WorkerChanges { sessions } = lack {
                parts.push(self.texts.say("worker_changed", &[("sessions", &listed(&sessions))]));
            }
        }
        if let Some(edge) = &line.member.edge {
            let (sessions, n) = (edge.sessions.to_string(), edge.n.to_string());
            let key = [("sessions", sessions.as_str()), ("n", n.as_str())];
            parts.push(match edge.edge {
                Reason::Ceiling => self.texts.say("edge_high", &key),
                _ => self.texts.say("edge_low", &key),
            });
        }
        if let Some(found) = self.followed.leading(line.member) {
            parts.extend(self.marks(line, found));
        }
        parts.join(" ")
    }

    /// Ruptures, lighter falls, and how many to expect.
    fn marks(&self, line: &Line<'_>, found: &Detection) -> Vec<String> {
        if found.reason.is_some() {
            return vec![self.texts.get("rule_not_applied")];
        }
        let ruptures: Vec<&Episode> =
            found.episodes.iter().filter(|episode| !episode.worker_changed).collect();
        let mut parts: Vec<String> = ruptures.iter().map(|episode| self.rupture(line, episode)).collect();
        if ruptures.is_empty() {
            let swing = self.rupture_in_words() == self.texts.get("signal_swing");
            parts.push(if swing { self.texts.get("no_marks") } else { self.texts.get("no_marks_of_rule") });
        }
        let n = line.member.series.n().to_string();
        if let Some(alarms) = self.followed.chances(line.group, line.member) {
            let (error, swing) = (alarms.error.expected_flags, alarms.swing.expected_flags);
            parts.extend(
                match (error.map(|n| self.texts.expected(n)), swing.map(|n| self.texts.expected(n))) {
                    (Some(error), Some(swing)) => {
                        Some(self.texts.say("expected", &[("n", &n), ("error", &error), ("swing", &swing)]))
                    }
                    (Some(error), None) => {
                        Some(self.texts.say("expected_error", &[("n", &n), ("error", &error)]))
                    }
                    _ => None,
                },
            );
        }
        let lighter: Vec<i64> = line
            .member
            .noticed
            .episodes
            .iter()
            .map(|episode| episode.trough)
            .filter(|trough| !ruptures.iter().any(|episode| episode.trough == *trough))
            .collect();
        if !lighter.is_empty() {
            let alarms = self.followed.chances_noticed(line.group, line.member);
            let error = alarms.and_then(|alarms| alarms.error.expected_flags).map(|n| self.texts.expected(n));
            let words = [("sessions", listed(&lighter)), ("error", error.unwrap_or_else(|| "?".to_owned()))];
            parts.push(self.texts.say("lighter", &words.each_ref().map(|(key, text)| (*key, text.as_str()))));
        }
        parts
    }

    fn rupture(&self, line: &Line<'_>, episode: &Episode) -> String {
        let series = &line.member.series;
        let (session, low) = (
            episode.trough.to_string(),
            series.score(episode.trough).map_or(String::new(), |low| self.score(low)),
        );
        let from =
            episode.start.and_then(|start| Some((start.to_string(), self.score(series.score(start)?))));
        let mut parts = vec![match &from {
            Some((start, high)) => self
                .texts
                .say("rupture", &[("session", &session), ("low", &low), ("start", start), ("high", high)]),
            None => self.texts.say("rupture_from_start", &[("session", &session), ("low", &low)]),
        }];
        let last = series.numbers().last().map_or(String::new(), i64::to_string);
        parts.push(match (episode.outcome, episode.repair, episode.back_to_start) {
            (Outcome::Repaired, Some(repair), Some(back)) => self
                .texts
                .say("repaired_fully", &[("repair", &repair.to_string()), ("back", &back.to_string())]),
            (Outcome::Repaired, Some(repair), None) => {
                self.texts.say("repaired", &[("repair", &repair.to_string())])
            }
            (Outcome::UnrepairedCensored, ..) => self.texts.get("open"),
            _ => self.texts.say("not_repaired", &[("last", &last)]),
        });
        if let Some(start) = episode.at.0 {
            let items = fallen(self.followed, line.group, line.member, (start, episode.at.1));
            if !items.is_empty() {
                parts.push(self.texts.say("fell_most", &[("items", &self.items(line, &items))]));
            }
        }
        parts.join(" ")
    }

    fn items(&self, line: &Line<'_>, items: &[FallenItem]) -> String {
        let one = |item: &FallenItem| {
            let (from, to) =
                (self.texts.number(item.from, Kind::Exact), self.texts.number(item.to, Kind::Exact));
            self.texts.say("item", &[("item", &self.label(line, &item.item)), ("from", &from), ("to", &to)])
        };
        items.iter().map(one).collect::<Vec<_>>().join(", ")
    }

    /// An item in the user's words, where there are any.
    pub(super) fn label(&self, line: &Line<'_>, item: &str) -> String {
        let form = self.followed.study.form_name(self.followed.courses[line.member.course].form);
        let found = self.asked.label(item, self.followed.study.instrument(), form.as_deref());
        found.map_or_else(|| item.to_owned(), |text| format!("“{text}” ({item})"))
    }

    /// The last change, against measurement error and the usual swing.
    fn last(&self, line: &Line<'_>) -> Option<String> {
        let series = &line.member.series;
        let at = series.n().checked_sub(2)?;
        let (numbers, scores) = (series.numbers(), series.scores());
        let change = scores[at + 1] - scores[at];
        let cut = |scale| line.group.sample.get(scale).ok().map(|s: f64| 1.96 * s);
        let (error, swing) = (cut(ThresholdScale::ErrorWithin), cut(ThresholdScale::FluctuationWithin));
        let words = (numbers[at].to_string(), numbers[at + 1].to_string(), self.signed(change));
        let mut parts = vec![
            self.texts
                .say("last_change", &[("previous", &words.0), ("last", &words.1), ("change", &words.2)]),
        ];
        let error_said = error.map(|error| self.texts.say("last_error", &[("error", &self.score(error))]));
        let swing_said = swing.map(|swing| self.texts.say("last_swing", &[("swing", &self.score(swing))]));
        parts.extend(match (error_said, swing_said) {
            (Some(error), Some(swing)) => Some(format!("{error}; {swing}")),
            (Some(error), None) => Some(format!("{error}.")),
            (None, swing) => swing,
        });
        parts.push(match (error, swing) {
            (Some(error), _) if change.abs() <= error => self.texts.get("last_within_error"),
            (_, Some(swing)) if change.abs() <= swing => self.texts.get("last_within_swing"),
            (_, Some(_)) => self.texts.get("last_beyond"),
            (_, None) => self.texts.get("last_unknown"),
        });
        let items = fallen(self.followed, line.group, line.member, (at, at + 1));
        if !items.is_empty() {
            parts.push(self.texts.say("last_fell", &[("items", &self.items(line, &items))]));
        }
        Some(parts.join(" "))
    }

    fn both(&self, first: &Line<'_>, second: &Line<'_>) -> Option<String> {
        let found = together(self.followed, first.member, second.member)?;
        let mut parts = Vec::new();
        for shared in &found.both {
            let (a, b) = (shared.first.to_string(), shared.second.to_string());
            parts.push(match shared.first == shared.second {
                true => self.texts.say("both_same", &[("session", &a)]),
                false => self.texts.say(
                    "both_near",
                    &[("first", &first.role), ("second", &second.role), ("a", &a), ("b", &b)],
                ),
            });
        }
        for (line, only) in [(first, &found.first_only), (second, &found.second_only)] {
            if !only.is_empty() {
                parts.push(self.texts.say("alone", &[("who", &line.role), ("sessions", &listed(only))]));
            }
        }
        if !found.unanswered.is_empty() {
            parts.push(self.texts.say("other_silent", &[("sessions", &listed(&found.unanswered))]));
        }
        if parts.is_empty() {
            parts.push(self.texts.get("neither"));
        }
        Some(parts.join(" "))
    }
}
