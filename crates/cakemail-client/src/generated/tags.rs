//! Tags: the words that emails are filed under.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use cakemail_model::tags::{ListEmailTags, ListEmailTagsQuery};

use crate::listing::Paged;
use crate::{Client, Listing};

/// Tags: the words that emails are filed under.
#[derive(Debug, Clone, Copy)]
pub struct Tags<'a> {
    pub(crate) client: &'a Client,
}

impl Client {
    /// Tags: the words that emails are filed under.
    pub fn tags(&self) -> Tags<'_> {
        Tags { client: self }
    }
}

impl Tags<'_> {
    /// Lists the tags that the account has used.
    ///
    /// Tags come into being when an email first uses them; nothing creates or deletes them
    /// separately. Here, and only here, the total is counted unless `with_count` is false.
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

    fn advance(&mut self, _: Option<&str>) {
        self.query.page = Some(self.page().saturating_add(1));
    }
}
