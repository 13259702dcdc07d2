//! The schedule as cells: a matter in a direction has modes. What changes in the grid changes the clauses, and clauses
//! that do not change keep their keys, terms and days.

use std::collections::{BTreeMap, BTreeSet};

use domain::{AgreementClause, Clause, DistrictCode, HandlingMode, MatterCode, Party, Period, Terms, Version};

/// Who receives for whom. An empty side is all parties.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Direction {
    pub(super) receiving: Vec<DistrictCode>,
    pub(super) competent: Vec<DistrictCode>,
}

/// The modes of a matter, one list for each direction.
pub(super) type Row = (MatterCode, Vec<Vec<HandlingMode>>);

/// What becomes of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) matter: MatterCode,
    pub(super) direction: Direction,
    pub(super) modes: Vec<HandlingMode>,
}

impl Direction {
    fn one(receiving: DistrictCode, competent: DistrictCode) -> Self {
        Self { receiving: vec![receiving], competent: vec![competent] }
    }
}

/// The directions of a draft: between two parties both, whether or not they are used; between more parties those of the
/// clauses, and that between all.
pub(super) fn directions(version: &Version) -> Vec<Direction> {
    if let [first, second] = &version.parties[..] {
        let (first, second) = (first.district, second.district);
        return vec![Direction::one(first, second), Direction::one(second, first)];
    }
    let mut directions = BTreeSet::from([Direction { receiving: Vec::new(), competent: Vec::new() }]);
    directions.extend(version.schedule.iter().map(sides));
    directions.into_iter().collect()
}

fn sides(clause: &AgreementClause) -> Direction {
    let sorted = |side: &[DistrictCode]| side.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    Direction { receiving: sorted(&clause.receiving), competent: sorted(&clause.competent) }
}

/// The directions that a clause covers.
fn covered(clause: &AgreementClause, parties: &[Party]) -> Vec<Direction> {
    let [first, second] = parties else { return vec![sides(clause)] };
    let on = |side: &[DistrictCode], code: DistrictCode| side.is_empty() || side.contains(&code);
    let pairs = [(first.district, second.district), (second.district, first.district)];
    let covers = |(from, to): &(DistrictCode, DistrictCode)| on(&clause.receiving, *from) && on(&clause.competent, *to);
    pairs.into_iter().filter(covers).map(|(from, to)| Direction::one(from, to)).collect()
}

/// The matters of a draft, by code.
pub(super) fn rows(version: &Version, directions: &[Direction]) -> Vec<Row> {
    let mut rows: BTreeMap<MatterCode, Vec<Vec<HandlingMode>>> = BTreeMap::new();
    for clause in &version.schedule {
        let covered = covered(clause, &version.parties);
        for matter in clause.matters.iter() {
            let row = rows.entry(*matter).or_insert_with(|| vec![Vec::new(); directions.len()]);
            for (cell, _) in row.iter_mut().zip(directions).filter(|(_, direction)| covered.contains(direction)) {
                if !cell.contains(&clause.mode) {
                    cell.push(clause.mode);
                }
            }
        }
    }
    rows.values_mut().flatten().for_each(|cell| cell.sort_unstable());
    rows.into_iter().collect()
}

/// The schedule with changed cells.
pub(super) fn apply(version: &Version, changes: &[Change]) -> Vec<AgreementClause> {
    let mut schedule = Schedule { clauses: version.schedule.clone(), parties: &version.parties };
    for Change { matter, direction, modes } in changes {
        for mode in HandlingMode::ALL {
            match (schedule.has(*matter, direction, *mode), modes.contains(mode)) {
                (true, false) => schedule.remove(*matter, direction, *mode),
                (false, true) => schedule.add(*matter, direction, *mode),
                (true, true) | (false, false) => {}
            }
        }
    }
    schedule.clauses.retain(|clause| !clause.matters.is_empty());
    schedule.clauses
}

struct Schedule<'a> {
    clauses: Vec<AgreementClause>,
    parties: &'a [Party],
}

