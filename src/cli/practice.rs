//! `alliance report --for practice`: one dyad a page.

use clap::ValueEnum;

use super::report::Plan;
use crate::error::Error;
use crate::report::model::Report;
use crate::report::{self, ItemLabel, Part, PracticeAsked, PracticePart, Prompt, Reader};
use crate::responses::Key;
use crate::study::Language;

/// What is asked of a report for practice.
#[derive(Debug, clap::Args)]
pub(super) struct PracticeArgs {
    /// The language of the report for practice
    #[arg(long, value_enum, value_name = "LANGUAGE", help_heading = "Report for practice")]
    lang: Option<LanguageWord>,
    /// A copy for one reader: their own ratings, the other's only with --both
    #[arg(long, value_enum, value_name = "READER", help_heading = "Report for practice")]
    copy: Option<CopyWord>,
    /// In a copy for one reader: the other's ratings too
    #[arg(long, requires = "copy", help_heading = "Report for practice")]
    both: bool,
}

impl PracticeArgs {
    /// An option that is given, if any is.
    pub fn given(&self) -> Option<&'static str> {
        let options = [("--lang", self.lang.is_some()), ("--copy", self.copy.is_some())];
        options.into_iter().find_map(|(option, given)| given.then_some(option))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LanguageWord {
    /// English
    En,
    /// Spanish
    Es,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CopyWord {
    /// The caregiver, or client
    Caregiver,
    /// The worker, or therapist
    Worker,
    /// The team
    Team,
}

/// The report for practice.
pub(super) fn practice(
    args: &PracticeArgs,
    publish: bool,
    asked: &Plan,
    parts: &[Part],
) -> Result<Report, Error> {
    if publish {
        let message = "a report for practice is about single people, and cannot be published";
        return Err(Error::usage_help(message, "leave out --publish, or --for practice"));
    }
    let file = asked.on_disk.as_ref().map(|on_disk| &on_disk.file);
    let language = match args.lang {
        Some(LanguageWord::En) => Language::En,
        Some(LanguageWord::Es) => Language::Es,
        None => file.map(|file| file.study.language).unwrap_or_default(),
    };
    let named = |name: &crate::study::Name| {
        let names = asked.wanted.names.as_ref();
        let own = names.and_then(|names| names.get(Key::Dyad, name.get_ref()));
        own.unwrap_or(name.get_ref()).to_owned()
    };
    let dyads: Vec<String> = file.into_iter().flat_map(|file| &file.practice.dyads).map(named).collect();
    let prompt = |prompt: &crate::study::PromptEntry| Prompt {
        scale: prompt.scale.get_ref().clone(),
        when: prompt.when,
        text: prompt.text.clone(),
        language: prompt.language,
    };
    let label = |label: &crate::study::LabelEntry| ItemLabel {
        item: label.item.get_ref().clone(),
        instrument: label.instrument.as_ref().map(|name| name.get_ref().clone()),
        form: label.form.as_ref().map(|form| form.get_ref().clone()),
        text: label.text.clone(),
        language: label.language,
    };
    let prompts: Vec<Prompt> = file.into_iter().flat_map(|file| &file.prompt).map(prompt).collect();
    let labels: Vec<ItemLabel> = file.into_iter().flat_map(|file| &file.label).map(label).collect();
    let events = file.and_then(|file| file.events.as_ref());
    let following: Vec<_> = parts.iter().map(|part| part.following(&asked.wanted)).collect();
    let parts: Vec<PracticePart<'_>> = parts
        .iter()
        .zip(&following)
        .map(|(part, following)| PracticePart {
            study: &part.scales.study,
            following,
            coded: part.coded.as_ref(),
        })
        .collect();
    report::practice(
        &parts,
        &PracticeAsked {
            title: asked.wanted.title.clone(),
            language,
            copy: args.copy.map(|word| match word {
                CopyWord::Caregiver => Reader::Caregiver,
                CopyWord::Worker => Reader::Worker,
                CopyWord::Team => Reader::Team,
            }),
            both: args.both,
            dyads: &dyads,
            prompts: &prompts,
            labels: &labels,
            randomised: events.and_then(|events| events.randomised.as_deref()),
            masked: events.and_then(|events| events.masked.as_deref()),
        },
    )
}
