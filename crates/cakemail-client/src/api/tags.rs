//! Tags: the words that emails are filed under.

use cakemail_model::tags::{ListEmailTags, ListEmailTagsQuery};

use crate::Listing;
use crate::listing::paged;

group! {
    /// Tags: the words that emails are filed under. An email that uses one makes it.
    Tags, tags
}

paged!(ListEmailTags => String);

impl Tags<'_> {
    /// The tags that were used. `GET /email-tags`
    pub fn list(&self, query: ListEmailTagsQuery) -> Listing<String> {
        Listing::new(self.client, ListEmailTags { query })
    }
}
