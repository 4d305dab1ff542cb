//! The form of a row, from its role: looked up once for each word of the role column.

use super::batch::{NO_FORM, Span};
use super::layout::Layout;
use super::pass::{FormRule, Pass};

/// What is known of a row's form.
pub(super) enum RowForm<'a> {
    /// The row counts; one form for each instrument.
    Take(&'a [u8]),
    /// The row is of another form than the one asked for.
    OtherForm,
    /// `--where` leaves the row out.
    Filtered,
    /// The role needs a closer look.
    Look,
}

/// Words of the role column that have been met, and the forms they mean.
pub(super) struct RoleCache<'l> {
    layout: &'l Layout,
    fixed: Vec<u8>,
    /// Whether the role decides anything.
    matters: bool,
    words: Vec<Word>,
    last: usize,
}

struct Word {
    /// Its first eight bytes: nearly always enough, with its length, to tell two words apart.
    head: u64,
    text: Vec<u8>,
    forms: Vec<u8>,
    /// Every instrument has a form for it, and none of these is open.
    sound: bool,
    /// The user asked for the rows of another form.
    other: bool,
}

impl<'l> RoleCache<'l> {
    pub fn new(layout: &'l Layout) -> RoleCache<'l> {
        let matters = layout.role.is_some_and(|role| layout.texts[role].column.is_some())
            && layout.passes.iter().any(|pass| pass.form == FormRule::ByRole || pass.only.is_some());
        RoleCache { layout, fixed: layout.fixed_forms(), matters, words: Vec::new(), last: 0 }
    }

    /// The forms of a role; `None` for a row without a role column.
    pub fn forms(&mut self, role: Option<&[u8]>) -> &[u8] {
        match role.filter(|_| self.matters) {
            Some(role) => {
                let at = self.find(role, head(role, 0..role.len()));
                &self.words[at].forms
            }
            None => &self.fixed,
        }
    }

    /// The forms of a plain row whose texts lie at `spans`.
    #[inline(always)]
    pub fn plain(&mut self, bytes: &[u8], spans: &[Span]) -> RowForm<'_> {
        let text = |text: usize| &bytes[spans[text].range()];
        if !self.layout.row_filters.iter().all(|(of, filter)| filter.passes(text(*of))) {
            return RowForm::Filtered;
        }
        let Some(role) = self.layout.role.filter(|_| self.matters) else {
            return RowForm::Take(&self.fixed);
        };
        let range = spans[role].range();
        let at = self.find(&bytes[range.clone()], head(bytes, range));
        let word = &self.words[at];
        if word.other {
            return RowForm::OtherForm;
        }
        if word.sound { RowForm::Take(&word.forms) } else { RowForm::Look }
    }

    /// Whether the user asked for the rows of another form.
    pub fn is_other_form(&self, forms: &[u8]) -> bool {
        let other = |(pass, form): (&Pass, &u8)| pass.only.is_some_and(|only| only != usize::from(*form));
        self.layout.passes.iter().zip(forms).any(other)
    }

    #[inline(always)]
    fn find(&mut self, text: &[u8], head: u64) -> usize {
        let same = |word: &Word| {
            word.head == head && word.text.len() == text.len() && (text.len() <= 8 || word.text == text)
        };
        if !self.words.get(self.last).is_some_and(same) {
            self.last = match self.words.iter().position(same) {
                Some(at) => at,
                None => self.learn(text, head),
            };
        }
        self.last
    }

    #[inline(never)]
    fn learn(&mut self, text: &[u8], head: u64) -> usize {
        let forms = self.layout.forms_of_role(&String::from_utf8_lossy(text));
        let open = |(pass, form): (&Pass, &u8)| {
            pass.instrument.forms.get(usize::from(*form)).is_none_or(|form| form.template.is_some())
        };
        let sound = !self.layout.passes.iter().zip(&forms).any(open);
        let other = self.is_other_form(&forms);
        self.words.push(Word { head, text: text.to_vec(), forms, sound, other });
        self.words.len() - 1
    }

    /// The words met so far, and the name of the form each means for every instrument.
    pub fn seen(&self) -> impl Iterator<Item = (String, Vec<String>)> {
        self.words.iter().map(|word| {
            let name = |(at, form): (usize, &u8)| {
                let form = (*form != NO_FORM).then_some(usize::from(*form));
                self.layout.form_name(at, form).to_owned()
            };
            let forms = word.forms.iter().enumerate().map(name).collect();
            (String::from_utf8_lossy(&word.text).into_owned(), forms)
        })
    }
}

/// The first eight bytes of a range, zeros where it has no more.
#[inline(always)]
fn head(bytes: &[u8], range: std::ops::Range<usize>) -> u64 {
    let len = range.len();
    match bytes.get(range.start..range.start + 8).and_then(|word| word.first_chunk()) {
        Some(_) if len == 0 => 0,
        // What lies behind the range is shifted out and zeros in.
        Some(word) => u64::from_le_bytes(*word) << (64 - 8 * len.min(8)) >> (64 - 8 * len.min(8)),
        None => {
            let mut word = [0; 8];
            let len = len.min(8);
            word[..len].copy_from_slice(&bytes[range.start..range.start + len]);
            u64::from_le_bytes(word)
        }
    }
}
