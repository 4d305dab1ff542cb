//! Texts of the study that are printed beside marks.

use super::pages::Pages;
use crate::report::figures::Line;
use crate::study::When;

impl Pages<'_> {
    /// Texts of the study that belong to the marks of a course.
    pub(super) fn prompts(&self, line: &Line<'_>) -> Vec<String> {
        let scale = self.followed.scale_id(line.group.scale);
        let spoken = |prompt: &&super::Prompt| {
            prompt.scale == scale && prompt.language.is_none_or(|language| language == self.asked.language)
        };
        let mut texts = Vec::new();
        for prompt in self.asked.prompts.iter().filter(spoken) {
            match prompt.when {
                When::Fall => {
                    let found = self.followed.leading(line.member);
                    let episodes =
                        found.iter().flat_map(|found| &found.episodes).filter(|e| !e.worker_changed);
                    for episode in episodes {
                        let session = episode.trough.to_string();
                        let place =
                            self.texts.say("prompt_fall", &[("session", &session), ("role", &line.role)]);
                        texts.push(format!("{place}: {}", prompt.text));
                    }
                }
                When::LowItem => {
                    if let Some((session, items)) = self.lowest(line) {
                        let (session, items) = (session.to_string(), items.join(", "));
                        let words = [("session", session.as_str()), ("role", &line.role), ("items", &items)];
                        texts.push(format!("{}: {}", self.texts.say("prompt_low_item", &words), prompt.text));
                    }
                }
            }
        }
        texts
    }

    /// The items of the scale at their lowest answer in the last session.
    fn lowest(&self, line: &Line<'_>) -> Option<(i64, Vec<String>)> {
        let sample = &self.followed.study.sample;
        let edition = sample.edition(line.group.scale, line.group.form)?;
        let row = *line.member.rows.last()?;
        let at_lowest = |term: &&crate::scoring::Term| {
            sample.answer(term, row).is_some_and(|answer| term.scored(answer) == term.spec.set.min)
        };
        let items: Vec<String> = edition
            .terms
            .iter()
            .filter(at_lowest)
            .map(|term| self.label(line, &sample.item_id(term)))
            .collect();
        let session = line.member.series.numbers().last().copied()?;
        (!items.is_empty()).then_some((session, items))
    }
}
