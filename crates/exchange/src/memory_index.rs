//! Indexes in memory, made from the records that a caller has at hand.

use std::collections::HashMap;
use std::sync::OnceLock;

use domain::{District, DistrictCode, Matter, MatterCode};

use crate::matching::{Likely, MatterIndex};
use crate::side::PartyIndex;
use crate::similarity::Likeness;
use crate::value::narrow::folded;

/// Matters by code, name and alias.
#[derive(Debug, Default)]
pub struct MatterNames {
    names: HashMap<MatterCode, String>,
    by_name: HashMap<String, Vec<MatterCode>>,
    by_alias: HashMap<String, Vec<MatterCode>>,
    /// Made when a name is not found for the first time.
    likeness: OnceLock<Likeness<MatterCode>>,
}

impl MatterNames {
    pub fn new<'a>(matters: impl IntoIterator<Item = &'a Matter>) -> Self {
        let mut index = Self::default();
        for matter in matters {
            index.names.insert(matter.code, matter.name.to_string());
            index.by_name.entry(folded(&matter.name)).or_default().push(matter.code);
            for alias in &matter.aliases {
                index.by_alias.entry(folded(alias)).or_default().push(matter.code);
            }
        }
        index
    }
}

impl MatterIndex for MatterNames {
    fn exists(&self, code: MatterCode) -> bool {
        self.names.contains_key(&code)
    }

    fn by_folded_name(&self, name: &str) -> Vec<MatterCode> {
        self.by_name.get(name).cloned().unwrap_or_default()
    }

    fn by_folded_alias(&self, alias: &str) -> Vec<MatterCode> {
        self.by_alias.get(alias).cloned().unwrap_or_default()
    }

    fn likeliest(&self, text: &str, most: usize) -> Vec<Likely> {
        let named = || self.names.iter().map(|(code, name)| (*code, folded(name)));
        let likeness = self.likeness.get_or_init(|| Likeness::new(named()));
        let name = |code: MatterCode| Likely { code, name: self.names.get(&code).cloned().unwrap_or_default() };
        likeness.likeliest(&folded(text), most).into_iter().map(name).collect()
    }
}

/// The parties of an agreement by code, name, alias and short name.
#[derive(Debug, Clone, Default)]
pub struct PartyNames {
    parties: Vec<DistrictCode>,
    names: Vec<(String, DistrictCode)>,
    /// Every code of a district, with the one that the agreement uses.
    codes: HashMap<DistrictCode, DistrictCode>,
}

/// Endings of names of districts that people leave out.
const ENDINGS: [&str; 8] = ["自治县", "自治州", "新区", "地区", "市", "区", "县", "盟"];

impl PartyNames {
    pub fn new<'a>(parties: impl IntoIterator<Item = &'a District>) -> Self {
        Self::under_codes(parties.into_iter().map(|district| (district.code, district)))
    }

    /// Parties with the codes that the agreement uses for them, which may be former ones.
    pub fn under_codes<'a>(parties: impl IntoIterator<Item = (DistrictCode, &'a District)>) -> Self {
        let mut index = Self::default();
        for (code, district) in parties {
            index.parties.push(code);
            index.codes.extend(district.all_codes().chain([code]).map(|known| (known, code)));
            let aliases = district.aliases.iter().map(AsRef::as_ref);
            for name in std::iter::once(district.name.as_ref()).chain(aliases) {
                index.names.push((folded(name), code));
            }
        }
        index
    }
}

impl PartyIndex for PartyNames {
    fn parties(&self) -> &[DistrictCode] {
        &self.parties
    }

    fn resolve(&self, text: &str) -> Vec<DistrictCode> {
        let folded = folded(text);
        if let Ok(code) = folded.to_ascii_uppercase().parse::<DistrictCode>() {
            return self.codes.get(&code).copied().into_iter().collect();
        }
        let matching = |is_meant: &dyn Fn(&str) -> bool| {
            let mut found: Vec<DistrictCode> =
                self.names.iter().filter(|(name, _)| is_meant(name)).map(|(_, code)| *code).collect();
            found.sort_unstable();
            found.dedup();
            found
        };
        let exact = matching(&|name| name == folded);
        if !exact.is_empty() {
            return exact;
        }
        let short = matching(&|name| short(name) == short(&folded));
        if !short.is_empty() {
            return short;
        }
        // A path: 江苏省昆山市.
        matching(&|name| name.chars().count() >= 3 && folded.ends_with(name))
    }
}

/// The name without its ending, unless too little is left.
fn short(name: &str) -> &str {
    let stripped = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending));
    stripped.filter(|short| short.chars().count() >= 2).unwrap_or(name)
}
