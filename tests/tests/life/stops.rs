//! Suspensions by parties, and stops of the registry: now or later, of everything or of a part.

use scenarios::TestRegistry;
use serde_json::{Value, json};

use crate::world::{DISTRICTS, MATTERS, World, attempt};

impl World {
    /// Gives a line of a suspension a scope, or none.
    pub(crate) fn scope(&mut self, flag: &mut Value) {
        let codes = DISTRICTS.map(|(code, ..)| code);
        for (field, of, most) in [
            ("clauses", &["1", "2"][..], 1),
            ("matters", &MATTERS, 2),
            ("receiving", &codes, 3),
            ("competent", &codes, 3),
        ] {
            if self.once_in(4) {
                flag["scope"][field] = json!(self.some(of, 1, most));
            }
        }
    }

    /// The same for an input.
    fn stop_scope(&mut self) -> String {
        let mut flag = json!({});
        self.scope(&mut flag);
        let Some(scope) = flag["scope"].as_object() else { return String::new() };
        let lists: Vec<String> = scope.iter().map(|(field, list)| format!("{field}: {list}")).collect();
        format!(", scope: {{ {} }}", lists.join(", "))
    }

    fn days(&mut self) -> String {
        let mut days = String::new();
        for field in ["from", "until"] {
            if self.once_in(2) {
                days.push_str(&format!(r#", {field}: "{}""#, self.coming()));
            }
        }
        days
    }

    pub(crate) async fn suspend(&mut self, registry: &TestRegistry, number: &str, party: &str) {
        let input = format!(
            r#"number: "{number}", party: "{party}", reason: "检修", publicText: "系统检修"{}{}"#,
            self.days(),
            self.stop_scope()
        );
        drop(attempt(&registry.signatory(party), "suspendAgreement", &input, "").await);
    }

    /// The registry stops a part, or ends one of its stops.
    pub(crate) async fn stop(&mut self, registry: &TestRegistry, number: &str) {
        let steward = registry.steward();
        if self.once_in(2) {
            let input = format!(
                r#"numbers: ["{number}"], reason: "核查", publicText: "核查"{}{}"#,
                self.days(),
                self.stop_scope()
            );
            drop(attempt(&steward, "stop", &input, "").await);
            return;
        }
        let asked = steward.ask(&format!(r#"{{ agreement(number: "{number}") {{ suspensions {{ id }} }} }}"#)).await;
        let suspensions = asked["agreement"]["suspensions"].as_array().cloned().unwrap_or_default();
        if !suspensions.is_empty() {
            let id = &suspensions[self.rng.usize(0..suspensions.len())]["id"];
            drop(attempt(&steward, "endStop", &format!(r#"ids: [{id}], reason: "已核查""#), "").await);
        }
    }
}
