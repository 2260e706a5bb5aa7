//! Tags: labels of emails.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use cakemail_model::tags::{ListEmailTags, ListEmailTagsQuery};

use crate::listing::Paged;
use crate::{Client, Listing};

/// Tags: labels of emails.
#[derive(Debug, Clone, Copy)]
pub struct Tags<'a> {
    pub(crate) client: &'a Client,
}

impl Client {
    /// Tags: labels of emails.
    pub fn tags(&self) -> Tags<'_> {
        Tags { client: self }
    }
}

impl Tags<'_> {
    /// Lists the tags that the account has used.
    ///
    /// An email that uses a tag for the first time creates it; nothing else creates or deletes
    /// tags. Unlike other lists, this one counts the total unless `with_count` is false.
    ///
    /// `GET /email-tags`
    pub fn list(&self, query: ListEmailTagsQuery) -> Listing<String> {
        Listing::new(self.client, ListEmailTags { query })
    }
}

impl Paged for ListEmailTags {
    type Item = String;

    fn page(&self) -> u64 {
        self.query.page.unwrap_or(1)
    }

    fn per_page(&self) -> Option<u64> {
        self.query.per_page
    }

    fn pin_end(&mut self, end: cakemail_model::Timestamp) {
        self.query.end_time.get_or_insert(end);
    }

    fn advance(&mut self, _: Option<&str>) {
        self.query.page = Some(self.page().saturating_add(1));
    }
}
