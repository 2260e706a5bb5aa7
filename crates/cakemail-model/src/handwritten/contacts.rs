//! Setters of contacts.

use crate::contacts::{ContactPatch, NewContact, NewContactAttribute};

impl NewContact {
    /// Adds an attribute, which must be defined for the list.
    #[must_use]
    pub fn attribute(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.custom_attributes([NewContactAttribute::new(name).value(value)])
    }
}

impl ContactPatch {
    /// Sets an attribute, which must be defined for the list.
    #[must_use]
    pub fn attribute(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.custom_attributes([NewContactAttribute::new(name).value(value)])
    }

    /// Adds a tag to those that the contact will have.
    #[must_use]
    pub fn tag(self, tag: impl Into<String>) -> Self {
        self.tags([tag])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{ContactPatch, NewContact};

    #[test]
    fn each_setter_of_a_list_adds_to_it() {
        let contact = NewContact::new("ada@example.com").attribute("name", "Ada").attribute("city", "Lyon");
        let attributes = json!([{ "name": "name", "value": "Ada" }, { "name": "city", "value": "Lyon" }]);
        assert_eq!(serde_json::to_value(contact).unwrap()["custom_attributes"], attributes);
        let patch =
            ContactPatch::new().tag("a").tags(["b", "c"]).tag("d").attribute("name", "Ada").attribute("city", "Lyon");
        let expected = json!({ "tags": ["a", "b", "c", "d"], "custom_attributes": attributes });
        assert_eq!(serde_json::to_value(patch).unwrap(), expected);
    }

    #[test]
    fn an_empty_list_is_sent_as_one() {
        let patch = ContactPatch::new().tags([""; 0]);
        assert_eq!(serde_json::to_value(patch).unwrap(), json!({ "tags": [] }));
    }
}
