//! Codes of districts, matters, bodies and agreements. A code that parses has the right form; whether a record with
//! that code exists is checked elsewhere.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::problem::Malformed;

/// A code that occurs in lists. An entry that cannot be parsed becomes `UNREAD`, so that the indexes of the others stay
/// right.
pub trait ListedCode: FromStr<Err = Malformed> + Ord + Copy {
    const UNREAD: Self;
}

/// Text codes of fixed size: copied, compared and hashed without heap allocation.
macro_rules! text_code {
    ($(#[$meta:meta])* $name:ident, $width:literal, $check:expr) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $width]);

        impl $name {
            /// Placeholder for a code that could not be parsed, so that the rest of the form can be checked. No text
            /// parses to it and no record has it.
            pub const UNREAD: Self = Self([0; $width]);

            pub fn is_unread(self) -> bool {
                self == Self::UNREAD
            }

            pub fn as_str(&self) -> &str {
                let end = self.0.iter().position(|b| *b == 0).unwrap_or($width);
                std::str::from_utf8(&self.0[..end]).expect("only ASCII was let in")
            }

            fn fitting(text: &[u8]) -> Self {
                let mut bytes = [0; $width];
                bytes[..text.len()].copy_from_slice(text);
                Self(bytes)
            }
        }

        impl ListedCode for $name {
            const UNREAD: Self = Self::UNREAD;
        }

        impl FromStr for $name {
            type Err = Malformed;
            fn from_str(text: &str) -> Result<Self, Malformed> {
                let check: fn(&[u8]) -> Option<&[u8]> = $check;
                check(text.as_bytes()).map(Self::fitting).ok_or(Malformed::$name)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.pad(self.as_str()) }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.as_str()) }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.serialize_str(self.as_str()) }
        }
    };
}

fn digits(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_digit)
}

text_code! {
    /// The code of a district: six digits of GB/T 2260 or of the statistics pseudo-codes of zones, or a
    /// code given by this registry (`130600-Z01`); nine digits of GB/T 10114 for a township. The 12-digit form padded
    /// with zeros is the same code.
    DistrictCode, 10, |text| match text.len() {
        6 if digits(text) => Some(text),
        9 if digits(text) && text[6..] != *b"000" => Some(text),
        12 if digits(text) && text[6..] == *b"000000" => Some(&text[..6]),
        12 if digits(text) && text[9..] == *b"000" => Some(&text[..9]),
        10 if digits(&text[..6]) && text[6..8] == *b"-Z" && digits(&text[8..]) => Some(text),
        _ => None,
    }
}

text_code! {
    /// The national basic code of a matter, 12 digits (GB/T 39554.1); or, for a matter without one, a code chosen by
    /// the steward: `L` and 11 digits or capital letters.
    MatterCode, 12, |text| {
        let local = || text.first() == Some(&b'L') && text[1..].iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
        (text.len() == 12 && (digits(text) || local())).then_some(text)
    }
}

impl MatterCode {
    /// The event type, digits 3 and 4 of a basic code, when they name a power and not a service:
    /// 02 penalty, 03 coercion, 04 levy, 06 inspection. Such matters are not for cross-region handling.
    pub fn is_power(&self) -> bool {
        matches!(&self.0[2..4], b"02" | b"03" | b"04" | b"06") && self.0[0] != b'L'
    }
}

text_code! {
    /// The unified social credit code, 18 characters (GB 32100).
    CreditCode, 18, |text| (text.len() == 18 && text.iter().all(|b| credit_value(*b).is_some())).then_some(text)
}

/// The value of a character in GB 32100: digits and capital letters without I, O, S, V and Z.
fn credit_value(character: u8) -> Option<u32> {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    ALPHABET.iter().position(|b| *b == character).and_then(|at| u32::try_from(at).ok())
}

/// The result of checking the check character of a credit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreditCheck {
    Right,
    /// A government body or public institution whose check character is wrong: the code is wrong.
    Wrong,
    /// A company whose check character is wrong. Some legal codes of the early pilot are like this, so it is only a
    /// warning.
    WrongButMayBeLegal,
}

impl CreditCode {
    /// Checks the last character after GB 32100: the weights are powers of 3 modulo 31.
    pub fn check(&self) -> CreditCheck {
        let mut sum = 0;
        let mut weight = 1;
        for character in &self.0[..17] {
            sum += credit_value(*character).expect("checked when it was parsed") * weight;
            weight = weight * 3 % 31;
        }
        let expected = (31 - sum % 31) % 31;
        if credit_value(self.0[17]) == Some(expected) {
            return CreditCheck::Right;
        }
        // Class 9: companies and other bodies of trade and industry.
        if self.0[0] == b'9' { CreditCheck::WrongButMayBeLegal } else { CreditCheck::Wrong }
    }
}

