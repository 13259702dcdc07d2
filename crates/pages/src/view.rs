//! The view of a visitor: normal, or for the elderly (长辈版) with larger type, one column and high contrast. A cookie
//! remembers it.

use registry::presentation::Say as _;

/// The name of the cookie, and of the parameter that switches the view.
pub(crate) const VIEW: &str = "view";
const ELDER: &str = "elder";

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum View {
    #[default]
    Normal,
    Elder,
}

impl View {
    /// Reads the header `Cookie`.
    pub fn of_cookies(cookies: &str) -> Self {
        let view = |pair: &str| pair.trim().split_once('=').is_some_and(|(name, value)| name == VIEW && value == ELDER);
        if cookies.split(';').any(view) { Self::Elder } else { Self::Normal }
    }

    /// The view that a parameter switches to.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            ELDER => Some(Self::Elder),
            "normal" => Some(Self::Normal),
            _ => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Elder => ELDER,
        }
    }

    pub(crate) fn other(self) -> Self {
        match self {
            Self::Normal => Self::Elder,
            Self::Elder => Self::Normal,
        }
    }

    pub(crate) fn label(self, locale: domain::Locale) -> &'static str {
        match self {
            Self::Normal => locale.say("标准版", "Standard view"),
            Self::Elder => locale.say("长辈版", "Large type"),
        }
    }

    /// The header `Set-Cookie` that remembers the view for a year.
    pub fn cookie(self) -> &'static str {
        match self {
            Self::Normal => "view=; Path=/; Max-Age=0; SameSite=Lax; HttpOnly",
            Self::Elder => "view=elder; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::View;

    #[test]
    fn the_view_is_read_from_the_cookies() {
        assert_eq!(View::of_cookies("a=b; view=elder"), View::Elder);
        assert_eq!(View::of_cookies("view=normal; preview=elder"), View::Normal);
        assert_eq!(View::of_cookies(""), View::Normal);
    }
}
