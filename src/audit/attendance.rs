//! What is said about sessions, dyads and informants.

use super::firsts::{Firsts, Spot};
use super::keys::KeyFaults;
use super::sessions::{Attendance, Informant, InformantMissing, MOST_SESSIONS, SessionMissing, Sessions};
use super::visit::Visit;
use super::words;
use crate::finding::{Code, Finding, Place};
use crate::responses::Key;

impl Sessions<'_> {
    fn unit(&self, unit: u64, spot: Spot) -> String {
        let word = self.texts.unit.0.id();
        match self.table.unit_name(unit) {
            Some(name) => format!("{word} {name}"),
            None => format!("the {word} of {}", self.places.line(spot)),
        }
    }

    fn session(&self, session: u32) -> String {
        self.table
            .session_name(session)
            .map_or_else(|| "a session".to_owned(), |name| format!("session {name}"))
    }

    fn role(&self, role: usize) -> &str {
        self.table.role_name(role).unwrap_or("no role")
    }

    /// The findings, in the order of the documentation.
    pub fn findings(&self, faults: &KeyFaults) -> Vec<Finding> {
        let mut findings = self.repeated();
        findings.extend(self.blanks(faults));
        findings.extend(self.dates.kept().map(|(spot, (earlier, later))| {
            let message = format!(
                "{}: {} ({}) is dated before {} ({})",
                self.unit(later.unit(), spot),
                self.session(later.session()),
                self.places.line(later.spot()),
                self.session(earlier.session()),
                self.places.line(earlier.spot())
            );
            Finding::problem(Code::DateDisorder, self.places.of(spot), message)
                .help("is a date or a session number wrong?")
        }));
        findings.extend(further(
            &self.dates,
            Code::DateDisorder,
            "date that contradicts the sessions",
            "dates that contradict the sessions",
        ));
        findings.extend(self.of_many(
            Code::BadDate,
            &faults.bad_dates,
            |_, text| format!("`{text}`"),
            |n| format!("{} cannot be read as a day", words::plural(n, "date", "dates")),
        ));
        let unit = self.texts.unit.0.id();
        findings.extend(self.of_many(
            Code::OneInformant,
            &self.one_informant,
            |spot, (unit, role, rows)| {
                format!(
                    "{} ({}, {})",
                    self.unit(*unit, spot),
                    self.role(*role),
                    words::plural(*rows as u64, "row", "rows")
                )
            },
            |n| {
                format!(
                    "{} answers of one informant alone",
                    words::plural(n, &format!("{unit} has"), &format!("{}s have", plural_stem(unit)))
                )
            },
        ));
        findings.extend(self.of_many(
            Code::PartnerMissing,
            &self.one_sided,
            |spot, (unit, session, role)| {
                format!("{} {} ({})", self.unit(*unit, spot), self.session(*session), self.role(*role))
            },
            |n| {
                format!(
                    "{} one informant alone",
                    words::plural(n, "session was answered by", "sessions were answered by")
                )
            },
        ));
        findings.extend(self.of_many(
            Code::SessionGap,
            &self.gaps,
            |spot, (unit, numbers, missing)| {
                let more = if *missing > numbers.len() { ", …" } else { "" };
                let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
                format!("{}: {}{more}", self.unit(*unit, spot), numbers.join(", "))
            },
            |n| {
                format!(
                    "numbers of sessions are missing in {}",
                    words::plural(n, unit, &format!("{}s", plural_stem(unit)))
                )
            },
        ));
        findings.extend(self.of_many(
            Code::SessionDisorder,
            &self.disorder,
            |spot, (earlier, later)| {
                format!(
                    "{}: {} stands before {}",
                    self.unit(later.unit(), spot),
                    self.session(later.session()),
                    self.session(earlier.session())
                )
            },
            |n| format!("{} out of the order of the sessions", words::plural(n, "row stands", "rows stand")),
        ));
        findings
    }

    /// One note for all things of a kind.
    fn of_many<T: Clone>(
        &self,
        code: Code,
        things: &Firsts<T>,
        name: impl Fn(Spot, &T) -> String,
        what: impl Fn(u64) -> String,
    ) -> Option<Finding> {
        let (spot, _) = things.kept().next()?;
        let named = words::first(things.kept().map(|(spot, thing)| name(spot, thing)), things.n());
        Some(Finding::note(code, self.places.of(spot), format!("{}: {named}", what(things.n()))))
    }

    fn blanks(&self, faults: &KeyFaults) -> Vec<Finding> {
        let of = |key: Key, rows: &Firsts<()>| {
            let (spot, ()) = rows.kept().next()?;
            let lines = self.places.lines(rows.kept().map(|(spot, ())| spot), rows.n());
            let message =
                format!("{} no {} ({lines})", words::plural(rows.n(), "row has", "rows have"), key.id());
            Some(
                Finding::problem(Code::BlankKey, self.places.of(spot), message)
                    .help("nobody can tell what such a row belongs to"),
            )
        };
        [of(self.texts.unit.0, &faults.no_unit), of(Key::Session, &faults.no_session)]
            .into_iter()
            .flatten()
            .collect()
    }

    /// Rows with the key of an earlier row; where the partner's row is missing instead, the role may be wrong.
    fn repeated(&self) -> Vec<Finding> {
        let (n, pairs) = self.table.repeated();
        let mut findings: Vec<Finding> =
            pairs.iter().map(|(first, later)| self.repeat(first, later)).collect();
        let more = n - pairs.len() as u64;
        if more > 0 {
            let place = self.places.of(pairs.last().map(|(_, later)| later.spot()).unwrap_or_default());
            let message = format!(
                "{} with a key that stands in an earlier row",
                words::plural(more, "further row", "further rows")
            );
            findings.push(Finding::problem(Code::DuplicateKey, Place { line: None, ..place }, message));
        }
        findings
    }

    fn repeat(&self, first: &Visit, later: &Visit) -> Finding {
        let unit = self.table.unit_of(first);
        let others = |visits: &[Visit]| {
            visits.iter().filter(|visit| visit.role() != first.role()).map(Visit::role).min()
        };
        let meeting: Vec<Visit> =
            unit.iter().copied().filter(|visit| visit.session() == first.session()).collect();
        let partner = others(unit).filter(|_| self.roles > 0 && others(&meeting).is_none());
        let lines = self.places.both([first.spot(), later.spot()]);
        let mut key = vec![self.unit(first.unit(), first.spot())];
        if self.texts.session.is_some() {
            key.push(self.session(first.session()));
        }
        let role = self.table.role_name(first.role());
        if let (Some(partner), Some(role)) = (partner, role) {
            let partner = self.role(partner);
            let message =
                format!("{}: two rows of the {role} ({lines}) and none of the {partner}", key.join(", "));
            let help = format!("is one of them the {partner}'s?");
            return Finding::problem(Code::RoleSwapped, self.places.of(later.spot()), message).help(help);
        }
        key.extend(role.map(str::to_owned));
        let message = format!("{} stands on {lines}", key.join(", "));
        let help = match self.texts.session {
            Some(_) => "is it one row entered twice, or another session?",
            None => "what tells them apart? Name its column with --session or --date",
        };
        Finding::problem(Code::DuplicateKey, self.places.of(later.spot()), message).help(help)
    }

    /// The informant who left out the largest share of answers, with that share.
    pub fn worst_informant(&self) -> Option<(String, f64)> {
        let most = self.gappy.first_key_value()?.0.0;
        let worst = self.gappy.iter().take_while(|(place, _)| place.0 == most).map(|(_, worst)| worst);
        let worst = worst.min_by_key(|worst| worst.first)?;
        let role =
            self.table.role_name(worst.last.role()).map_or_else(String::new, |role| format!(" ({role})"));
        Some((format!("{}{role}", self.unit(worst.last.unit(), worst.first)), self.share(worst)))
    }

    /// By share, then by name: numbers in their order.
    fn informants_missing(&self) -> Vec<InformantMissing> {
        let mut listed: Vec<InformantMissing> =
            self.gappy.values().map(|informant| self.missing_of(informant)).collect();
        let name = |of: &InformantMissing| {
            let unit = of.unit.clone().unwrap_or_default();
            (unit.parse::<u64>().unwrap_or(u64::MAX), unit, of.role.clone())
        };
        listed.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| name(a).cmp(&name(b))));
        listed
    }

    fn missing_of(&self, informant: &Informant) -> InformantMissing {
        InformantMissing {
            unit: self.table.unit_name(informant.last.unit()),
            role: self.table.role_name(informant.last.role()).map(str::to_owned),
            rows: informant.visits,
            missing: informant.missing,
            share: self.share(informant),
        }
    }

    /// The summary.
    pub fn attendance(&self) -> Attendance {
        let mut by_time: Vec<(&u32, &(u64, u64))> = self.by_session.iter().collect();
        let name = |session: u32| self.table.session_name(session).unwrap_or_default();
        by_time.sort_by_key(|(session, _)| (self.table.session_time(**session), name(**session)));
        let listed = self.by_session.len() <= MOST_SESSIONS;
        let sessions =
            by_time.into_iter().filter(|_| listed).map(|(session, (rows, missing))| SessionMissing {
                session: name(*session),
                rows: *rows,
                missing: *missing,
                share: *missing as f64 / (rows * self.items).max(1) as f64,
            });
        Attendance {
            one_informant: self.one_informant.n(),
            one_sided: self.one_sided.n(),
            with_gaps: self.gaps.n(),
            sessions: sessions.collect(),
            informants_missing: self.informants_missing(),
            ..self.attendance.clone()
        }
    }
}

/// One problem for all that are counted and not kept.
fn further<T: Clone>(things: &Firsts<T>, code: Code, one: &str, many: &str) -> Option<Finding> {
    let more = things.n() - things.kept().count() as u64;
    let message = format!("{} more", words::plural(more, one, many));
    (more > 0).then(|| Finding::problem(code, Place::default(), message))
}

/// dyad-s, person-s, familie-s.
fn plural_stem(unit: &str) -> &str {
    if unit == "family" { "familie" } else { unit }
}
