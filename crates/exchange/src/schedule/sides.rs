//! Completes the sides of a row.

use domain::import::Direction;
use domain::{DistrictCode, Message, Problem};

use super::entry::directions;

/// The receiving and the competent parties of a row. With two parties, a missing side is the other one.
pub(crate) fn complete(
    receiving: Vec<DistrictCode>,
    competent: Vec<DistrictCode>,
    parties: &[DistrictCode],
    direction: Direction,
) -> Result<(Vec<DistrictCode>, Vec<DistrictCode>), Problem> {
    if direction == Direction::Both {
        let named = |party: &DistrictCode| receiving.contains(party) || competent.contains(party);
        let all = receiving.is_empty() && competent.is_empty();
        let both: Vec<DistrictCode> = parties.iter().copied().filter(|party| all || named(party)).collect();
        // A single district and nothing beside it: the other party is meant.
        let both = if both.len() == 1 { parties.to_vec() } else { both };
        return Ok((both.clone(), both));
    }
    let (receiving, competent) = match (receiving.as_slice(), competent.as_slice()) {
        ([], []) => return Err(missing()),
        (given, []) if parties.len() == 2 => (receiving.clone(), other(given, parties)),
        ([], given) if parties.len() == 2 => (other(given, parties), competent),
        ([], _) | (_, []) => return Err(missing()),
        _ => (receiving, competent),
    };
    if directions(&receiving, &competent).is_empty() {
        return Err(same());
    }
    Ok(match direction {
        Direction::AsWritten | Direction::Both => (receiving, competent),
        Direction::Reversed => (competent, receiving),
    })
}

/// The side opposite to a given one: the other party, or both when both are given.
fn other(given: &[DistrictCode], parties: &[DistrictCode]) -> Vec<DistrictCode> {
    match given {
        [one] => parties.iter().copied().filter(|party| party != one).collect(),
        _ => parties.to_vec(),
    }
}

fn missing() -> Problem {
    let message = Message::new("没有收件地或业务属地", "the receiving or the competent district is missing");
    Problem::invalid(vec!["receiving".to_owned()], "SIDE_MISSING", message).remedy(
        "请填写这两列，或给出默认值，或选择双向",
        "fill in both columns, give defaults for them, or choose both ways",
    )
}

fn same() -> Problem {
    let message = Message::new("收件地与业务属地相同", "the receiving and the competent district are the same");
    Problem::invalid(vec!["competent".to_owned()], "SAME_SIDES", message)
        .remedy("跨域通办的两地应不同；双向请填“双方”", "write two different districts, or 双方 for both ways")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(code: &str) -> DistrictCode {
        code.parse().expect("a code")
    }

    #[test]
    fn a_missing_side_is_the_other_party_of_two() {
        let (a, b, c) = (party("440115"), party("320583"), party("310112"));
        let of = |receiving: &[_], competent: &[_], parties: &[_], direction| {
            complete(receiving.to_vec(), competent.to_vec(), parties, direction).map_err(|problem| problem.rule)
        };
        assert_eq!(of(&[a], &[], &[a, b], Direction::AsWritten), Ok((vec![a], vec![b])));
        assert_eq!(of(&[], &[a, b], &[a, b], Direction::AsWritten), Ok((vec![a, b], vec![a, b])));
        assert_eq!(of(&[a], &[b], &[a, b], Direction::Reversed), Ok((vec![b], vec![a])));
        assert_eq!(of(&[a], &[b], &[a, b, c], Direction::Both), Ok((vec![a, b], vec![a, b])));
        assert_eq!(of(&[], &[], &[a, b], Direction::Both), Ok((vec![a, b], vec![a, b])));
        assert_eq!(of(&[], &[], &[a, b], Direction::AsWritten), Err("SIDE_MISSING"));
        assert_eq!(of(&[a], &[], &[a, b, c], Direction::AsWritten), Err("SIDE_MISSING"));
        assert_eq!(of(&[a], &[a], &[a, b], Direction::AsWritten), Err("SAME_SIDES"));
    }
}
