//! Where the window shows what is spoken of: the fragments of its pages' address.

/// The view that tells of whatever has no view of its own.
pub const DASHBOARD: &str = "#/dashboard";

/// The dashboard at a budget's card.
pub fn view_of_budget(id: &str) -> String {
    format!("{DASHBOARD}?budget={}", encoded(id))
}

/// The settings, where a budget's limit is raised once.
pub fn view_of_raise(id: &str) -> String {
    format!("#/settings/budgets?raise={}", encoded(id))
}

/// An id as a value in a fragment's query.
fn encoded(id: &str) -> String {
    form_urlencoded::byte_serialize(id.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_of_any_name_has_a_view() {
        assert_eq!(view_of_budget("openai-day"), "#/dashboard?budget=openai-day");
        assert_eq!(view_of_raise("é & #1"), "#/settings/budgets?raise=%C3%A9+%26+%231");
    }
}
