//! Names of districts as people write and paste them, one a line. A name that is not plain is asked back.

use domain::DistrictCode;
use maud::{Markup, html};
use registry::presentation::{Say as _, place};

use super::trouble::Trouble;
use crate::name;
use crate::side::Side;
use crate::submission::Submission;
use crate::visit::Visit;

/// The field with the names.
pub(super) const FIELD: &str = "parties";
/// The most lines that are read; an agreement has fewer parties.
const MAX_LINES: usize = 1_001;
/// Signs between names on one line.
const BETWEEN: [char; 7] = ['、', '；', ';', '\t', ',', '，', '与'];

/// What was written, and the districts that it means.
#[derive(Debug, Default)]
pub(super) struct Names {
    written: Vec<(String, Side)>,
}

impl Names {
    /// Reads the names of a form, with the answers to what was asked back. Among several districts of one name the
    /// caller's own is meant.
    pub(super) fn read(visit: &Visit, form: &Submission, field: &str) -> Self {
        let context = &visit.context;
        let ours = context.viewer.districts(&context.snapshot, context.today);
        let side = |text: &str| {
            let meant = form.get(&asked(text));
            let side = Side::read(if meant.is_empty() { text } else { meant }, &context.snapshot, context.today);
            let Side::Several(found) = side else { return side };
            let own: Vec<_> = found.iter().filter(|district| ours.contains(&district.code)).collect();
            match own[..] {
                [own] => Side::Known(own.clone()),
                _ => Side::Several(found),
            }
        };
        let mut written = Vec::new();
        for line in form.get(field).lines().map(str::trim).filter(|line| !line.is_empty()).take(MAX_LINES) {
            let whole = side(line);
            let pieces: Vec<&str> =
                line.split(BETWEEN).map(str::trim).filter(|piece| !piece.is_empty()).take(MAX_LINES).collect();
            if matches!(whole, Side::Unknown(_)) && pieces.len() > 1 {
                written.extend(pieces.into_iter().map(|piece| (piece.to_owned(), side(piece))));
            } else {
                written.push((line.to_owned(), whole));
            }
        }
        Self { written }
    }

    /// The points for looking them up.
    pub(super) fn cost(&self) -> u64 {
        self.written.len() as u64
    }

    /// The districts that are plain, each once.
    pub(super) fn codes(&self) -> Vec<DistrictCode> {
        let mut codes = Vec::new();
        for code in self.written.iter().filter_map(|(_, side)| side.known()).map(|district| district.code) {
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        codes
    }

    /// What is not plain.
    pub(super) fn trouble(&self, visit: &Visit, trouble: &mut Trouble) {
        let locale = visit.locale;
        for (written, side) in &self.written {
            match side {
                Side::Open | Side::Known(_) => {}
                Side::Several(_) => {
                    let text = locale.say("不止一处，请选择是哪一个", "means more than one district: choose which");
                    trouble.add(asked(written), format!("“{written}”{text}"));
                }
                Side::Unknown(guesses) if guesses.is_empty() => {
                    let text = locale.say(
                        "没有找到；请写区县名称、全称或六位区划代码",
                        "is not known; write the name, the full path or the six-digit code of a district",
                    );
                    trouble.add(FIELD, format!("“{written}”{text}"));
                }
                Side::Unknown(guesses) => {
                    let text = locale.say("没有找到；是否要找：", "is not known; did you mean ");
                    trouble.add(FIELD, format!("“{written}”{text}{}", guesses.join(locale.say("、", ", "))));
                }
            }
        }
    }

    /// The field, with the plain names written so that they stay plain, and the choices for those that are not.
    pub(super) fn draw(&self, visit: &Visit, label: &str, hint: &str, trouble: &Trouble) -> Markup {
        let locale = visit.locale;
        let is_faulty = !trouble.at(FIELD).is_empty();
        // Typing goes on in a line of its own.
        let lines: String =
            self.written.iter().map(|(written, side)| format!("{}\n", line(visit, written, side))).collect();
        let described = if is_faulty { "parties-hint parties-trouble" } else { "parties-hint" };
        html! {
            div class="field" {
                label for=(FIELD) { (label) }
                p class="hint" id="parties-hint" { (hint) }
                (trouble.notes(FIELD))
                textarea id=(FIELD) name=(FIELD) rows="4" spellcheck="false" aria-describedby=(described) aria-invalid=[is_faulty.then_some("true")] { (lines) }
            }
            @for (written, side) in &self.written {
                @if let Side::Several(found) = side {
                    fieldset class="field" aria-invalid="true" {
                        legend { @match locale { domain::Locale::Zh => { "“" (written) "”是哪一个？" } domain::Locale::En => { "Which “" (written) "”?" } } }
                        @for (at, district) in found.iter().enumerate() {
                            @let id = if at == 0 { asked(written) } else { format!("{}-{at}", asked(written)) };
                            p class="check" {
                                input type="radio" id=(id) name=(asked(written)) value=(district.code) {}
                                " " label for=(id) { (name::district_with_path(visit, district)) " " code { (district.code) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The field that asks what a name means.
fn asked(written: &str) -> String {
    format!("meant.{written}")
}

fn line(visit: &Visit, written: &str, side: &Side) -> String {
    side.known().map_or_else(|| written.to_owned(), |district| named(visit, district.code))
}

/// A district by its path and code, as a name that is always plain.
pub(super) fn named(visit: &Visit, code: DistrictCode) -> String {
    let snapshot = &visit.context.snapshot;
    snapshot.district(code).map_or_else(
        || code.to_string(),
        |district| format!("{}（{code}）", place(snapshot, district, visit.context.today, visit.locale)),
    )
}
