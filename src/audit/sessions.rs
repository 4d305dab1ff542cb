//! Sessions, dyads and informants: rows that stand twice, gaps, order, dates, and who did not answer.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::firsts::{Firsts, Spot};
use super::keys::KeyTexts;
use super::places::Places;
use super::visit::Visit;
use super::visits::{SessionTime, VisitTable};

/// Sessions are numbered one by one unless far more numbers are missing than there are sessions.
const SPARSE: usize = 3;

/// Who answered, and when.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct Attendance {
    /// What a unit is: `dyad`, `person` or `family`.
    pub unit: &'static str,
    /// How many there are.
    pub units: u64,
    /// How many of them have answers of one informant alone, where the file has several.
    pub one_informant: u64,
    /// Units at a session.
    pub meetings: u64,
    /// How many of these have answers of one informant alone, where the unit has several.
    pub one_sided: u64,
    /// Units in whose numbered sessions some number is missing.
    pub with_gaps: u64,
    /// Informants (a role in a unit), and those of them who left some answer out.
    pub informants: u64,
    /// Those of them who left some answer out.
    pub informants_with_missing: u64,
    /// Missing answers of each session; none if there are too many sessions.
    pub sessions: Vec<SessionMissing>,
    /// The informants who left out the largest shares, at most a hundred, the largest first.
    pub informants_missing: Vec<InformantMissing>,
}

/// Missing answers of an informant.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct InformantMissing {
    /// The dyad, person or family, as in the file; none where its name is too long to be kept.
    pub unit: Option<String>,
    /// The word of the role column, where there is one.
    pub role: Option<String>,
    /// Rows.
    pub rows: u64,
    /// Missing answers.
    pub missing: u64,
    /// Their share.
    pub share: f64,
}

/// Missing answers of a session.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct SessionMissing {
    /// The session, as in the file.
    pub session: String,
    /// Rows.
    pub rows: u64,
    /// Missing answers.
    pub missing: u64,
    /// Their share.
    pub share: f64,
}

/// What a look at all visits gathers.
pub(super) struct Sessions<'a> {
    pub(super) table: &'a VisitTable,
    pub(super) texts: KeyTexts,
    pub(super) places: Places<'a>,
    pub(super) roles: u64,
    pub(super) attendance: Attendance,
    pub(super) gaps: Firsts<(u64, Vec<u32>, usize)>,
    pub(super) one_informant: Firsts<(u64, usize, usize)>,
    pub(super) one_sided: Firsts<(u64, u32, usize)>,
    pub(super) disorder: Firsts<(Visit, Visit)>,
    pub(super) dates: Firsts<(Visit, Visit)>,
    /// The informants with the largest shares of missing answers, the largest first; of equal ones by who they are, so
    /// that the order of rows does not matter.
    pub(super) gappy: BTreeMap<(Reverse<u64>, u64, u32), Informant>,
    pub(super) by_session: BTreeMap<u32, (u64, u64)>,
    pub(super) items: u64,
    /// Room that is used again for every unit.
    informants: Informants,
}

/// More sessions than this are not listed.
pub(super) const MOST_SESSIONS: usize = 1000;
/// More informants than this are counted and not listed.
const MOST_INFORMANTS: usize = 100;

