//! The whole bed over both real transports, chapter by chapter.

mod account;
mod contacts;
mod emails;
mod idempotent;
mod lists;
mod reports;
mod senders;
mod tokens;
mod wait_for;

use std::collections::BTreeSet;

use crate::support::{MakeTransport, TestBed};

pub use tokens::second_factor;

macro_rules! chapters {
    ($($resource:ident: $($chapter:ident),+;)+) => {
        /// Walks every chapter, and tells which operations were answered with success.
        pub async fn walk(transport: MakeTransport) -> BTreeSet<&'static str> {
            let mut done = BTreeSet::new();
            $($(
                let bed = TestBed::over(transport).await;
                $resource::$chapter(&bed).await;
                done.extend(succeeded(&bed));
            )+)+
            done
        }

        chapters!(@test over_reqwest 0 $($resource: $($chapter),+;)+);
        chapters!(@test over_hyper 1 $($resource: $($chapter),+;)+);
    };
    (@test $name:ident $transport:literal $($resource:ident: $($chapter:ident),+;)+) => {
        mod $name {
            use crate::support::{TestBed, TRANSPORTS};

            $($(
                #[tokio::test]
                async fn $chapter() {
                    super::$resource::$chapter(&TestBed::over(TRANSPORTS[$transport]).await).await;
                }
            )+)+
        }
    };
}

chapters! {
    account: webhooks, domains, dkim_keys, who_am_i;
    contacts: a_contact_from_first_to_last, contacts_are_found;
    emails: every_kind_of_content, all_that_an_email_can_carry, what_was_sent_is_shown, suppressed_recipients;
    reports: logs, summaries, reports, tags;
    lists: a_list_from_first_to_last;
    idempotent: under_a_key, many, preflight;
    senders: confirmed_at_once, confirmed_by_mail, a_sender_changes_and_goes;
    tokens: kept_by_the_caller, one_for_all_calls;
    wait_for: every_milestone, what_ends_the_waiting;
}

pub fn succeeded(bed: &TestBed) -> impl Iterator<Item = &'static str> {
    bed.sandbox.requests().into_iter().filter(|request| request.status < 300).filter_map(|request| request.operation)
}
