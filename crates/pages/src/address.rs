//! The address of a page: a path with parameters. A link on a list changes one parameter and keeps the others.

use maud::{Markup, Render, html};

/// The most parameters that a page reads, and the longest value of one; the rest is cut off.
const MAX_PARAMETERS: usize = 40;
pub(crate) const MAX_TEXT_LENGTH: usize = 120;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    path: String,
    parameters: Vec<(String, String)>,
}

impl Address {
    pub(crate) fn new(path: impl Into<String>) -> Self {
        Self { path: path.into(), parameters: Vec::new() }
    }

    /// Reads the query of an address. Empty values are left out.
    pub(crate) fn read(path: &str, query: &str) -> Self {
        let parameters = form_urlencoded::parse(query.as_bytes())
            .take(MAX_PARAMETERS)
            .map(|(name, value)| (cut(&name), cut(&value)))
            .filter(|(_, value)| !value.is_empty());
        Self { path: path.to_owned(), parameters: parameters.collect() }
    }

    /// The value of a parameter; empty without it.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.parameters.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value.as_str())
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The same address with one value of a parameter. An empty value removes it.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.parameters.retain(|(other, _)| other != name);
        let value = value.into();
        if !value.is_empty() {
            self.parameters.push((name.to_owned(), value));
        }
        self
    }

    #[must_use]
    pub(crate) fn without(self, name: &str) -> Self {
        self.with(name, "")
    }

    /// The parameters, apart from some, as hidden fields of a form.
    pub(crate) fn hidden_except(&self, shown: &[&str]) -> Markup {
        html! {
            @for (name, value) in self.parameters.iter().filter(|(name, _)| !shown.contains(&name.as_str())) {
                input type="hidden" name=(name) value=(value) {}
            }
        }
    }

    pub(crate) fn text(&self) -> String {
        if self.parameters.is_empty() {
            return self.path.clone();
        }
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.parameters).finish();
        format!("{}?{query}", self.path)
    }
}

fn cut(text: &str) -> String {
    text.trim().chars().take(MAX_TEXT_LENGTH).collect()
}

impl Render for Address {
    fn render(&self) -> Markup {
        self.text().render()
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn one_parameter_is_replaced_and_the_others_stay() {
        let address = Address::read("/agreements", "q=%E5%8D%97%E6%B2%99&standing=&mode=FULL_ONLINE&page=3");
        assert_eq!((address.get("q"), address.get("standing"), address.get("page")), ("南沙", "", "3"));
        assert_eq!(address.clone().with("page", "4").without("mode").text(), "/agreements?q=%E5%8D%97%E6%B2%99&page=4");
        assert_eq!(Address::new("/").with("q", "").text(), "/");
        assert_eq!(address.hidden_except(&["q", "page"]).into_string().matches("<input").count(), 1);
    }
}