text_code! {
    /// The implementing code of an offering, 31 characters: credit code (18), level of exercise (1), basic
    /// code (12); with the handling item 33.
    OfferingCode, 33, |text| {
        let form = matches!(text.len(), 31 | 33) && text.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
        form.then_some(text)
    }
}

impl OfferingCode {
    /// The body that implements, when its part of the code has the form of a credit code.
    pub fn credit_code(&self) -> Option<CreditCode> {
        self.as_str()[..18].parse().ok()
    }

    /// The level of exercise: 1 national, 2 province, 3 prefecture, 4 county, 5 township.
    pub fn level(&self) -> char {
        char::from(self.0[18])
    }

    /// The matter that is implemented, when its part of the code is a basic code.
    pub fn basic_code(&self) -> Option<MatterCode> {
        self.as_str()[19..31].parse().ok()
    }

    /// The handling item (业务办理项), the two characters after the implementing code.
    pub fn handling_item(&self) -> Option<&str> {
        self.as_str().get(31..).filter(|item| !item.is_empty())
    }

    /// Whether all its parts are valid.
    pub fn is_sound(&self) -> bool {
        self.credit_code().is_some_and(|code| code.check() != CreditCheck::Wrong) && self.basic_code().is_some()
    }
}

/// The number of an agreement, assigned by the registry and never reused: `TB-2021-000001`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AgreementNumber {
    year: u16,
    serial: u32,
}

impl AgreementNumber {
    /// The largest serial number.
    pub const MAX_SERIAL: u32 = 999_999;

    /// `None` when the year does not have four digits or the serial more than six.
    pub fn new(year: u16, serial: u32) -> Option<Self> {
        ((1949..=9999).contains(&year) && (1..=Self::MAX_SERIAL).contains(&serial)).then_some(Self { year, serial })
    }

    pub fn serial(self) -> u32 {
        self.serial
    }
}

impl ListedCode for AgreementNumber {
    const UNREAD: Self = Self { year: 0, serial: 0 };
}

impl FromStr for AgreementNumber {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let number = || {
            let (year, serial) = text.strip_prefix("TB-")?.split_once('-')?;
            let form = year.len() == 4 && serial.len() == 6 && digits(year.as_bytes()) && digits(serial.as_bytes());
            form.then(|| Self::new(year.parse().ok()?, serial.parse().ok()?)).flatten()
        };
        number().ok_or(Malformed::AgreementNumber)
    }
}

impl fmt::Display for AgreementNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TB-{:04}-{:06}", self.year, self.serial)
    }
}

impl fmt::Debug for AgreementNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for AgreementNumber {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_padded_form_of_a_district_code_is_the_same_code() {
        let code: DistrictCode = "440115".parse().expect("six digits");
        assert_eq!("440115000000".parse(), Ok(code));
        assert_eq!("130600-Z01".parse::<DistrictCode>().expect("a zone").to_string(), "130600-Z01");
        for wrong in [
            "",
            "44011",
            "4401155",
            "44011５",
            "440115000001",
            "130600-z01",
            "130600-Z1",
            "130600-Z001",
            " 440115",
            "44011a",
        ] {
            assert_eq!(wrong.parse::<DistrictCode>(), Err(Malformed::DistrictCode), "{wrong}");
        }
    }

    #[test]
    fn a_matter_code_is_national_or_local() {
        for right in ["000117051000", "L0000000000A", "LGA000000001"] {
            assert_eq!(right.parse::<MatterCode>().expect(right).as_str(), right);
        }
        for wrong in ["00011705100", "0001170510000", "l00000000001", "L0000000000a", "X00000000001", "00011705100O"] {
            assert_eq!(wrong.parse::<MatterCode>(), Err(Malformed::MatterCode), "{wrong}");
        }
        assert!("000217051000".parse::<MatterCode>().expect("a penalty").is_power());
        assert!(!"002017051000".parse::<MatterCode>().expect("a public service").is_power());
    }

    /// Columns: code, length, computed_check_char, valid, origin. Real codes, three legal companies of the
    /// early pilot that fail the check, and two that were made.
    const VECTORS: &str = include_str!("../tests/uscc_test_vectors.csv");

