//! A file between the steps of an import. There is no store of uploaded files: a small one goes on in the form, and a
//! longer one is chosen again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use maud::{Markup, html};
use registry::presentation::Say as _;

use crate::console::trouble::Trouble;
use crate::submission::Submission;
use crate::visit::Visit;

/// The field for a file, and the fields of one that goes on in a form.
pub(crate) const FILE: &str = "file";
const CONTENT: &str = "content";
const NAME: &str = "fileName";
/// A longer file does not go on in a form.
const MAX_CARRIED: usize = 1 << 20;
/// The header of pasted lines that have none.
const HEADER: &str = "事项名称\t通办方式\t收件地\t业务属地";
/// The forms of lists that can be read.
pub(crate) const ACCEPTED: &str = ".xlsx,.xls,.csv,.tsv,.txt";

#[derive(Debug, Clone)]
pub(crate) struct ListFile {
    pub(crate) name: String,
    /// In base64.
    pub(crate) content: Bytes,
}

impl ListFile {
    /// The file that was chosen, else the one that goes on in the form.
    pub(crate) fn read(form: &Submission) -> Option<Self> {
        if let Some(file) = form.file(FILE).filter(|file| !file.content.is_empty()) {
            return Some(Self { name: file.name.clone(), content: STANDARD.encode(&file.content).into() });
        }
        let content = form.get(CONTENT);
        (!content.is_empty()).then(|| Self { name: form.get(NAME).to_owned(), content: content.to_owned().into() })
    }

    /// Pasted lines as a list: the columns of a line are between tabs or |. Without a header the usual columns are meant.
    pub(crate) fn of_lines(name: &str, lines: &str) -> Self {
        let text = lines.replace(['|', '｜'], "\t");
        let has_header = text.lines().next().is_some_and(|first| first.contains("事项") && first.contains('\t'));
        let text = if has_header { text } else { format!("{HEADER}\n{text}") };
        Self { name: name.to_owned(), content: STANDARD.encode(text).into() }
    }

    fn is_carried(&self) -> bool {
        self.content.len() / 4 * 3 <= MAX_CARRIED
    }

    /// The encoding of the form: a file that is chosen needs parts.
    pub(crate) fn enctype(&self) -> Option<&'static str> {
        (!self.is_carried()).then_some("multipart/form-data")
    }

    /// The file in the form, or the field to choose it once more.
    pub(crate) fn carry(&self, visit: &Visit) -> Markup {
        let locale = visit.locale;
        html! {
            input type="hidden" name=(NAME) value=(self.name) {}
            @if self.is_carried() {
                input type="hidden" name=(CONTENT) value=(String::from_utf8_lossy(&self.content)) {}
            } @else {
                (field(
                    locale.say("请再选择一次同一个文件", "Choose the same file once more"),
                    locale.say("文件超过 1 MB，不随表单保留。", "It is longer than 1 MB, so the form does not keep it."),
                    &Trouble::default(),
                ))
            }
        }
    }
}

/// The field to choose a file.
pub(crate) fn field(label: &str, hint: &str, trouble: &Trouble) -> Markup {
    let is_faulty = !trouble.at(FILE).is_empty();
    html! {
        div class="field" {
            label for=(FILE) { (label) }
            p class="hint" id="file-hint" { (hint) }
            (trouble.notes(FILE))
            input id=(FILE) name=(FILE) type="file" accept=(ACCEPTED) aria-describedby="file-hint" aria-invalid=[is_faulty.then_some("true")] {}
        }
    }
}