impl Schedule<'_> {
    fn holders(&self, matter: MatterCode, direction: &Direction, mode: HandlingMode) -> Vec<usize> {
        let holds = |clause: &AgreementClause| {
            clause.mode == mode && clause.lists(matter) && covered(clause, self.parties).contains(direction)
        };
        (0..self.clauses.len()).filter(|at| holds(&self.clauses[*at])).collect()
    }

    fn has(&self, matter: MatterCode, direction: &Direction, mode: HandlingMode) -> bool {
        !self.holders(matter, direction, mode).is_empty()
    }

    /// A clause that covers other directions too leaves the matter to a clause of its own for them.
    fn remove(&mut self, matter: MatterCode, direction: &Direction, mode: HandlingMode) {
        for at in self.holders(matter, direction, mode) {
            let rest: Vec<Direction> =
                covered(&self.clauses[at], self.parties).into_iter().filter(|other| other != direction).collect();
            let clause = self.clauses[at].clause.clone();
            let matters: Vec<MatterCode> = clause.matters.iter().copied().filter(|other| *other != matter).collect();
            self.clauses[at].clause.matters = matters.into();
            rest.iter().for_each(|rest| self.put(matter, rest, &clause));
        }
    }

    /// A new cell joins a clause of its direction and mode, and else gets the terms that another one of its mode has.
    fn add(&mut self, matter: MatterCode, direction: &Direction, mode: HandlingMode) {
        let of_mode = || self.clauses.iter().filter(|clause| clause.mode == mode);
        let alike = of_mode().find(|clause| covered(clause, self.parties) == [direction.clone()]);
        let like = match (alike, of_mode().next()) {
            (Some(alike), _) => alike.clause.clone(),
            (None, other) => Clause {
                key: Box::default(),
                matters: Vec::new().into(),
                mode,
                mode_label: None,
                terms: other.map_or_else(|| Terms::default_of(mode), |clause| clause.terms.clone()),
                batch: None,
                period: Period::ALWAYS,
            },
        };
        self.put(matter, direction, &like);
    }

    /// Puts a matter into the clause of a direction that is like another one, or into a new clause.
    fn put(&mut self, matter: MatterCode, direction: &Direction, like: &Clause) {
        let same = self
            .clauses
            .iter_mut()
            .find(|clause| covered(clause, self.parties) == [direction.clone()] && is_like(&clause.clause, like));
        match same {
            Some(clause) => {
                let matters: BTreeSet<MatterCode> = clause.matters.iter().copied().chain([matter]).collect();
                clause.clause.matters = matters.into_iter().collect::<Vec<_>>().into();
            }
            None => {
                let clause = Clause { key: self.free_key(), matters: vec![matter].into(), ..like.clone() };
                let Direction { receiving, competent } = direction.clone();
                self.clauses.push(AgreementClause { receiving: receiving.into(), competent: competent.into(), clause });
            }
        }
    }

    fn free_key(&self) -> Box<str> {
        let is_free = |key: &String| !self.clauses.iter().any(|clause| *clause.key == **key);
        let key = (1..=self.clauses.len() + 1).map(|number| format!("r{number}")).find(is_free);
        key.unwrap_or_default().into()
    }
}

/// Do the clauses differ in their matters and sides alone?
fn is_like(a: &Clause, b: &Clause) -> bool {
    let bare = |clause: &Clause| Clause { key: Box::default(), matters: Vec::new().into(), ..clause.clone() };
    bare(a) == bare(b)
}

#[cfg(test)]
mod tests {
    use domain::reading;
    use serde_json::{Value, json};

    use super::*;

    const ID: &str = "000109001000";
    const CARD: &str = "000111001000";