impl<'a> Sessions<'a> {
    /// Looks at all visits of a file whose rows have so many items each.
    pub fn look(table: &'a VisitTable, texts: KeyTexts, items: usize, places: Places<'a>) -> Sessions<'a> {
        let roles = table.units().flatten().fold(0, |roles, visit| roles | 1 << visit.role());
        let attendance = Attendance { unit: texts.unit.0.id(), ..Attendance::default() };
        let mut sessions = Sessions {
            table,
            texts,
            places,
            roles: if table.knows_roles() { roles } else { 0 },
            attendance,
            gaps: Firsts::default(),
            one_informant: Firsts::default(),
            one_sided: Firsts::default(),
            disorder: Firsts::default(),
            dates: Firsts::default(),
            gappy: BTreeMap::new(),
            by_session: BTreeMap::new(),
            items: items as u64,
            informants: Informants::default(),
        };
        for unit in table.units() {
            sessions.look_at(unit);
        }
        sessions
    }

    fn look_at(&mut self, unit: &[Visit]) {
        let Some(first) = unit.iter().min_by_key(|visit| visit.spot()) else { return };
        self.attendance.units += 1;
        let roles = unit.iter().fold(0u64, |roles, visit| roles | 1 << visit.role());
        if self.roles.count_ones() > 1 && roles.count_ones() == 1 {
            self.one_informant.add(first.spot(), || (first.unit(), first.role(), unit.len()));
        }
        if self.texts.session.is_some() {
            self.look_at_meetings(unit, roles);
            self.look_at_numbers(unit, first.spot());
        }
        self.look_at_informants(unit);
    }

    fn look_at_meetings(&mut self, unit: &[Visit], roles: u64) {
        for meeting in unit.chunk_by(|a, b| a.session() == b.session()) {
            self.attendance.meetings += 1;
            let here = meeting.iter().fold(0u64, |roles, visit| roles | 1 << visit.role());
            if self.roles > 0 && roles.count_ones() > 1 && here.count_ones() == 1 {
                let visit = meeting[0];
                self.one_sided.add(visit.spot(), || (visit.unit(), visit.session(), visit.role()));
            }
            if self.by_session.len() <= MOST_SESSIONS {
                let (rows, missing) = self.by_session.entry(meeting[0].session()).or_default();
                *rows += meeting.len() as u64;
                *missing += meeting.iter().map(Visit::gaps).sum::<u64>();
            }
        }
    }

    /// Numbers between the first and the last session that are not there.
    fn look_at_numbers(&mut self, unit: &[Visit], first: Spot) {
        let number = |meeting: &[Visit]| match self.table.session_time(meeting[0].session()) {
            Some(SessionTime::Number(number)) => Some(number),
            _ => None,
        };
        // Codes of numbers are the numbers, so these ascend.
        let numbers: Vec<u32> = unit.chunk_by(|a, b| a.session() == b.session()).filter_map(number).collect();
        let between = |pair: &[u32]| pair[0] + 1..pair[1];
        let missing: usize = numbers.windows(2).map(|pair| between(pair).len()).sum();
        if missing == 0 || missing > SPARSE * numbers.len() {
            return;
        }
        let named: Vec<u32> = numbers.windows(2).flat_map(between).take(6).collect();
        self.gaps.add(first, || (unit[0].unit(), named, missing));
    }

    /// Each informant's visits in the order of time.
    fn look_at_informants(&mut self, unit: &[Visit]) {
        // Sessions that are numbers are in their order already.
        let words = unit.last().is_some_and(|visit| self.table.session_is_word(visit.session()));
        let mut visits = Cow::Borrowed(unit);
        if words {
            visits.to_mut().sort_by_key(|visit| (self.table.session_time(visit.session()), visit.spot()));
        }
        let mut informants = std::mem::take(&mut self.informants);
        informants.clear();
        for visit in visits.iter() {
            let informant = informants.of(visit);
            informant.visits += 1;
            informant.missing += visit.gaps();
            informant.first = informant.first.min(visit.spot());
            let earlier = std::mem::replace(&mut informant.last, *visit);
            if informant.visits > 1 && self.texts.session.is_some() {
                self.look_at_pair(earlier, *visit);
            }
        }
        for informant in &informants.list {
            self.look_at_informant(informant);
        }
        self.informants = informants;
    }

    fn look_at_pair(&mut self, earlier: Visit, later: Visit) {
        let time = |visit: Visit| self.table.session_time(visit.session());
        if time(earlier).is_none() || time(later).is_none() {
            return;
        }
        if earlier.spot() > later.spot() {
            self.disorder.add(later.spot(), || (earlier, later));
        }
        if let (Some(a), Some(b)) = (earlier.day(), later.day())
            && a > b
        {
            self.dates.add(later.spot(), || (earlier, later));
        }
    }

    fn look_at_informant(&mut self, informant: &Informant) {
        self.attendance.informants += 1;
        if informant.missing == 0 {
            return;
        }
        self.attendance.informants_with_missing += 1;
        // Shares are not negative, so their bits are in their order.
        let last = &informant.last;
        let place = (Reverse(self.share(informant).to_bits()), last.unit(), last.who());
        if self.gappy.len() == MOST_INFORMANTS
            && self.gappy.last_key_value().is_some_and(|(last, _)| *last < place)
        {
            return;
        }
        self.gappy.insert(place, *informant);
        if self.gappy.len() > MOST_INFORMANTS {
            self.gappy.pop_last();
        }
    }

    /// The share of answers that an informant left out.
    pub(super) fn share(&self, informant: &Informant) -> f64 {
        informant.missing as f64 / (self.items * informant.visits).max(1) as f64
    }
}

/// One informant of a unit, so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Informant {
    pub(super) last: Visit,
    pub(super) visits: u64,
    pub(super) missing: u64,
    pub(super) first: Spot,
}

/// The informants of a unit; mostly there are two.
#[derive(Debug, Default)]
struct Informants {
    list: Vec<Informant>,
    /// By who they are, once there are many.
    index: HashMap<u32, usize>,
}

impl Informants {
    /// With more than this a table is quicker.
    const MANY: usize = 8;

    fn clear(&mut self) {
        self.list.clear();
        self.index.clear();
    }

    fn of(&mut self, visit: &Visit) -> &mut Informant {
        let who = visit.who();
        let at = if self.list.len() < Informants::MANY {
            self.list.iter().position(|informant| informant.last.who() == who)
        } else {
            if self.index.is_empty() {
                self.index
                    .extend(self.list.iter().enumerate().map(|(at, informant)| (informant.last.who(), at)));
            }
            self.index.get(&who).copied()
        };
        let at = at.unwrap_or_else(|| {
            self.list.push(Informant { last: *visit, visits: 0, missing: 0, first: visit.spot() });
            if !self.index.is_empty() {
                self.index.insert(who, self.list.len() - 1);
            }
            self.list.len() - 1
        });
        &mut self.list[at]
    }
}
