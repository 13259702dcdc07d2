//! A form as it was submitted.

/// The fields of a form, and the files with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Submission {
    pub fields: Vec<(String, String)>,
    pub files: Vec<UploadedFile>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadedFile {
    pub field: String,
    /// As the browser names it.
    pub name: String,
    pub content: Vec<u8>,
}

/// The field with the token that another site cannot know (CSRF).
pub const CSRF: &str = "csrf";

impl Submission {
    /// Reads `application/x-www-form-urlencoded`.
    pub fn of_form(body: &[u8]) -> Self {
        let fields = form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into_owned()));
        Self { fields: fields.collect(), files: Vec::new() }
    }

    /// The value of a field without space around it; empty without it.
    pub fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value.trim())
    }

    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(other, _)| other == name)
    }

    /// All values of a field, such as those of check boxes.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.trim())
    }

    /// The file of a field; `None`: none was chosen.
    pub fn file(&self, field: &str) -> Option<&UploadedFile> {
        self.files.iter().find(|file| file.field == field && !file.name.is_empty())
    }

    /// The fields as `application/x-www-form-urlencoded`, without the token: they are submitted again in a new session.
    pub fn kept(&self) -> String {
        let fields = self.fields.iter().filter(|(name, _)| name != CSRF);
        form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Submission;

    #[test]
    fn a_form_is_kept_without_its_token() {
        let form = Submission::of_form("title=%E5%8D%8F%E8%AE%AE&csrf=x&party=440115&party=310112+".as_bytes());
        assert_eq!((form.get("title"), form.get("nothing")), ("协议", ""));
        assert_eq!(form.all("party").collect::<Vec<_>>(), ["440115", "310112"]);
        let again = Submission::of_form(form.kept().as_bytes());
        assert_eq!((again.get("title"), again.has("csrf")), ("协议", false));
    }
}