    fn version(parties: &[&str], schedule: &Value) -> Version {
        let parties: Vec<Value> = parties.iter().map(|code| json!({ "district": code })).collect();
        let form = json!({ "proposer": "440115", "title": "协议", "parties": parties, "schedule": schedule });
        let mut problems = Vec::new();
        let read = reading::read(&form, &mut problems, domain::agreement::form::read_draft);
        assert_eq!(problems, []);
        read.expect("a draft").1
    }

    fn matter(code: &str) -> MatterCode {
        code.parse().expect("a code")
    }

    fn shape(clauses: &[AgreementClause]) -> Vec<String> {
        let side = |side: &[DistrictCode]| side.iter().map(DistrictCode::as_str).collect::<Vec<_>>().join("+");
        let matters =
            |clause: &AgreementClause| clause.matters.iter().map(ToString::to_string).collect::<Vec<_>>().join("+");
        let text = |clause: &AgreementClause| {
            let mode = clause.mode;
            format!("{} {}>{} {mode} {}", clause.key, side(&clause.receiving), side(&clause.competent), matters(clause))
        };
        clauses.iter().map(text).collect()
    }

    #[test]
    fn one_direction_of_a_clause_for_both_is_changed_and_the_other_keeps_its_terms() {
        let schedule = json!([{ "key": "a", "matters": [ID, CARD], "mode": "PROXY_COLLECTION",
            "terms": { "proxyCollection": { "transferDays": 2 } }, "batch": "第一批" }]);
        let version = version(&["440115", "310112"], &schedule);
        let directions = directions(&version);
        let modes = vec![HandlingMode::ProxyCollection];
        assert_eq!(rows(&version, &directions)[0], (matter(ID), vec![modes.clone(), modes]));
        let change =
            Change { matter: matter(ID), direction: directions[0].clone(), modes: vec![HandlingMode::FullOnline] };
        let clauses = apply(&version, &[change]);
        assert_eq!(
            shape(&clauses),
            [
                format!("a > PROXY_COLLECTION {CARD}"),
                format!("r1 440115>310112 FULL_ONLINE {ID}"),
                format!("r2 310112>440115 PROXY_COLLECTION {ID}"),
            ]
        );
        assert_eq!(clauses[2].batch.as_deref(), Some("第一批"));
        assert_eq!(clauses[2].terms, version.schedule[0].terms);
    }

    #[test]
    fn new_cells_join_the_clause_of_their_direction_and_emptied_clauses_go() {
        let schedule = json!([
            { "key": "a", "receiving": ["440115"], "competent": ["310112"], "matters": [ID], "mode": "FULL_ONLINE" },
            { "key": "b", "receiving": ["310112"], "competent": ["440115"], "matters": [ID], "mode": "FULL_ONLINE" },
        ]);
        let version = version(&["440115", "310112"], &schedule);
        let [there, back] = &directions(&version)[..] else { panic!("two directions") };
        let changes = [
            Change { matter: matter(CARD), direction: there.clone(), modes: vec![HandlingMode::FullOnline] },
            Change { matter: matter(ID), direction: back.clone(), modes: Vec::new() },
        ];
        assert_eq!(shape(&apply(&version, &changes)), [format!("a 440115>310112 FULL_ONLINE {ID}+{CARD}")]);
        assert_eq!(apply(&version, &[]), version.schedule);
    }

    #[test]
    fn between_more_parties_a_direction_is_that_of_a_clause() {
        let schedule = json!([{ "key": "a", "receiving": ["440115"], "matters": [ID], "mode": "FULL_ONLINE" }]);
        let version = version(&["440115", "310112", "320583"], &schedule);
        let directions = directions(&version);
        assert_eq!(directions.len(), 2);
        let changes = directions.iter().map(|direction| Change {
            matter: matter(CARD),
            direction: direction.clone(),
            modes: vec![HandlingMode::FullOnline],
        });
        let clauses = apply(&version, &changes.collect::<Vec<_>>());
        assert_eq!(shape(&clauses), [format!("a 440115> FULL_ONLINE {ID}+{CARD}"), format!("r1 > FULL_ONLINE {CARD}")]);
    }
}
