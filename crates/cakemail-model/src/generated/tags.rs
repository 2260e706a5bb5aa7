//! Tags: the words that emails are filed under.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use crate::prelude::*;

open_enum! {
    /// What a tag was used on.
    pub enum TagKind {
        /// Emails.
        Emails = "emails",
        /// Events, presumably those in the logs.
        Events = "events",
    }
}

request! {
    /// What [`ListEmailTags`] can be asked for.
    pub struct ListEmailTagsQuery {
        optional {
            /// Page to answer, counted from 1. Default: `1`.
            page: u64,
            /// Number of rows in a page. Default: `50`.
            per_page: u64,
            /// Whether to count all tags, and answer the total in `count`. On unless turned off,
            /// here only. Default: `true`.
            with_count: bool,
            /// Restricts the tags to this name; whether a part of a name matches is not documented.
            name: String,
            /// Restricts the tags to those used on emails or on events.
            #[serde(rename = "type")]
            kind: TagKind,
            /// Restricts the tags, presumably to those used from this time on, in epoch seconds.
            start_time: Timestamp,
            /// Restricts the tags, presumably to those used up to this time, in epoch seconds.
            end_time: Timestamp,
            /// Restricts the tags, presumably to those used together with these. A bare tag, or a
            /// JSON query such as `{"and":[{"is":"password-reset"},{"not":"test"}]}`, made of
            /// `and`, `or`, `not` and `is`, nested at will; `and` and `or` take an object or a
            /// list, `not` and `is` an object or a string.
            tags: TagFilter,
        }
    }
}

operation! {
    /// Lists the tags that the account has used.
    ///
    /// Tags come into being when an email first uses them; nothing creates or deletes them
    /// separately. Here, and only here, the total is counted unless `with_count` is false.
    ///
    /// `GET /email-tags`
    pub struct ListEmailTags = "listEmailTags" Get "/email-tags" Safe [account] {
        query ListEmailTagsQuery,
        answer Json Page<String>,
    }
}