    #[test]
    fn credit_codes_are_checked_as_gb_32100_says() {
        let mut rows = csv::Reader::from_reader(VECTORS.as_bytes());
        let mut count = 0;
        for row in rows.records() {
            let row = row.expect("a row");
            let (code, valid) = (&row[0], &row[3] == "1");
            let check = code.parse::<CreditCode>().map(|code| code.check());
            match check {
                Ok(CreditCheck::Right) => assert!(valid, "{code}"),
                Ok(CreditCheck::WrongButMayBeLegal) => assert!(!valid && code.starts_with('9'), "{code}"),
                Ok(CreditCheck::Wrong) | Err(_) => assert!(!valid && !code.starts_with('9'), "{code}"),
            }
            count += 1;
        }
        assert_eq!(count, 15);
    }

    #[test]
    fn an_implementing_code_is_a_body_a_level_and_a_matter() {
        for (code, body, level, matter) in [
            ("11440232MB2D06811W4000117051000", "11440232MB2D06811W", '4', "000117051000"),
            ("11440300MB2D0722464440127028001", "11440300MB2D072246", '4', "440127028001"),
            ("12441500196720244T3442199806003", "12441500196720244T", '3', "442199806003"),
        ] {
            let code: OfferingCode = code.parse().expect(code);
            assert_eq!(code.credit_code().expect("a body").as_str(), body);
            assert_eq!(code.level(), level);
            assert_eq!(code.basic_code().expect("a matter").as_str(), matter);
            assert_eq!(code.handling_item(), None);
            assert!(code.is_sound());
        }
        let item: OfferingCode = "11440232MB2D06811W400011705100002".parse().expect("33 characters");
        assert_eq!(item.handling_item(), Some("02"));
        let wrong: OfferingCode = "11440232MB2D06811X4000117051000".parse().expect("the form is right");
        assert!(!wrong.is_sound());
        assert!("11440232MB2D06811W400011705100".parse::<OfferingCode>().is_err());
    }

    #[test]
    fn an_agreement_number_shows_year_and_serial() {
        let number = AgreementNumber::new(2021, 1).expect("in range");
        assert_eq!(number.to_string(), "TB-2021-000001");
        assert_eq!("TB-2021-000001".parse(), Ok(number));
        for wrong in
            ["TB-2021-1", "TB-2021-000000", "tb-2021-000001", "TB-2021-0000001", "TB-021-000001", "TB-2021-+00001"]
        {
            assert_eq!(wrong.parse::<AgreementNumber>(), Err(Malformed::AgreementNumber), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_parsed_code_keeps_its_text(text in "\\PC{0,34}") {
            if let Ok(code) = text.parse::<DistrictCode>() { prop_assert!(text.starts_with(code.as_str())); }
            if let Ok(code) = text.parse::<MatterCode>() { prop_assert_eq!(code.as_str(), &text); }
            if let Ok(code) = text.parse::<OfferingCode>() { prop_assert_eq!(code.as_str(), &text); }
            if let Ok(code) = text.parse::<CreditCode>() { prop_assert_eq!(code.as_str(), &text); }
            if let Ok(number) = text.parse::<AgreementNumber>() { prop_assert_eq!(number.to_string(), text); }
        }

        #[test]
        fn every_well_formed_code_parses(six in "[0-9]{6}", nn in "[0-9]{2}", local in "L[0-9A-Z]{11}", basic in "[0-9]{12}") {
            prop_assert!(six.parse::<DistrictCode>().is_ok());
            prop_assert_eq!(format!("{six}000000").parse::<DistrictCode>(), six.parse());
            let zone = format!("{six}-Z{nn}");
            prop_assert_eq!(zone.parse::<DistrictCode>().map(|code| code.to_string()), Ok(zone));
            prop_assert!(local.parse::<MatterCode>().is_ok());
            prop_assert!(basic.parse::<MatterCode>().is_ok());
        }

        #[test]
        fn one_changed_character_of_a_credit_code_is_noticed(at in 0usize..18, to in "[0-9A-HJ-NPQRTUWXY]") {
            let right = "11440232MB2D06811W";
            let mut changed = right.to_owned();
            changed.replace_range(at..=at, &to);
            if changed != right {
                prop_assert_ne!(changed.parse::<CreditCode>().expect("the alphabet").check(), CreditCheck::Right);
            }
        }

        #[test]
        fn codes_of_each_kind_sort_as_their_text_does(a in "[0-9]{6}(-Z[0-9]{2})?", b in "[0-9]{6}(-Z[0-9]{2})?") {
            let (x, y): (DistrictCode, DistrictCode) = (a.parse().expect("a"), b.parse().expect("b"));
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
        }
    }
}
